/// Times that the treatment of tasks goes by; none of them is part of the API.
public enum TaskTiming {
    /// How long an attempt may take to end after SIGTERM.
    public static let graceSeconds = 30
    /// How long the operator waits beyond an agent's own limits before it acts in its stead.
    public static let slack = Duration.seconds(15)
    /// How long a task may wait for an agent before its status says that it is queued. Most tasks
    /// are assigned before, and never need that write.
    public static let quietQueueing = Duration.milliseconds(1_000)
    /// By how much longer it may wait for each task that its pool has: a flood of tasks is worked
    /// off before it would be worth a write for each to say that it waits.
    public static let quietForEach = Duration.milliseconds(30)
    /// By how much longer it may wait at most, however many there are.
    public static let quietMost = Duration.seconds(60)
    /// For how long after it gave out a task a pool counts as working its tasks off.
    public static let movingFor = Duration.seconds(5)
    /// Creation times are whole seconds: a task may be this much younger than it looks.
    public static let creationPrecision = Duration.milliseconds(500)
    /// How often progress is written at most.
    public static let progressInterval = Duration.seconds(2)
    /// How long a place in the queue must have stood before it is written.
    public static let settledPosition = Duration.seconds(5)
    /// How long the pod of a fresh lease may be missing from a cache that lags behind.
    public static let podSettling = Duration.seconds(5)
    /// How far the clocks of two processes may be apart.
    static let clockSlack = Duration.seconds(60)
    /// How long a session without a call counts as live, in heartbeats of the pool.
    public static let liveHeartbeats = 3
}
