public import KubernetesCore
public import SwiftletAPI

/// A task that is to be created, and how it is recognised when it was created before.
public struct TaskSubmission: Hashable, Sendable {
    /// The namespace.
    public let namespace: String
    /// The name that was asked for; nil where one is made up.
    public let name: String?
    /// What stands for the piece of work; nil where each call is a new one.
    public let key: String?
    /// Who asks.
    public let caller: MCPCaller
    /// The task's spec.
    public let spec: JSONValue

    /// Reads the arguments of `submit_task`, which its schema accepts.
    init(
        _ arguments: JSONValue, namespace: String, caller: MCPCaller
    ) throws(ToolRequest.Refusal) {
        self.namespace = namespace
        self.caller = caller
        key = arguments["idempotencyKey"]?.string
        name = arguments["name"]?.string
        if let name, let error = NameRules.dnsSubdomainErrors(name).first {
            throw ToolRequest.Refusal("name: \(error)")
        }
        var spec = JSONObject()
        for copied in [
            "type", "persona", "priority", "command", "args", "input", "timeoutSeconds",
            "queueTimeoutSeconds", "ttlSecondsAfterFinished",
        ] {
            spec[copied] = arguments[copied]
        }
        if let text = arguments["pool"]?.string {
            let pool = try ToolRequest.pool(text, in: namespace)
            var reference: JSONValue = ["name": .string(pool.name)]
            if pool.namespace != namespace { reference["namespace"] = .string(pool.namespace) }
            spec["poolRef"] = reference
        }
        if let variables = arguments["env"]?.object, !variables.isEmpty {
            spec["env"] = .array(variables.map { ["name": .string($0.0), "value": $0.1] })
        }
        if let names = arguments["dependsOn"]?.array, !names.isEmpty {
            spec["dependsOn"] = .array(names.map { ["name": $0] })
        }
        if let retries = arguments["maxRetries"] { spec["retry"] = ["maxRetries": retries] }
        if let requests = arguments["requests"]?.object, !requests.isEmpty {
            spec["resources"] = ["requests": .object(requests)]
        }
        self.spec = .object(spec)
    }

    /// The object to be created.
    /// - Parameters:
    ///   - nonce: a text that nobody can guess, for a task without name and key.
    ///   - digest: a digest of a text in lower-case hexadecimal digits, of which no two that differ
    ///     can be found to be equal.
    public func object(nonce: String, digest: (String) -> String) -> JSONValue {
        [
            "apiVersion": .string(BackgroundTask.type.apiVersion),
            "kind": .string(BackgroundTask.type.kind),
            "metadata": [
                "name": .string(name ?? madeUp(nonce, digest)), "namespace": .string(namespace),
                "annotations": [
                    SwiftletNames.Annotation.submittedBy: .string(caller.user),
                    SwiftletNames.Annotation.submissionDigest: .string(fingerprint(digest)),
                ],
            ],
            "spec": spec,
        ]
    }

    /// Whether a task that has the name already is what an earlier call of this submission made.
    public func made(_ task: BackgroundTask, digest: (String) -> String) -> Bool {
        task.metadata.annotations[SwiftletNames.Annotation.submittedBy] == caller.user
            && task.metadata.annotations[SwiftletNames.Annotation.submissionDigest]
                == fingerprint(digest)
    }

    /// What a caller is told whose name or key stands for another task.
    public var collision: String {
        key == nil
            ? "name: a task of this name exists, and it is another one"
            : "idempotencyKey: it was used for a task that is not the same; use another key"
    }

    /// The same key of the same caller always makes the same name, so that a call which is repeated
    /// meets the task that it made, whoever leads by then.
    private func madeUp(_ nonce: String, _ digest: (String) -> String) -> String {
        let text = key.map { "key\n\(namespace)\n\(caller.user)\n\($0)" } ?? "nonce\n\(nonce)"
        return "task-" + digest(text).prefix(20)
    }

    private func fingerprint(_ digest: (String) -> String) -> String {
        String(digest((key ?? "") + "\n" + (name ?? "") + "\n" + spec.text).prefix(32))
    }
}
