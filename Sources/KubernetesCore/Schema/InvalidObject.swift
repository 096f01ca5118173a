/// An object that breaks its rules: the faults together, as a kube-apiserver answers them (422).
public struct InvalidObject: Error, Hashable, Sendable, CustomStringConvertible {
    /// The API group of the object; empty for the core group.
    public let group: String
    /// The kind of the object.
    public let kind: String
    /// The name of the object; may be empty.
    public let name: String
    /// The faults, in the order found.
    public let errors: [FieldError]

    /// Faults of one object.
    public init(group: String, kind: String, name: String, errors: [FieldError]) {
        self.group = group
        self.kind = kind
        self.name = name
        self.errors = errors
    }

    /// The kind, the name and every fault once: `Widget.example.dev "a" is invalid: [x, y]`.
    public var message: String {
        let subject = kind + (group.isEmpty ? "" : "." + group) + " " + GoText.quote(name)
        var seen: Set<String> = []
        let faults = errors.map(\.message).filter { seen.insert($0).inserted }
        switch faults.count {
        case 0: return subject + " is invalid"
        case 1: return subject + " is invalid: " + faults.joined()
        default: return subject + " is invalid: [" + faults.joined(separator: ", ") + "]"
        }
    }

    /// The same as `message`.
    public var description: String { message }

    /// The faults as an error of the API.
    public var status: APIStatus {
        APIStatus(code: 422, reason: "Invalid", message: message, causes: errors.map(\.cause))
    }

    /// The whole `Status` object, details included.
    public var json: JSONValue {
        var details = JSONObject()
        if !name.isEmpty { details["name"] = .string(name) }
        if !group.isEmpty { details["group"] = .string(group) }
        if !kind.isEmpty { details["kind"] = .string(kind) }
        if !errors.isEmpty {
            details["causes"] = .array(
                errors.map { error in
                    [
                        "reason": .string(error.kind.reason), "message": .string(error.body),
                        "field": .string(error.path),
                    ]
                })
        }
        return [
            "kind": "Status", "apiVersion": "v1", "metadata": .object(JSONObject()),
            "status": "Failure", "message": .string(message), "reason": "Invalid",
            "details": .object(details), "code": 422,
        ]
    }
}
