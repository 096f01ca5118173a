/// The first of a list, and how many there are in all: what is shown is bounded, what is said is
/// not.
public struct Listed<Element: Sendable>: Sendable {
    /// The first ones.
    public let shown: [Element]
    /// How many there are, those that are not shown included.
    public let total: Int

    /// The first `max` of `all`.
    public init(_ all: [Element], max: Int) {
        shown = Array(all.prefix(max))
        total = all.count
    }

    /// `shown` out of `total`.
    public init(shown: [Element], total: Int) {
        self.shown = shown
        self.total = Swift.max(total, shown.count)
    }

    /// How many are not shown.
    public var rest: Int { total - shown.count }
}

extension Listed: Equatable where Element: Equatable {}
