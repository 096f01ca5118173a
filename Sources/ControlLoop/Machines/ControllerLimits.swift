/// How much a controller may do at once, and how long it waits after what went wrong.
public struct ControllerLimits: Sendable, Equatable {
    /// Most plans that are carried out at the same time.
    public var inFlightMax = 16
    /// Most actions of one plan that are carried out before the world is observed again.
    public var planActionsMax = 256
    /// How long a key waits at most for the cache to show its own writes.
    public var barrierPatience: Duration = .seconds(5)
    /// The wait after a plan failed.
    public var failureBackoff = Backoff(initial: .milliseconds(200), longest: .seconds(120))
    /// The wait after a plan met a newer object than it was made for; a change ends it early.
    public var conflictBackoff = Backoff(initial: .milliseconds(10), longest: .seconds(10))
    /// The wait after a plan met a leadership that was about to end.
    public var deposedPause: Duration = .milliseconds(250)
    /// The wait before a wake that lies in the past, so that it is neither lost nor a busy loop.
    public var lateWakeDelay: Duration = .seconds(1)
    /// The longest sleep, after which the clocks are compared again.
    public var sleepMax: Duration = .seconds(30)
    /// How far the wall clock may move against the steady one before wakes are computed anew.
    public var clockStepMin: Duration = .seconds(1)
    /// How many settings of the clock are remembered.
    public var clockStepsMax = 8
    /// Most keys that may wait.
    public var queueMax = 1 << 20

    /// The defaults.
    public init() {}
}
