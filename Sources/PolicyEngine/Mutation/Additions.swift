import KubernetesCore

/// Whether a change only adds.
enum Additions {
    /// Whether everything in `old` is in `new` as it was: members with their values, elements in
    /// their order.
    static func areAll(from old: JSONValue, to new: JSONValue) -> Bool {
        switch (old, new) {
        case (.null, _): return true
        case (.object(let before), .object(let after)):
            return before.allSatisfy { key, value in
                value.isNull || (after[key].map { areAll(from: value, to: $0) } ?? false)
            }
        case (.array(let before), .array(let after)):
            var rest = after[...]
            for element in before {
                guard let place = rest.firstIndex(where: { areAll(from: element, to: $0) }) else {
                    return false
                }
                rest = rest[(place + 1)...]
            }
            return true
        default: return old == new
        }
    }
}
