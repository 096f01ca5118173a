public import KubernetesCore

/// Proof that this process leads, and until when it may act on it.
public struct Leadership: Sendable, Hashable {
    /// Who leads: this process.
    public let holder: String
    /// How often the lease has changed hands; grows with every new leader.
    public let term: Int
    /// Until when no other process can have taken over, by this process's steady clock.
    public let validUntil: Instant

    /// A leadership by all its fields.
    public init(holder: String, term: Int, validUntil: Instant) {
        self.holder = holder
        self.term = term
        self.validUntil = validUntil
    }

    /// Whether a request that ends within `margin` of `now` ends while this process still leads.
    public func covers(_ margin: Duration, after now: Instant) -> Bool {
        now + margin < validUntil
    }
}
