public import KubernetesCore

/// What a task is at present. Swift names are the JSON names.
public struct BackgroundTaskStatus: Hashable, Sendable {
    /// The generation of the spec that this was said about.
    public var observedGeneration = 0
    /// Where the task is in its life.
    public var phase = TaskPhase.pending
    /// Why, in one CamelCase word.
    public var reason: String?
    /// Why, in a sentence.
    public var message: String?
    /// The pool that the task was given to.
    public var pool: BackgroundTaskSpec.PoolReference?
    /// Its place among those that wait.
    public var queue: Queue?
    /// The number of the last attempt; 0 before the first. It fences reports.
    public var attempt = 0
    /// Who has the attempt, or had the last one.
    public var agent: Agent?
    /// How far the attempt is.
    public var progress: Progress?
    /// The last committed checkpoint.
    public var checkpoint: Checkpoint?
    /// When the task was first queued.
    public var queuedTime: Timestamp?
    /// Since when it has been in the queue this time; starts anew with each retry.
    public var lastQueuedTime: Timestamp?
    /// When the last attempt began.
    public var startTime: Timestamp?
    /// When the task ended.
    public var completionTime: Timestamp?
    /// Before when it is not tried again.
    public var notBefore: Timestamp?
    /// Retries that failures of the task itself have used up.
    public var retries = 0
    /// Attempts that were lost with their agent, which use up no retry.
    public var infrastructureLosses = 0
    /// Attempts that were ended for tasks of more priority; they use up no retry.
    public var preemptions = 0
    /// The task of more priority for which the running attempt is asked to stop.
    public var preemptedBy: String?
    /// When the running attempt was asked to stop.
    public var stopRequestedTime: Timestamp?
    /// When the running attempt was withdrawn from an agent that cannot have begun it.
    public var withdrawnTime: Timestamp?
    /// What the task gave back; at most 32 KiB as text.
    public var result: JSONValue?
    /// Why the last attempt failed.
    public var failure: Failure?
    /// The last attempts, oldest first, at most `Bounds.listedAttempts`.
    public var attempts: [Attempt] = []
    /// The children of a task that is cut into several; nil where it is not, or not yet.
    public var children: Children?
    /// What was decided about how the task is run, and why.
    public var strategy: Strategy?
    /// `Complete`, `Failed`, `Escalated`.
    public var conditions: [Condition] = []

    /// The status of a task that nobody has looked at.
    public init() {}

    /// Reads `status`; nil where there is none yet.
    public init(reading status: JSONNode?) throws(JSONError) {
        observedGeneration = try status.count("observedGeneration")
        phase = try BackgroundTaskStatus.phase(of: status)
        reason = try status.text("reason")
        message = try status.text("message")
        pool = try status.nested("pool").map { node throws(JSONError) in
            try BackgroundTaskSpec.PoolReference(reading: node)
        }
        queue = try Queue(reading: try status.nested("queue"))
        attempt = try status.count("attempt")
        agent = try Agent(reading: try status.nested("agent"))
        progress = try Progress(reading: try status.nested("progress"))
        checkpoint = try Checkpoint(reading: try status.nested("checkpoint"))
        queuedTime = try status.time("queuedTime")
        lastQueuedTime = try status.time("lastQueuedTime")
        startTime = try status.time("startTime")
        completionTime = try status.time("completionTime")
        notBefore = try status.time("notBefore")
        retries = try status.count("retries")
        infrastructureLosses = try status.count("infrastructureLosses")
        preemptions = try status.count("preemptions")
        preemptedBy = try status.text("preemptedBy")
        stopRequestedTime = try status.time("stopRequestedTime")
        withdrawnTime = try status.time("withdrawnTime")
        result = status["result"]?.value()
        failure = try Failure(reading: try status.nested("failure"))
        for node in try status.list("attempts").suffix(Bounds.listedAttempts) {
            attempts.append(try Attempt(reading: node))
        }
        children = try Children(reading: try status.nested("children"))
        strategy = try Strategy(reading: try status.nested("strategy"))
        conditions = try [Condition](reading: status)
    }

    private static func phase(of status: JSONNode?) throws(JSONError) -> TaskPhase {
        guard let node = status["phase"] else { return .pending }
        guard let phase = TaskPhase(rawValue: try node.string()) else {
            throw node.mismatch("a phase such as Queued")
        }
        return phase
    }

    /// This status as the object carries it; what is not set is left out.
    public var json: JSONValue {
        var status: JSONObject = [
            "observedGeneration": .int(observedGeneration), "phase": .string(phase.rawValue),
        ]
        status.put("reason", reason)
        status.put("message", message)
        status.put("pool", pool?.json)
        status.put("queue", queue?.json)
        if attempt > 0 { status.put("attempt", attempt) }
        status.put("agent", agent?.json)
        status.put("progress", progress?.json)
        status.put("checkpoint", checkpoint?.json)
        status.put("queuedTime", queuedTime)
        status.put("lastQueuedTime", lastQueuedTime)
        status.put("startTime", startTime)
        status.put("completionTime", completionTime)
        status.put("notBefore", notBefore)
        if retries > 0 { status.put("retries", retries) }
        if infrastructureLosses > 0 { status.put("infrastructureLosses", infrastructureLosses) }
        if preemptions > 0 { status.put("preemptions", preemptions) }
        status.put("preemptedBy", preemptedBy)
        status.put("stopRequestedTime", stopRequestedTime)
        status.put("withdrawnTime", withdrawnTime)
        status.put("result", result)
        status.put("failure", failure?.json)
        status.put("attempts", attempts.map(\.json))
        status.put("children", children?.json)
        status.put("strategy", strategy?.json)
        status.put("conditions", conditions.map(\.json))
        return .object(status)
    }
}

extension BackgroundTaskSpec.PoolReference {
    /// This reference as specs and statuses carry it.
    public var json: JSONValue {
        var result: JSONObject = ["name": .string(name)]
        result.put("namespace", namespace)
        return .object(result)
    }
}
