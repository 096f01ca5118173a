import KubernetesCore

/// One term of a text pattern: an operator and what it compares with.
struct LeafComparison: Sendable {
    /// How a value is compared with the operand.
    enum Operator: String, Sendable {
        case equal = ""
        case notEqual = "!"
        case more = ">"
        case less = "<"
        case moreOrEqual = ">="
        case lessOrEqual = "<="

        /// Whether values in this order, `left` before `right` and so on, pass.
        func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
            switch self {
            case .equal: left == right
            case .notEqual: left != right
            case .more: left > right
            case .less: left < right
            case .moreOrEqual: left >= right
            case .lessOrEqual: left <= right
            }
        }

        /// Whether texts that are no amounts can be compared by this.
        var takesTexts: Bool { self == .equal || self == .notEqual }

        /// The operator that `term` begins with.
        static func leading(_ term: String) -> Operator {
            guard term.utf8.count >= 2 else { return .equal }
            let all: [Operator] = [.moreOrEqual, .lessOrEqual, .more, .less, .notEqual]
            return all.first { term.hasPrefix($0.rawValue) } ?? .equal
        }
    }

    let operation: Operator
    let operand: String
    private let duration: GoDuration?
    private let quantity: Quantity?
    private let wildcard: Wildcard

    init(_ operation: Operator, _ operand: String) {
        self.operation = operation
        self.operand = operand
        duration = GoDuration(operand)
        quantity = try? Quantity(operand)
        wildcard = Wildcard(operand)
    }

    /// Whether the operand has an order: only then can `<` and its like ever hold.
    var isAmount: Bool { duration != nil || quantity != nil }

    /// Whether `value`, `nil` where there is none, passes.
    func holds(_ value: JSONValue?) -> Bool {
        if isAmount, let amount = LeafComparison.amount(value) {
            if let duration, let other = GoDuration(amount) {
                return operation.holds(other, duration)
            }
            if let quantity, let other = try? Quantity(amount) {
                return operation.holds(other, quantity)
            }
        }
        guard operation.takesTexts, let text = LeafComparison.text(value) else { return false }
        return wildcard.matches(text) == (operation == .equal)
    }

    /// The value as it is compared by size; an absent one is zero.
    private static func amount(_ value: JSONValue?) -> String? {
        switch value {
        case nil, .null: "0"
        case .string(let text): text
        case .integer(let number): String(number)
        case .double(let number): GoFormat.fixed(number)
        case .bool, .array, .object: nil
        }
    }

    /// The value as it is compared with wildcards.
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .double(let number): GoFormat.exponential(number)
        case .bool(let flag): flag ? "true" : "false"
        case nil, .null, .array, .object: nil
        }
    }
}
