import KubernetesCore

extension PoolSchema {
    static let status: StructuralSchema = .object([
        "observedGeneration": .count().described(
            "The generation of the spec that this was said about."),
        "replicas": .count().described("Agents that exist and are not on their way out."),
        "readyReplicas": .count().described("Agents that can take tasks or work on some."),
        "updatedReplicas": .count().described("Agents of the current template."),
        "idleAgents": .count().described("Ready agents without a task."),
        "busyAgents": .count().described("Agents with a task."),
        "desiredReplicas": .count().described("Agents that the pool is being brought to."),
        "selector": .text(512).described("The label selector of the agents, for scalers."),
        "templateRevision": .text(63).described("The hash of the current template."),
        "tenant": .text(63).described("The tenant that the pool belongs to."),
        "queue": .object([
            "queued": .count().described("Tasks that could run at once."),
            "blocked": .count().described("Tasks that wait for others or for a time."),
            "running": .count().described("Tasks that run."),
            "oldestQueuedSeconds": .count().described(
                "For how many seconds the oldest queued task has waited."),
        ]).described("The tasks of the pool that have not ended."),
        "totals": .object([
            "succeeded": .count().described("Tasks that succeeded."),
            "failed": .count().described("Tasks that failed."),
            "retried": .count().described("Attempts beyond the first."),
        ]).described("Tasks that have ended."),
        "performance": performance,
        "resources": .object([
            "requested": .quantities(maxCount: 32).described("What the agents ask for."),
            "used": .quantities(maxCount: 32).described("What the agents say they use."),
        ]).described("Resources of all agents together."),
        "agents": .array(of: agentStatus, keys: ["name"], maxCount: Bounds.listedAgents)
            .described("The agents, at most \(Bounds.listedAgents)."),
        "personas": .array(of: personaStatus, keys: ["file"], maxCount: Bounds.listedPersonas)
            .described("The persona files, at most \(Bounds.listedPersonas)."),
        "autoscaling": autoscalingStatus,
        "rollout": .object([
            "templateRevision": .text(63).described("The template that agents are brought to."),
            "outdated": .count().described("Agents of older templates that remain."),
            "progressTime": .time().described("When there was last one less of them."),
        ]).described("How far a changed template has reached; absent when it has reached all."),
        "restarts": .object([
            "times": .array(of: .time(), .atomic, maxCount: 101).described(
                "When failed agents were replaced, inside the budget's window."),
            "probingSince": .time().described(
                "Since when agents are replaced one at a time because the budget is used up."),
        ]).described("What the restart budget remembers."),
        "lastUpdateTime": .time().described("When this status was last written."),
        "conditions": .conditions(),
    ]).described("What is, as the operator sees it.")

    private static let performance: StructuralSchema = .object([
        "averageDurationSeconds": .number(minimum: 0).described("Mean seconds of an attempt."),
        "p95DurationSeconds": .number(minimum: 0).described(
            "Seconds that 95 of 100 attempts stay under."),
        "schedulingP50Milliseconds": .number(minimum: 0).described(
            "Median milliseconds from queued to running."),
        "schedulingP99Milliseconds": .number(minimum: 0).described(
            "Milliseconds from queued to running that 99 of 100 tasks stay under."),
        "tasksPerMinute": .number(minimum: 0).described("Tasks that ended, a minute."),
    ]).described("How well it goes.")

    private static let agentStatus: StructuralSchema = .object(
        [
            "name": .text(253).described("The pod's name."),
            "state": .words(of: BackgroundAgentPoolStatus.Agent.State.self).described(
                "What the agent is at."),
            "health": .text(128).described("Healthy, or why not, in one word."),
            "tasks": .count().described("Tasks that it works on."),
            "lastHeartbeatTime": .time().described("When it last called."),
            "restarts": .count().described("How often its container was started anew."),
            "cpu": .text(64).described("Processor time that it uses."),
            "memory": .text(64).described("Memory that it uses."),
        ], required: ["name", "state"])

    private static let personaStatus: StructuralSchema = .object(
        [
            "file": .text(253).described("The key in the ConfigMap."),
            "format": .words(of: BackgroundAgentPoolStatus.Persona.Format.self).described(
                "How it is written."),
            "id": .text(63).described("The agent's id, as in qa; tasks may ask for it."),
            "name": .text(63).described("The agent's name, as in Quinn; tasks may ask for it."),
            "title": .text(128).described("The agent's title."),
            "icon": .text(16).described("The sign that stands for the agent."),
            "role": .text(256).described("What the agent does."),
            "customizations": .array(of: .text(253), maxCount: 3).described(
                "The keys of the TOML files that customise it, in the order of their merging."),
            "refusal": .text(512).described("Why the file is not used."),
        ], required: ["file"])

    private static let autoscalingStatus: StructuralSchema = .object([
        "observedReplicas": .count().described("The spec.replicas that was last taken over."),
        "lastScaleTime": .time().described("When the size last changed."),
        "belowSince": .time().described("Since when fewer agents have been enough."),
        "belowPeak": .count().described("The most agents that were needed since then."),
        "reason": .text(128).described("Why the size is what it is."),
    ]).described("What the autoscaler remembers.")
}
