public import KubernetesCore

/// What a `BackgroundTask` asks for. Swift names are the JSON names; defaults are the schema's.
public struct BackgroundTaskSpec: Hashable, Sendable {
    /// Whether the task should run.
    public enum State: String, Hashable, Sendable, CaseIterable {
        case active = "Active"
        case suspended = "Suspended"
        case cancelled = "Cancelled"
    }

    /// The pool; nil where the task is routed to one that accepts it.
    public var poolRef: PoolReference?
    /// The labels that a pool must have to be given the task, as JSON; only without `poolRef`.
    public var poolSelector: JSONValue?
    /// The persona that a pool's agents must have; nil for any. Only without `poolRef`.
    public var persona: String?
    /// The type of work.
    public var type = "general"
    /// Higher goes first; waiting raises it.
    public var priority = 0
    /// The program and its first arguments; never a shell line.
    public var command: [String] = []
    /// More arguments.
    public var args: [String] = []
    /// The environment.
    public var env: [EnvironmentVariable] = []
    /// Free JSON for the program; nil where there is none.
    public var input: JSONValue?
    /// What an attempt needs: resource name to quantity.
    public var resources = Resources()
    /// Tasks of the same namespace that come first.
    public var dependsOn: [Dependency] = []
    /// Seconds that an attempt is thought to take; nil where it is learned.
    public var estimatedDurationSeconds: Int?
    /// Seconds that an attempt may take.
    public var timeoutSeconds = 600
    /// Seconds that the task may wait in the queue; nil for ever.
    public var queueTimeoutSeconds: Int?
    /// Earliest start.
    public var notBefore: Timestamp?
    /// What is done about failures.
    public var retry = Retry()
    /// Whether the work goes on where an earlier attempt saved it.
    public var checkpoint = Checkpoint()
    /// Into how many child tasks the work is cut.
    public var shards: Int?
    /// Names and values whose every combination becomes a child task.
    public var matrix: [String: [String]] = [:]
    /// When a task that is cut into children counts as succeeded.
    public var successPolicy = SuccessPolicy()
    /// Whether the task should run.
    public var state = State.active
    /// Seconds after its end at which the task is deleted.
    public var ttlSecondsAfterFinished = 86_400
    /// What lay outside the schema's bounds and was held inside them while reading.
    public var readingFaults: [ValidationFault] = []

    /// A spec of defaults.
    public init() {}

    /// Reads `spec`; nil gives the defaults.
    public init(reading node: JSONNode?) throws(JSONError) {
        var faults: [ValidationFault] = []
        if let reference = try node.nested("poolRef") {
            poolRef = try PoolReference(reading: reference)
        }
        poolSelector = try node.nested("poolSelector")?.value()
        persona = try node.text("persona")
        type = try node.text("type") ?? type
        priority = try node.integer("priority", priority, in: Bounds.priority, &faults)
        command = try node.texts("command")
        args = try node.texts("args")
        for variable in try node.list("env") {
            env.append(try EnvironmentVariable(reading: variable))
        }
        input = node["input"]?.value()
        resources.requests = try node.nested("resources").quantities("requests")
        for dependency in try node.list("dependsOn") {
            dependsOn.append(try Dependency(reading: dependency, &faults))
        }
        estimatedDurationSeconds = try node.optionalInteger(
            "estimatedDurationSeconds", in: Bounds.positiveSeconds, &faults)
        timeoutSeconds = try node.integer(
            "timeoutSeconds", timeoutSeconds, in: Bounds.positiveSeconds, &faults)
        queueTimeoutSeconds = try node.optionalInteger(
            "queueTimeoutSeconds", in: Bounds.positiveSeconds, &faults)
        notBefore = try node.time("notBefore")
        retry = try Retry(reading: try node.nested("retry"), &faults)
        checkpoint.enabled = try node.nested("checkpoint").flag("enabled", true)
        shards = try node.optionalInteger("shards", in: Bounds.shards, &faults)
        for (name, values) in try node.nested("matrix")?.members ?? [] {
            matrix[name] = try values.strings()
        }
        successPolicy = try SuccessPolicy(reading: try node.nested("successPolicy"), &faults)
        state = try node.word("state", .active, &faults)
        ttlSecondsAfterFinished = try node.integer(
            "ttlSecondsAfterFinished", ttlSecondsAfterFinished, in: Bounds.retentionSeconds,
            &faults)
        readingFaults = faults
    }
}
