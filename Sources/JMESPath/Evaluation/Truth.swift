import KubernetesCore

/// What counts as true: everything but null, false, and what is empty.
enum Truth {
    static func of(_ value: JSONValue) -> Bool {
        switch value {
        case .null: false
        case .bool(let flag): flag
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let members): !members.isEmpty
        case .integer, .double: true
        }
    }
}
