public import KubernetesCore

/// What a `BackgroundAgentPool` asks for. Swift names are the JSON names; defaults are the
/// schema's.
public struct BackgroundAgentPoolSpec: Hashable, Sendable {
    /// When lower-priority attempts may be ended for higher ones.
    public enum Preemption: String, Hashable, Sendable, CaseIterable {
        case never = "Never"
        case lowerPriority = "LowerPriority"
    }

    /// Agents wanted; the scale subresource writes it.
    public var replicas = 5
    /// Sizing by load.
    public var autoscaling = Autoscaling()
    /// Attempts that one agent runs at once.
    public var slotsPerAgent = 1
    /// The types of tasks that the pool takes; empty where it takes any.
    public var taskTypes: [TaskType] = []
    /// Where the agents' persona files are; nil where they have none.
    public var persona: PersonaSource?
    /// The volume that all agents have in common; nil where they have none.
    public var workspace: Workspace?
    /// Liveness, recycling and restarts of agents.
    public var agent = Agent()
    /// The pod template (metadata, spec) of an agent, as it was given.
    public var template: JSONValue
    /// How a changed template reaches the agents.
    public var update = Update()
    /// What becomes a ResourceQuota; nil where the pool has none of its own.
    public var quota: Quota?
    /// What agents may reach and run as.
    public var isolation = Isolation()
    /// Policies on agent pods.
    public var policies = Policies()
    /// Which namespaces' tasks may use the pool.
    public var allowedNamespaces = AllowedNamespaces()
    /// Weights of agent selection.
    public var scoring = Scoring()
    /// When lower-priority attempts may be ended for higher ones.
    public var preemption = Preemption.never
    /// The tenant that the pool says it belongs to; it must agree with its namespace's label.
    public var tenant: String?
    /// Whether no task is handed out.
    public var paused = false
    /// Whether every agent is killed at once and its tasks are suspended.
    public var emergencyStop = false
    /// What lay outside the schema's bounds and was held inside them while reading.
    public var readingFaults: [ValidationFault] = []

    /// A spec of defaults around a pod template.
    public init(template: JSONValue) { self.template = template }

    /// Reads `spec`.
    public init(reading spec: JSONNode) throws(JSONError) {
        guard spec.isObject else { throw spec.mismatch("an object") }
        let node = Optional(spec)
        let given = try spec.required("template")
        guard given.isObject else { throw given.mismatch("an object") }
        self.init(template: given.value())
        var faults: [ValidationFault] = []
        replicas = try node.integer("replicas", replicas, in: Bounds.replicas, &faults)
        autoscaling = try Autoscaling(reading: try node.nested("autoscaling"), &faults)
        slotsPerAgent = try node.integer("slotsPerAgent", 1, in: Bounds.slots, &faults)
        for type in try node.list("taskTypes") {
            taskTypes.append(try TaskType(reading: type, &faults))
        }
        if let key = try node.nested("persona") { persona = try PersonaSource(reading: key) }
        if let volume = try node.nested("workspace") {
            workspace = try Workspace(reading: volume, &faults)
        }
        agent = try Agent(reading: try node.nested("agent"), &faults)
        update = try Update(reading: try node.nested("update"), &faults)
        if let quota = try node.nested("quota") {
            self.quota = Quota(hard: try Optional(quota).quantities("hard"))
        }
        isolation = try Isolation(reading: try node.nested("isolation"), &faults)
        policies = try Policies(reading: try node.nested("policies"), &faults)
        allowedNamespaces = try AllowedNamespaces(
            reading: try node.nested("allowedNamespaces"), &faults)
        scoring = try Scoring(reading: try node.nested("scoring"), &faults)
        preemption = try node.word("preemption", .never, &faults)
        tenant = try node.text("tenant")
        paused = try node.flag("paused", false)
        emergencyStop = try node.flag("emergencyStop", false)
        readingFaults = faults
    }
}
