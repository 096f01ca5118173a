public import KubernetesCore

/// What a pool is at present. Swift names are the JSON names.
public struct BackgroundAgentPoolStatus: Hashable, Sendable {
    /// The generation of the spec that this was said about.
    public var observedGeneration = 0
    /// Agents that exist and are not on their way out.
    public var replicas = 0
    /// Agents that can take tasks or work on some.
    public var readyReplicas = 0
    /// Agents of the current template revision.
    public var updatedReplicas = 0
    /// Ready agents without a task.
    public var idleAgents = 0
    /// Agents with a task.
    public var busyAgents = 0
    /// Agents that the pool is being brought to.
    public var desiredReplicas = 0
    /// The label selector of the pool's agents, for scalers.
    public var selector = ""
    /// The hash of the current template.
    public var templateRevision = ""
    /// The tenant that the pool belongs to.
    public var tenant: String?
    /// The tasks of the pool.
    public var queue = Queue()
    /// Tasks that have ended.
    public var totals = Totals()
    /// How well it goes.
    public var performance: Performance?
    /// What agents ask for and use.
    public var resources = Resources()
    /// The agents, at most `Bounds.listedAgents`.
    public var agents: [Agent] = []
    /// The persona files that the pool's agents have, at most `Bounds.listedPersonas`.
    public var personas: [Persona] = []
    /// What the autoscaler has to remember; nil before it first looked.
    public var autoscaling: Autoscaling?
    /// How far a changed template has reached; nil while every agent is of the current one.
    public var rollout: Rollout?
    /// What the restart budget has to remember.
    public var restarts = Restarts()
    /// When this status was last written.
    public var lastUpdateTime: Timestamp?
    /// `Ready`, `Progressing`, `Degraded`, `ScalingLimited`, `PolicyCompliant`, `QuotaExceeded`;
    /// `PersonasRead` where the pool names personas.
    public var conditions: [Condition] = []

    /// The status of a pool that nobody has looked at.
    public init() {}

    /// Reads `status`; nil where there is none yet.
    public init(reading status: JSONNode?) throws(JSONError) {
        observedGeneration = try status.count("observedGeneration")
        replicas = try status.count("replicas")
        readyReplicas = try status.count("readyReplicas")
        updatedReplicas = try status.count("updatedReplicas")
        idleAgents = try status.count("idleAgents")
        busyAgents = try status.count("busyAgents")
        desiredReplicas = try status.count("desiredReplicas")
        selector = try status.text("selector") ?? ""
        templateRevision = try status.text("templateRevision") ?? ""
        tenant = try status.text("tenant")
        queue = try Queue(reading: try status.nested("queue"))
        totals = try Totals(reading: try status.nested("totals"))
        if let node = try status.nested("performance") {
            performance = try Performance(reading: node)
        }
        resources = try Resources(reading: try status.nested("resources"))
        for node in try status.list("agents").prefix(Bounds.listedAgents) {
            agents.append(try Agent(reading: node))
        }
        for node in try status.list("personas").prefix(Bounds.listedPersonas) {
            personas.append(try Persona(reading: node))
        }
        if let node = try status.nested("autoscaling") {
            autoscaling = try Autoscaling(reading: node)
        }
        if let node = try status.nested("rollout") { rollout = try Rollout(reading: node) }
        restarts = try Restarts(reading: try status.nested("restarts"))
        lastUpdateTime = try status.time("lastUpdateTime")
        conditions = try [Condition](reading: status)
    }

    /// This status as the object carries it. Counts are always there; what is unknown is left out.
    public var json: JSONValue {
        var result: JSONObject = [
            "observedGeneration": .int(observedGeneration), "replicas": .int(replicas),
            "readyReplicas": .int(readyReplicas), "updatedReplicas": .int(updatedReplicas),
            "idleAgents": .int(idleAgents), "busyAgents": .int(busyAgents),
            "desiredReplicas": .int(desiredReplicas), "selector": .string(selector),
            "queue": queue.json, "totals": totals.json,
        ]
        if !templateRevision.isEmpty { result.put("templateRevision", templateRevision) }
        result.put("tenant", tenant)
        result.put("performance", performance?.json)
        result.put("resources", resources.json)
        result.put("agents", agents.map(\.json))
        result.put("personas", personas.map(\.json))
        result.put("autoscaling", autoscaling?.json)
        result.put("rollout", rollout?.json)
        result.put("restarts", restarts.json)
        result.put("lastUpdateTime", lastUpdateTime)
        result.put("conditions", conditions.map(\.json))
        return .object(result)
    }
}
