/// What a pool holds at one moment.
public struct PoolCounts: Hashable, Sendable {
    /// Tasks that wait.
    public var waiting = 0
    /// Tasks that are given out, and not yet known to be running.
    public var assumed = 0
    /// Tasks that run.
    public var running = 0
    /// Expected run time of the tasks that wait, in seconds; unknown ones count nothing.
    public var waitingSeconds = 0
    /// Slots of all agents that take work.
    public var slots = 0
    /// Free slots among them.
    public var freeSlots = 0

    /// An empty pool.
    public init() {}
}
