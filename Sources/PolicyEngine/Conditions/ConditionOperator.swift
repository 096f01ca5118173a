public import KubernetesCore

/// How a condition of a Kyverno rule compares its key with its value.
///
/// Source: https://kyverno.io/docs/policy-types/cluster-policy/preconditions/#operators, with the
/// behaviour of Kyverno 1.18 where the page says nothing.
public enum ConditionOperator: String, Hashable, Sendable, CaseIterable {
    case equal = "Equal"
    case equals = "Equals"
    case notEqual = "NotEqual"
    case notEquals = "NotEquals"
    case isIn = "In"
    case anyIn = "AnyIn"
    case allIn = "AllIn"
    case notIn = "NotIn"
    case anyNotIn = "AnyNotIn"
    case allNotIn = "AllNotIn"
    case greaterThan = "GreaterThan"
    case greaterThanOrEquals = "GreaterThanOrEquals"
    case lessThan = "LessThan"
    case lessThanOrEquals = "LessThanOrEquals"
    case durationGreaterThan = "DurationGreaterThan"
    case durationGreaterThanOrEquals = "DurationGreaterThanOrEquals"
    case durationLessThan = "DurationLessThan"
    case durationLessThanOrEquals = "DurationLessThanOrEquals"

    /// The operator of this name, in any case; `nil` where there is none.
    public init?(_ name: String) {
        let wanted = name.lowercased()
        guard
            let found = ConditionOperator.allCases.first(where: {
                $0.rawValue.lowercased() == wanted
            })
        else { return nil }
        self = found
    }

    /// Whether the condition holds for a key and a value in which no variables are left.
    ///
    /// Every pair of types has an answer; what cannot be compared gives `false`, for some negative
    /// operators `true`. The only error is a list of anything but texts as the key of the outdated
    /// `In` and `NotIn`.
    public func evaluate(key: JSONValue, value: JSONValue) throws(ConditionProblem) -> Bool {
        switch self {
        case .equal, .equals: return ConditionEquality.isEqual(key, value) ?? false
        case .notEqual, .notEquals:
            if key.isNull { return false }
            return ConditionEquality.isEqual(key, value).map { !$0 } ?? true
        case .isIn, .notIn:
            return try ConditionMembership(key, value).isStrictlyIn(negated: self == .notIn)
        case .anyIn: return ConditionMembership(key, value).holds(all: false, negated: false)
        case .allIn: return ConditionMembership(key, value).holds(all: true, negated: false)
        case .anyNotIn: return ConditionMembership(key, value).holds(all: false, negated: true)
        case .allNotIn: return ConditionMembership(key, value).holds(all: true, negated: true)
        case .greaterThan: return ConditionOrder.compare(key, value).holds(.more)
        case .greaterThanOrEquals: return ConditionOrder.compare(key, value).holds(.moreOrEqual)
        case .lessThan: return ConditionOrder.compare(key, value).holds(.less)
        case .lessThanOrEquals: return ConditionOrder.compare(key, value).holds(.lessOrEqual)
        case .durationGreaterThan: return ConditionOrder.compareDurations(key, value).holds(.more)
        case .durationGreaterThanOrEquals:
            return ConditionOrder.compareDurations(key, value).holds(.moreOrEqual)
        case .durationLessThan: return ConditionOrder.compareDurations(key, value).holds(.less)
        case .durationLessThanOrEquals:
            return ConditionOrder.compareDurations(key, value).holds(.lessOrEqual)
        }
    }
}

/// Why a condition cannot be judged.
public struct ConditionProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String

    /// A problem in words.
    public init(_ description: String) {
        self.description = description
    }
}
