import KubernetesCore

/// What can say whether it still hears from the server.
protocol Following: Sendable {
    /// Why it counts as out of step: what it follows has failed for longer than `limit`; nil where
    /// it has not.
    func lag(after limit: Duration) -> String?
}

/// When an informer last heard from the server, and since when it fails.
struct Contact: Sendable {
    /// A question that has been open for so long has been answered, if only with silence: it would
    /// have failed otherwise.
    private static let openMax = Duration.seconds(75)

    /// The first failure since something came.
    var failedAt: Instant?
    /// When the last question was put.
    var askedAt = Instant(nanoseconds: 0)

    /// Notes that the open question has ended: one that was open for long had been answered.
    mutating func ended(at now: Instant) {
        if now - askedAt >= Contact.openMax { failedAt = nil }
    }

    /// Since when nothing has come, in spite of asking; nil where all is well.
    func failingSince(at now: Instant) -> Instant? {
        now - askedAt < Contact.openMax ? failedAt : nil
    }
}
