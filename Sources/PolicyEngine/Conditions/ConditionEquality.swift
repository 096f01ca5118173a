import KubernetesCore

/// Whether the key of a condition equals its value.
enum ConditionEquality {
    /// `nil` where the two are of types that cannot be compared.
    static func isEqual(_ key: JSONValue, _ value: JSONValue) -> Bool? {
        switch key {
        case .null: return nil
        case .bool(let flag): return value.bool.map { $0 == flag }
        case .integer, .double: return isNumber(key, value)
        case .string(let text): return isText(text, value)
        case .array: return value.array == nil ? nil : isSame(key, value)
        case .object: return value.object == nil ? nil : isSame(key, value)
        }
    }

    private static func isNumber(_ key: JSONValue, _ value: JSONValue) -> Bool? {
        if case .string(let text) = value {
            guard let number = GoNumber.double(text) else { return nil }
            return number == key.double
        }
        guard value.double != nil else { return nil }
        return isSame(key, value)
    }

    private static func isText(_ key: String, _ value: JSONValue) -> Bool? {
        if let (left, right) = durations(.string(key), value) { return left == right }
        guard case .string(let text) = value else { return nil }
        if !text.isEmpty, let left = try? Quantity(key) {
            return (try? Quantity(text)).map { $0 == left }
        }
        return Wildcard.matches(text, key)
    }

    /// Both sides as durations, where at least one is written as one and the other is too or is a
    /// number of seconds.
    static func durations(
        _ key: JSONValue, _ value: JSONValue
    ) -> (GoDuration, GoDuration)? {
        func written(_ side: JSONValue) -> GoDuration? {
            guard case .string(let text) = side, text != "0" else { return nil }
            return GoDuration(text)
        }
        let (left, right) = (written(key), written(value))
        guard left != nil || right != nil,
            let first = left ?? key.double.map({ GoDuration(seconds: $0) }),
            let second = right ?? value.double.map({ GoDuration(seconds: $0) })
        else { return nil }
        return (first, second)
    }

    /// Whether two values are the same, whole numbers and others alike.
    static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.array(let first), .array(let second)):
            return first.count == second.count && zip(first, second).allSatisfy(isSame)
        case (.object(let first), .object(let second)):
            return first.keys == second.keys
                && zip(first.values, second.values).allSatisfy(isSame)
        case (.integer(let first), .integer(let second)): return first == second
        case (.integer, .double), (.double, .integer), (.double, .double):
            return left.double == right.double
        default: return left == right
        }
    }
}
