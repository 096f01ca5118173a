import KubernetesCore

/// The order of the key of a condition and its value.
enum ConditionOrder {
    case before
    case same
    case after
    /// The two have no order: no operator holds.
    case none

    /// Whether the order is the one that an operator asks for.
    func holds(_ operation: LeafComparison.Operator) -> Bool {
        switch self {
        case .before: operation.holds(0, 1)
        case .same: operation.holds(0, 0)
        case .after: operation.holds(1, 0)
        case .none: false
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> ConditionOrder {
        left < right ? .before : left > right ? .after : left == right ? .same : .none
    }

    /// Numbers, quantities, durations and semantic versions.
    static func compare(_ key: JSONValue, _ value: JSONValue) -> ConditionOrder {
        switch key {
        case .integer, .double: return number(key, value)
        case .string(let text): return self.text(text, value)
        case .null, .bool, .array, .object: return .none
        }
    }

    private static func number(_ key: JSONValue, _ value: JSONValue) -> ConditionOrder {
        if case .integer(let left) = key, case .integer(let right) = value {
            return order(left, right)
        }
        guard let left = key.double else { return .none }
        if case .string(let text) = value {
            if let (first, second) = ConditionEquality.durations(key, value) {
                return order(first, second)
            }
            return GoNumber.double(text).map { order(left, $0) } ?? .none
        }
        return value.double.map { order(left, $0) } ?? .none
    }

    private static func text(_ key: String, _ value: JSONValue) -> ConditionOrder {
        if let (first, second) = ConditionEquality.durations(.string(key), value) {
            return order(first, second)
        }
        if case .string(let text) = value, let left = try? Quantity(key),
            let right = try? Quantity(text)
        {
            return order(left, right)
        }
        if let left = GoNumber.double(key) { return number(.double(left), value) }
        if case .string(let text) = value, let left = SemanticVersion(key),
            let right = SemanticVersion(text)
        {
            return order(left, right)
        }
        return .none
    }

    /// Durations and numbers of seconds only.
    static func compareDurations(_ key: JSONValue, _ value: JSONValue) -> ConditionOrder {
        func duration(_ side: JSONValue) -> GoDuration? {
            if case .string(let text) = side { return GoDuration(text) }
            return side.double.map { GoDuration(seconds: $0) }
        }
        guard let left = duration(key), let right = duration(value) else { return .none }
        return order(left, right)
    }
}
