import KubernetesCore

/// A pattern of one value: a number, a truth value, `null`, or a text with operators and wildcards.
struct LeafPattern: Sendable {
    private enum Term: Sendable {
        case comparison(LeafComparison)
        case within(LeafComparison, LeafComparison)
        case outside(LeafComparison, LeafComparison)

        func holds(_ value: JSONValue?) -> Bool {
            switch self {
            case .comparison(let comparison): comparison.holds(value)
            case .within(let low, let high): low.holds(value) && high.holds(value)
            case .outside(let low, let high): low.holds(value) || high.holds(value)
            }
        }
    }

    /// What was written.
    let source: JSONValue
    /// For texts: one of the lists has to hold, and of a list all.
    private let alternatives: [[Term]]

    /// Reads a pattern; maps and lists are none and never match.
    init(_ source: JSONValue) {
        self.source = source
        alternatives = source.string.map(LeafPattern.alternatives) ?? []
    }

    private static func alternatives(_ text: String) -> [[Term]] {
        text.split(separator: "|", omittingEmptySubsequences: false).map { alternative in
            trim(alternative).split(separator: "&", omittingEmptySubsequences: false)
                .map { term(trim($0)) }
        }
    }

    private static func term(_ text: String) -> Term {
        let operation = LeafComparison.Operator.leading(text)
        if operation == .equal {
            if let (low, high) = LeafPattern.range(text, separator: "!-") {
                return .outside(.init(.less, low), .init(.more, high))
            }
            if let (low, high) = LeafPattern.range(text, separator: "-") {
                return .within(.init(.moreOrEqual, low), .init(.lessOrEqual, high))
            }
        }
        let operand = text.dropFirst(operation.rawValue.count).trimmingSpaces()
        return .comparison(LeafComparison(operation, operand))
    }

    private static func trim(_ text: Substring) -> String {
        var rest = text
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    /// The ends of a range, as in `10-20` and `1Mi!-1Gi`; nil where `text` is none.
    static func range(_ text: String, separator: String) -> (low: String, high: String)? {
        guard text.utf8.count >= 2, LeafComparison.Operator.leading(text) == .equal else {
            return nil
        }
        var rest = Array(text.utf8)[...]
        guard let low = amount(&rest) else { return nil }
        guard rest.starts(with: separator.utf8) else { return nil }
        rest.removeFirst(separator.utf8.count)
        guard let high = amount(&rest), rest.isEmpty else { return nil }
        return (low, high)
    }

    /// Takes a number with its unit off the front.
    private static func amount(_ rest: inout ArraySlice<UInt8>) -> String? {
        let start = rest.startIndex
        let whole = rest
        if let first = rest.first, "+-|".utf8.contains(first) { rest.removeFirst() }
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        let digits = rest.prefix(while: isDigit)
        guard !digits.isEmpty else { return nil }
        rest.removeFirst(digits.count)
        if rest.first == UInt8(ascii: ".") {
            let decimals = rest.dropFirst().prefix(while: isDigit)
            guard !decimals.isEmpty else { return nil }
            rest.removeFirst(decimals.count + 1)
        }
        rest = rest.drop { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
        return String(decoding: whole[start..<rest.startIndex], as: UTF8.self)
    }

    /// Whether `value`, `nil` where there is none, is as this pattern wants it.
    func holds(_ value: JSONValue?) -> Bool {
        switch source {
        case .bool(let flag): return value?.bool == flag
        case .null: return LeafPattern.isEmpty(value)
        case .integer, .double: return LeafPattern.isNumber(value, source)
        case .string(let text):
            if case .string(let other) = value, other.utf8.elementsEqual(text.utf8) { return true }
            return alternatives.contains { $0.allSatisfy { $0.holds(value) } }
        case .array: return false
        case .object: return value?.object != nil
        }
    }

    private static func isEmpty(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null: true
        case .bool(let flag): !flag
        case .integer(let number): number == 0
        case .double(let number): number == 0
        case .string(let text): text.isEmpty
        case .array, .object: false
        }
    }

    /// Whether a value is the number `pattern`, as a number or as a text.
    private static func isNumber(_ value: JSONValue?, _ pattern: JSONValue) -> Bool {
        if case .integer(let left) = value, case .integer(let right) = pattern {
            return left == right
        }
        if case .string(let text) = value {
            if case .integer(let number) = pattern, Int64(text) == number { return true }
            return GoNumber.double(text) == pattern.double
        }
        guard let left = value?.double else { return false }
        return left == pattern.double
    }

    /// The first term of which no value can ever be judged right, and why.
    var unusableTerm: String? {
        for case .comparison(let comparison) in alternatives.joined() {
            let isOrder = !comparison.operation.takesTexts
            guard isOrder, !comparison.isAmount, !comparison.operand.contains("{{"),
                !comparison.operand.contains("$(")
            else { continue }
            let shown = comparison.operation.rawValue + comparison.operand
            return "\"\(shown)\" compares with no number, quantity or duration"
        }
        return nil
    }
}
