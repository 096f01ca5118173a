/// A regular expression as a tree.
indirect enum PatternNode: Sendable {
    case empty
    case scalar(UInt32, folds: Bool)
    case anyScalar(newline: Bool)
    case scalars(PatternClass)
    case assertion(PatternAssertion)
    case group(PatternNode, index: Int)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// `max` is `nil` for no bound.
    case repetition(PatternNode, min: Int, max: Int?, greedy: Bool)

    /// How many times something inside can be repeated, counting bounded repeats inside each other;
    /// more than 1,000 is refused.
    var repeatProduct: Int {
        switch self {
        case .group(let inner, _): return inner.repeatProduct
        case .sequence(let parts), .choice(let parts):
            return parts.reduce(1) { Swift.max($0, $1.repeatProduct) }
        case .repetition(let inner, let least, let most, _):
            let own = Swift.max(least, most ?? 0, 1)
            let (product, overflow) = inner.repeatProduct.multipliedReportingOverflow(by: own)
            return overflow ? Int.max : product
        default: return 1
        }
    }
}

/// A place in the text that takes up no text.
enum PatternAssertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, notWordBoundary

    /// Whether it holds between `before` and `after`, where `nil` is the edge of the text.
    func holds(before: UInt32?, after: UInt32?) -> Bool {
        switch self {
        case .textStart: before == nil
        case .textEnd: after == nil
        case .lineStart: before == nil || before == 0x0A
        case .lineEnd: after == nil || after == 0x0A
        case .wordBoundary: Self.isWord(before) != Self.isWord(after)
        case .notWordBoundary: Self.isWord(before) == Self.isWord(after)
        }
    }

    private static func isWord(_ value: UInt32?) -> Bool {
        guard let value else { return false }
        switch value {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: return true
        default: return false
        }
    }
}
