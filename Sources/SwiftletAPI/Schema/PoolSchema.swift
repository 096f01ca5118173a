import KubernetesCore

/// The schema of a `BackgroundAgentPool`. Bounds and defaults come from the Swift types.
enum PoolSchema {
    private typealias Spec = BackgroundAgentPoolSpec

    static let root: StructuralSchema = .object(
        ["spec": spec, "status": PoolSchema.status], required: ["spec"]
    ).described("A set of interchangeable agent pods, and the queue of tasks that they work on.")
        .rule(
            "size(self.metadata.name) <= \(Bounds.poolName) && !self.metadata.name.contains('.')",
            "a pool's name begins the names of its agents: use at most \(Bounds.poolName) "
                + "characters and no dots")

    static let spec: StructuralSchema = {
        let defaults = BackgroundAgentPoolSpec(template: [:])
        return .object(
            [
                "replicas": .integer(in: Bounds.replicas, default: defaults.replicas).described(
                    "Agents wanted. With autoscaling, a changed value moves the pool there at once "
                        + "and the autoscaler goes on from there."),
                "autoscaling": autoscaling,
                "slotsPerAgent": .integer(in: Bounds.slots, default: 1).described(
                    "Attempts that one agent runs at once."),
                "taskTypes": taskTypes,
                "persona": persona,
                "workspace": workspace,
                "agent": agent,
                "template": template,
                "update": update,
                "quota": .object(
                    [
                        "hard": .quantities(maxCount: 32).described(
                            "Hard limits: resource name to quantity.")
                    ], required: ["hard"]
                ).described(
                    "Becomes a ResourceQuota, scoped to the background priority class, in the "
                        + "pool's namespace."),
                "isolation": isolation,
                "policies": policies,
                "allowedNamespaces": allowedNamespaces,
                "scoring": scoring,
                "preemption": .words(of: Spec.Preemption.self, default: .never).described(
                    "Whether checkpointable attempts of lower priority may be ended for higher "
                        + "ones."),
                "tenant": .label().described(
                    "The tenant that the pool belongs to. The namespace's label decides; this may "
                        + "only agree with it."),
                "paused": .flag(default: false).described("Hand out no more tasks."),
                "emergencyStop": .flag(default: false).described(
                    "Kill every agent now, without grace, and suspend its tasks."),
            ], required: ["template"]
        ).described("What is wanted.")
            .rule(
                "self.agent.recycle.mode != 'Ephemeral' || self.slotsPerAgent == 1",
                "an Ephemeral agent runs one attempt: set slotsPerAgent to 1, or "
                    + "agent.recycle.mode to Reuse", fieldPath: ".slotsPerAgent")
    }()

    private static let workspace: StructuralSchema = {
        let defaults = BackgroundAgentPoolSpec.Workspace(claimName: "")
        return .object(
            [
                "claimName": .string(
                    minLength: 1, maxLength: 253,
                    pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
                ).described(
                    "The PersistentVolumeClaim in the pool's namespace; agents on several nodes "
                        + "need one with ReadWriteMany."),
                "checkpointBytesMax": .integer(
                    in: BackgroundAgentPoolSpec.Workspace.checkpointBytes,
                    default: defaults.checkpointBytesMax
                ).described("Most bytes of a checkpoint on it."),
                "retentionSeconds": .integer(
                    in: BackgroundAgentPoolSpec.Workspace.retention,
                    default: defaults.retentionSeconds
                ).described(
                    "Seconds after which a checkpoint on it that nobody has touched is removed."),
            ], required: ["claimName"]
        ).described(
            "A volume that all agents mount: checkpoints that are too large for a Secret lie there."
        )
    }()

    private static let autoscaling: StructuralSchema = {
        let defaults = BackgroundAgentPoolSpec.Autoscaling()
        return .object([
            "enabled": .flag(default: defaults.enabled).described(
                "Size the pool by its load; where false, replicas alone counts."),
            "minReplicas": .integer(in: Bounds.replicas, default: defaults.minReplicas).described(
                "Fewest agents."),
            "maxReplicas": .integer(in: Bounds.replicas, default: defaults.maxReplicas).described(
                "Most agents."),
            "targetUtilization": .integer(
                in: Bounds.percent, default: defaults.targetUtilization
            ).described("Percent of slots that should be in use."),
            "queueDrainSeconds": .integer(
                in: Bounds.positiveSeconds, default: defaults.queueDrainSeconds
            ).described("Seconds in which the backlog should be worked off."),
            "scaleDownStabilizationSeconds": .integer(
                in: Bounds.seconds, default: defaults.scaleDownStabilizationSeconds
            ).described(
                "Seconds for which fewer agents must have been enough before some are taken away."),
            "minIdle": .integer(in: Bounds.replicas, default: defaults.minIdle).described(
                "Agents that stay free."),
            "floors": .array(of: floor, .atomic, maxCount: 32).described(
                "Times at which more agents than minReplicas are kept."),
        ]).described("Sizing by load, inside bounds.").defaultingToItsDefaults()
            .rule(
                "self.minReplicas <= self.maxReplicas",
                "minReplicas must not be greater than maxReplicas", fieldPath: ".minReplicas"
            )
            .rule(
                "self.minIdle <= self.maxReplicas",
                "minIdle must not be greater than maxReplicas", fieldPath: ".minIdle"
            )
            .rule(
                "!has(self.floors) || self.floors.all(f, f.minReplicas <= self.maxReplicas)",
                "a floor's minReplicas must not be greater than maxReplicas",
                fieldPath: ".floors")
    }()

    private static let floor: StructuralSchema = .object(
        [
            "cron": .string(minLength: 1, maxLength: 128).described(
                "When it begins: a cron expression of five fields, or a macro such as @daily."),
            "timeZone": .string(
                minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9][-+_/A-Za-z0-9]*$"
            ).defaulting(to: "UTC").described("The IANA time zone in which cron is read."),
            "durationSeconds": .integer(in: Bounds.positiveSeconds, default: 3_600).described(
                "Seconds for which it holds."),
            "minReplicas": .integer(in: Bounds.replicas, default: 1).described(
                "Fewest agents while it holds."),
        ], required: ["cron"])

    private static let taskTypes: StructuralSchema = .array(
        of: .object(
            [
                "name": .taskType().described("The type's name, as tasks give it."),
                "weight": .number(in: 0...100, default: 1).described(
                    "How much the pool is made for it; only proportions count."),
                "inputSchema": .freeObject().described(
                    "The JSON schema that a task's input must satisfy."),
                "outputSchema": .freeObject().described(
                    "The JSON schema that a result must satisfy."),
            ], required: ["name"]), keys: ["name"], maxCount: 64
    ).described("The types of tasks that the pool takes; any where there are none.")

    private static let persona: StructuralSchema = .object(
        [
            "name": .subdomain().described(
                "The ConfigMap's name. It is read where it has the label "
                    + "\(SwiftletNames.Label.personas)."),
            "key": .dataKey().described(
                "The key of the agents' persona file. Without it every key is one, and each task "
                    + "says which it wants."),
        ], required: ["name"]
    ).described("The ConfigMap in the pool's namespace that holds the agents' persona files.")

    private static let agent: StructuralSchema = {
        let defaults = BackgroundAgentPoolSpec.Agent()
        return .object([
            "heartbeatSeconds": .integer(in: 1...3_600, default: defaults.heartbeatSeconds)
                .described("Seconds between two calls of an agent."),
            "timeoutSeconds": .integer(
                in: Bounds.positiveSeconds, default: defaults.timeoutSeconds
            ).described("Seconds of silence after which an agent counts as lost."),
            "startupTimeoutSeconds": .integer(
                in: Bounds.positiveSeconds, default: defaults.startupTimeoutSeconds
            ).described("Seconds that a new agent has to become ready."),
            "healthCheckIntervalSeconds": .integer(
                in: 1...3_600, default: defaults.healthCheckIntervalSeconds
            ).described("Seconds between two assessments when nothing changes."),
            "recycle": .object([
                "afterTasks": .integer(in: 1...1_000_000).described(
                    "Attempts after which an agent is replaced."),
                "afterSeconds": .integer(in: 60...31_536_000).described(
                    "Seconds of age after which an agent is replaced."),
                "mode": .words(of: Spec.Recycle.Mode.self, default: .reuse).described(
                    "Reuse, or Ephemeral for a fresh agent for every attempt."),
            ]).described("When an agent is replaced by a fresh one.").defaultingToItsDefaults(),
            "restartBudget": .object([
                "restarts": .integer(in: 1...100, default: defaults.restartBudget.restarts)
                    .described("Replacements of failed agents,"),
                "windowSeconds": .integer(
                    in: Bounds.positiveSeconds, default: defaults.restartBudget.windowSeconds
                ).described("in so many seconds."),
            ]).described(
                "How many agents may be replaced before something must be wrong with all of them."
            ).defaultingToItsDefaults(),
        ]).described("Liveness, recycling and restarts of agents.").defaultingToItsDefaults()
            .rule(
                "self.heartbeatSeconds < self.timeoutSeconds",
                "heartbeatSeconds must be less than timeoutSeconds: an agent must be able to call "
                    + "before it counts as lost", fieldPath: ".timeoutSeconds")
    }()

    private static let template: StructuralSchema = {
        let container = StructuralSchema.object(
            ["name": .label().described("The container's name.")], required: ["name"]
        ).with { $0.preservesUnknownFields = true }
        let metadata = StructuralSchema.object([
            "labels": .map(of: .text(63), maxCount: 64).described("Labels of the agents."),
            "annotations": .map(of: .text(16_384), maxCount: 64).described(
                "Annotations of the agents."),
        ])
        let spec = StructuralSchema.object(
            [
                "containers": .array(of: container, keys: ["name"], minCount: 1, maxCount: 16)
                    .described(
                        "The containers. The first is the agent's: without a command of its own it "
                            + "runs the runner.")
            ], required: ["containers"]
        ).described("The pod's spec, as in any pod template.").with {
            $0.preservesUnknownFields = true
        }
        return .object(
            [
                "metadata": metadata.described("Labels and annotations of the agents."),
                "spec": spec,
            ],
            required: ["spec"]
        ).described("The pod template of an agent.")
    }()

    private static let update: StructuralSchema = {
        let defaults = BackgroundAgentPoolSpec.Update()
        func share(_ value: IntOrPercent) -> StructuralSchema {
            var schema = StructuralSchema.intOrString(pattern: "^(100|[1-9]?[0-9])%$")
            schema.maxLength = 4
            return schema.defaulting(to: value.json).rule(
                "type(self) == string || self >= 0",
                "must be a number from 0 on, as in 2, or a share, as in 25%")
        }
        return .object([
            "maxUnavailable": share(defaults.maxUnavailable).described(
                "Agents that may be missing meanwhile, as a number or a share such as 25%."),
            "maxSurge": share(defaults.maxSurge).described(
                "Agents that may be there in addition meanwhile, as a number or a share."),
            "drainSeconds": .integer(in: Bounds.seconds, default: defaults.drainSeconds)
                .described("Seconds that a busy agent is given before it is ended."),
            "progressDeadlineSeconds": .integer(
                in: Bounds.positiveSeconds, default: defaults.progressDeadlineSeconds
            ).described("Seconds without progress after which an update counts as stuck."),
        ]).described("How a changed template reaches the agents.").defaultingToItsDefaults()
            .rule(
                "!(type(self.maxUnavailable) == int ? self.maxUnavailable == 0 "
                    + ": self.maxUnavailable == '0%') || "
                    + "!(type(self.maxSurge) == int ? self.maxSurge == 0 "
                    + ": self.maxSurge == '0%')",
                "maxUnavailable and maxSurge must not both be 0: no agent could ever be replaced",
                fieldPath: ".maxUnavailable")
    }()

    private static let scoring: StructuralSchema = {
        let defaults = BackgroundAgentPoolSpec.Scoring()
        return .object([
            "capacity": .number(in: 0...1, default: defaults.capacity).described(
                "Weight of free slots and resources."),
            "specialization": .number(in: 0...1, default: defaults.specialization).described(
                "Weight of how much the pool is made for the task's type."),
            "performance": .number(in: 0...1, default: defaults.performance).described(
                "Weight of how the agent did so far."),
            "workload": .number(in: 0...1, default: defaults.workload).described(
                "Weight of how little the agent has to do."),
        ]).described("Weights of agent selection; only proportions count.")
            .defaultingToItsDefaults()
            .rule(
                "self.capacity + self.specialization + self.performance + self.workload > 0.0",
                "at least one weight must be greater than 0")
    }()
}
