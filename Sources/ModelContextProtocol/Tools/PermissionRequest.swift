public import KubernetesCore
public import SwiftletAPI

/// Something that an attempt wants to be allowed before it does it.
public struct PermissionRequest: Hashable, Sendable {
    /// What is to be done, as a word for policies.
    public var action: String
    /// Why, for people.
    public var reason: String

    /// A request by both fields.
    public init(action: String, reason: String) {
        self.action = action
        self.reason = reason
    }

    /// What stands for these words on a task: the same words always have the same key.
    public func key(digest: (String) -> String) -> String {
        String(digest(action + "\n" + reason).prefix(12))
    }
}

/// What was asked for on a task, and what was answered: annotations, so that people see them, can
/// answer with kubectl, and nothing is lost with a process.
public struct TaskPermission: Hashable, Sendable {
    /// What somebody decided.
    public enum Answer: String, Hashable, Sendable {
        case allow
        case deny
    }

    /// On a task, followed by a key: what an attempt asks for.
    public static let asked = SwiftletNames.Annotation.permission
    /// On a task, followed by the same key: `allow` or `deny`.
    public static let answered = SwiftletNames.Annotation.permissionAnswer
    /// Most requests that are kept on one task.
    public static let countMax = 16

    /// What stands for the request.
    public var key: String
    /// What is asked for.
    public var request: PermissionRequest
    /// The attempt that asks.
    public var attempt: Int
    /// What was decided; nil while nobody has.
    public var answer: Answer?

    /// A permission by all its fields.
    public init(key: String, request: PermissionRequest, attempt: Int, answer: Answer? = nil) {
        self.key = key
        self.request = request
        self.attempt = attempt
        self.answer = answer
    }

    /// The annotation that asks.
    public var annotation: (key: String, value: String) {
        let value: JSONValue = [
            "action": .string(request.action), "reason": .string(request.reason),
            "attempt": .int(attempt),
        ]
        return (Self.asked + key, value.text)
    }

    /// Everything that was ever asked for on a task, in the order of keys. What cannot be read,
    /// because somebody wrote it, is nothing.
    public static func all(on task: BackgroundTask) -> [TaskPermission] {
        let annotations = task.metadata.annotations
        let keys = annotations.keys.filter { $0.hasPrefix(asked) }.sorted()
        return keys.prefix(countMax).compactMap { name in
            let key = String(name.dropFirst(asked.count))
            guard let text = annotations[name], text.utf8.count <= 8_192,
                let value = try? JSONValue(parsing: text),
                let action = value["action"]?.string, let attempt = value["attempt"]?.integer
            else { return nil }
            return TaskPermission(
                key: key,
                request: PermissionRequest(
                    action: action, reason: value["reason"]?.string ?? ""),
                attempt: Int(attempt),
                answer: annotations[answered + key].flatMap { Answer(rawValue: $0) })
        }
    }

    /// What the attempt that runs waits for somebody to decide.
    public static func open(on task: BackgroundTask) -> [TaskPermission] {
        guard task.status.phase == .running else { return [] }
        return all(on: task).filter { $0.answer == nil && $0.attempt == task.status.attempt }
    }

    // MARK: - For clients

    /// The question as the protocol puts it to whoever sits before the client.
    var inputRequest: JSONValue {
        var message = "The task asks to be allowed: " + request.action
        if !request.reason.isEmpty { message += "\n" + request.reason }
        return [
            "method": "elicitation/create",
            "params": [
                "mode": "form", "message": .string(message),
                "requestedSchema": [
                    "type": "object",
                    "properties": [
                        "allow": [
                            "type": "boolean", "title": "Allow it",
                            "description": .string(request.action),
                        ]
                    ],
                    "required": ["allow"],
                ],
            ],
        ]
    }

    /// What a client's response decides; nil where it decides nothing.
    public static func answer(in response: JSONValue) -> Answer? {
        switch response["action"] {
        case "accept":
            guard let allows = response["content"]?["allow"]?.bool else { return nil }
            return allows ? .allow : .deny
        case "decline": return .deny
        default: return nil
        }
    }
}
