public import ControlLoop

/// The metrics about pools, tasks, tenants and the gateway. A new one is a constant here and a
/// place in `all`; the registry, the reference and the checks of alerts and dashboard follow.
public enum ProductMetrics {
    private static let pool = ["namespace", "pool"]
    /// Waiting: from a millisecond to an hour.
    private static let waits: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900,
        3_600,
    ]
    /// Working: from a tenth of a second to a day.
    private static let works: [Double] = [
        0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400,
    ]

    /// Tasks by phase.
    public static let tasks = MetricFamily(
        "swiftlet_tasks", .gauge, "Tasks by phase", labels: pool + ["phase"], seriesMax: 2_000)
    /// Tasks that ended.
    public static let finished = MetricFamily(
        "swiftlet_tasks_finished", .counter, "Tasks that ended, by how",
        labels: pool + ["outcome"])
    /// Attempts that ended.
    public static let attempts = MetricFamily(
        "swiftlet_task_attempts", .counter,
        "Attempts that ended, by how, and by the class of what went wrong",
        labels: pool + ["outcome", "class"], seriesMax: 2_000)
    /// From due to running.
    public static let wait = MetricFamily(
        "swiftlet_task_wait_seconds", .histogram,
        "How long tasks waited from when they could start until they ran", labels: pool,
        bounds: waits)
    /// From seen to running where a slot was free.
    public static let scheduling = MetricFamily(
        "swiftlet_task_scheduling_seconds", .histogram,
        "How long it took until new tasks ran that did not have to queue", labels: pool,
        bounds: waits)
    /// How long attempts took.
    public static let attemptTime = MetricFamily(
        "swiftlet_task_attempt_seconds", .histogram, "How long attempts took",
        labels: pool + ["outcome"], bounds: works)
    /// Committed checkpoints.
    public static let checkpoints = MetricFamily(
        "swiftlet_checkpoints", .counter, "Checkpoints that were committed", labels: pool)
    /// Bytes of committed checkpoints.
    public static let checkpointBytes = MetricFamily(
        "swiftlet_checkpoint_bytes", .counter, "Bytes of checkpoints that were committed",
        labels: pool)

    /// Spans of tasks that a collector got, or did not.
    public static let spans = MetricFamily(
        "swiftlet_spans", .counter,
        "Spans of tasks that were exported to the collector, or dropped", labels: ["outcome"])

    /// Agents by state.
    public static let agents = MetricFamily(
        "swiftlet_pool_agents", .gauge,
        "Agents by state; of a pool with more than 100, only idle and busy ones",
        labels: pool + ["state"], seriesMax: 2_000)
    /// Agents that a pool should have.
    public static let desired = MetricFamily(
        "swiftlet_pool_desired_agents", .gauge, "Agents that the pool should have", labels: pool)
    /// Agents that can work.
    public static let ready = MetricFamily(
        "swiftlet_pool_ready_agents", .gauge, "Agents that are ready", labels: pool)
    /// Slots of ready agents.
    public static let slots = MetricFamily(
        "swiftlet_pool_slots", .gauge, "Slots of the pool's ready agents, free and used",
        labels: pool + ["state"])
    /// Processors that agents use.
    public static let usedProcessors = MetricFamily(
        "swiftlet_pool_agents_cpu_cores", .gauge,
        "Processors that the pool's agents say they use, together", labels: pool)
    /// Memory that agents use.
    public static let usedMemory = MetricFamily(
        "swiftlet_pool_agents_memory_bytes", .gauge,
        "Memory that the pool's agents say they use, together", labels: pool)
    /// Disk that agents use.
    public static let usedDisk = MetricFamily(
        "swiftlet_pool_agents_disk_bytes", .gauge,
        "Disk that the pool's agents say they use, together", labels: pool)
    /// Processors that agents may use.
    public static let grantedProcessors = MetricFamily(
        "swiftlet_pool_agents_cpu_limit_cores", .gauge,
        "Processors that the pool's template lets those agents use, together", labels: pool)
    /// Memory that agents may use.
    public static let grantedMemory = MetricFamily(
        "swiftlet_pool_agents_memory_limit_bytes", .gauge,
        "Memory that the pool's template lets those agents use, together", labels: pool)
    /// Disk that agents may use.
    public static let grantedDisk = MetricFamily(
        "swiftlet_pool_agents_disk_limit_bytes", .gauge,
        "Disk that the pool's template lets those agents use, together", labels: pool)
    /// How long the oldest task has waited.
    public static let oldest = MetricFamily(
        "swiftlet_pool_oldest_queued_seconds", .gauge,
        "How long the task has waited that is queued longest; 0 where none is", labels: pool)
    /// Conditions of pools.
    public static let conditions = MetricFamily(
        "swiftlet_pool_condition", .gauge, "1 while the pool has the condition, else 0",
        labels: pool + ["condition"], seriesMax: 2_000)

    /// Slots that a tenant holds.
    public static let tenantSlots = MetricFamily(
        "swiftlet_tenant_slots_used", .gauge, "Slots that a tenant's tasks hold",
        labels: ["tenant"])
    /// A tenant's queue.
    public static let tenantQueue = MetricFamily(
        "swiftlet_tenant_tasks_queued", .gauge, "Tasks of a tenant that wait for a slot",
        labels: ["tenant"])

    /// Requests of agents.
    public static let gatewayRequests = MetricFamily(
        "swiftlet_gateway_requests", .counter, "Requests of agents, by what they were answered",
        labels: ["route", "code"])
    /// The end of the gateway's certificate.
    public static let certificateExpiry = MetricFamily(
        "swiftlet_gateway_certificate_expiry_timestamp_seconds", .gauge,
        "When the gateway's certificate ends, since 1970")
    /// Which build runs.
    public static let build = MetricFamily(
        "swiftlet_build_info", .gauge, "1, with the version that runs", labels: ["version"])

    /// All of them, in the order of the reference.
    public static let all: [MetricFamily] =
        [
            tasks, finished, attempts, wait, scheduling, attemptTime, checkpoints, checkpointBytes,
            agents, desired, ready, slots, usedProcessors, usedMemory, usedDisk, grantedProcessors,
            grantedMemory, grantedDisk, oldest, conditions, tenantSlots, tenantQueue,
            gatewayRequests, certificateExpiry, spans, build,
        ] + policies
}
