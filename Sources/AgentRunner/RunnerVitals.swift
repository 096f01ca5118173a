import KubernetesCore

/// What a node is told of its runner: whether it makes progress, and whether it takes tasks.
struct RunnerVitals: Hashable, Sendable {
    /// How long the runner's main loop may do nothing. It has something to do every
    /// `Runner.beat`, so that a long silence says that it hangs.
    static let silenceMax = Duration.seconds(30)

    /// When the main loop last did something.
    var progressAt: Instant
    /// Whether the gateway has answered this runner. It stays so while the gateway is away: that
    /// is nothing a runner could be blamed for, and agents that all became unready with it would
    /// look as if all of them had failed. Of a runner that does not come through to a gateway that
    /// is there, the gateway knows by its silence.
    var isRegistered = false
    /// Whether the runner has been asked to end.
    var isDraining = false

    /// Whether the runner makes progress; one that does not is to be started anew.
    func isLive(at now: Instant) -> Bool { now - progressAt <= Self.silenceMax }

    /// Why the runner takes no tasks; nil where it does.
    func reasonNotReady(at now: Instant) -> String? {
        if !isLive(at: now) { return "it makes no progress" }
        if isDraining { return "it has been asked to end" }
        return isRegistered ? nil : "the gateway has not answered yet"
    }

    /// The answer to `GET path`; nil where a moment's patience may bring a better one.
    func answer(to path: String, at now: Instant) -> Answer? {
        switch path {
        case "/livez":
            return isLive(at: now)
                ? Answer(200, "ok") : Answer(503, "the runner makes no progress")
        case "/readyz":
            guard let reason = reasonNotReady(at: now) else { return Answer(200, "ok") }
            let mayBecomeReady = isLive(at: now) && !isDraining
            return mayBecomeReady ? nil : Answer(503, reason)
        default: return Answer(404, "there are /livez and /readyz")
        }
    }

    /// An answer to a probe.
    struct Answer: Hashable, Sendable {
        var status: Int
        var text: String

        init(_ status: Int, _ text: String) {
            self.status = status
            self.text = text
        }
    }
}
