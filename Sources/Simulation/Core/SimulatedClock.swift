import KubernetesCore

/// The clocks of one machine: a steady one with an origin and a speed of its own, and one on the
/// wall that is off by something and may be set.
struct SimulatedClock: Sendable {
    /// What a right clock on the wall shows at the simulation's begin.
    static let epoch = Timestamp(seconds: 1_767_225_600)

    /// What the steady clock shows at the begin.
    let origin: Int64
    /// By how many parts of a million the steady clock is too fast.
    let driftPPM: Int64
    /// By how much the clock on the wall is ahead.
    var wallOffset: Duration

    /// A clock that is right.
    static let right = SimulatedClock(origin: 0, driftPPM: 0, wallOffset: .zero)

    /// By how much the clock on the wall is off, either way.
    var wallError: Duration { wallOffset < .zero ? .zero - wallOffset : wallOffset }

    /// Both clocks at a time.
    func moment(at time: SimulatedTime) -> Moment {
        Moment(
            instant: Instant(nanoseconds: steady(time.nanoseconds)),
            time: SimulatedClock.epoch + .nanoseconds(time.nanoseconds) + wallOffset)
    }

    /// The first time at which the steady clock shows `instant` or later.
    func time(at instant: Instant) -> SimulatedTime {
        guard instant.nanoseconds < Int64.max / 4 else {
            return SimulatedTime(nanoseconds: Int64.max / 4)
        }
        let shown = instant.nanoseconds - origin
        var guess = shown / (1_000_000 + driftPPM) * 1_000_000
        while steady(guess) < instant.nanoseconds { guess += 250_000 }
        return SimulatedTime(nanoseconds: guess)
    }

    private func steady(_ nanoseconds: Int64) -> Int64 {
        origin + nanoseconds + nanoseconds / 1_000_000 * driftPPM
    }
}
