/// Whether work that was given to one agent, and cannot have begun there, should go to another.
///
/// Work that an agent may have begun is never moved: whether it can have is the caller's to know.
public enum Rebalancing {
    /// Above this share of its slots an agent gives up what it has not begun.
    public static let overloaded = 0.8
    /// Below this share of its slots an agent can take over more.
    public static let underloaded = 0.5

    /// How much an agent has to do.
    public struct Load: Hashable, Sendable {
        /// Attempts that it was given.
        public var used: Int
        /// Attempts that it can run at once.
        public var slots: Int

        /// A load by both its parts.
        public init(used: Int, slots: Int) {
            self.used = used
            self.slots = slots
        }

        /// The share of its slots that are in use; everything where it has none.
        public var share: Double { slots > 0 ? Double(max(0, used)) / Double(slots) : 1 }
    }

    /// Whether something should be moved from an agent with load `own` to one of `others`, which
    /// take work and call: what they are given they begin at once, so it is not moved again.
    public static func isCalledFor(from own: Load, to others: [Load]) -> Bool {
        own.share > overloaded
            && others.contains { $0.share < underloaded && $0.used < $0.slots }
    }
}
