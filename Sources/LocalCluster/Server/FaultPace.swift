/// How often faults are told: each kind once in a while, and then how many there were.
struct FaultPace {
    /// How long a kind that was told is only counted.
    static let quietTime = Duration.seconds(60)
    /// Most kinds that are told apart.
    static let kindsMax = 64

    private var told: [ConnectionFault: (at: ContinuousClock.Instant, more: Int)] = [:]

    /// Takes a fault in. Returns how many of its kind have been counted since it was last told,
    /// where it is to be told now; nil where it is only counted.
    mutating func take(_ fault: ConnectionFault, at now: ContinuousClock.Instant) -> Int? {
        guard let last = told[fault] else {
            guard told.count < FaultPace.kindsMax else { return nil }
            told[fault] = (now, 0)
            return 0
        }
        guard now - last.at >= FaultPace.quietTime else {
            told[fault] = (last.at, last.more + 1)
            return nil
        }
        told[fault] = (now, 0)
        return last.more
    }
}
