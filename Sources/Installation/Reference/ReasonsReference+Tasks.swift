/// What tasks say, and what both say in Events.
extension ReasonsReference {
    static let taskReasons = [
        Group(
            title: "Task: conditions",
            about:
                "`Complete` is True or False once the task has ended, with the reason of its end. "
                + "`Failed` is True where it failed. `Escalated` is True where a person should "
                + "look.",
            entries: [
                Entry("RetriesUsedUp", "Escalated: it has failed as often as it may."),
                Entry("Poison", "Failed, Escalated: it has taken down several agents."),
            ]),
        Group(
            title: "Task: why it waits",
            about: "`status.reason` in the phases `Pending`, `Blocked`, `Scheduled` and `Queued`.",
            entries: [
                Entry("WaitingForAgent", "Queued: the next free agent takes it, in its turn."),
                Entry("NoAgentFits", "Queued: no agent of the pool has room for it now."),
                Entry("PoolPaused", "Queued: the pool is paused."),
                Entry("Requeued", "Queued: an attempt was lost or stopped; no retry was used."),
                Entry("Rebalanced", "Queued: its agent had not begun it; another one may."),
                Entry("Preempted", "Queued: its attempt gave way to a task of more priority."),
                Entry("RetryScheduled", "Scheduled: the next attempt waits its time."),
                Entry("NotBefore", "Scheduled: `spec.notBefore` has not come."),
                Entry("WaitingForDependencies", "Blocked: tasks that come first have not ended."),
                Entry("DependencyNotFound", "Blocked: there is no such task yet."),
                Entry("Suspended", "Blocked: `spec.state` is `Suspended`."),
                Entry("PoolNotFound", "Blocked: there is no such pool."),
                Entry(
                    "NoMatchingPool",
                    "Blocked: no pool takes it; the message says why each does not."),
                Entry("NamespaceNotAllowed", "Blocked: the pool does not serve this namespace."),
                Entry("TypeNotAccepted", "Blocked: the pool does not take this type."),
                Entry(
                    "InputRefused", "Blocked: the input is not what the pool's contract asks for."),
                Entry("LabelsNotMatched", "Blocked: the pool lacks the labels of `poolSelector`."),
                Entry("PersonaNotOffered", "Blocked: the pool's agents have another persona."),
                Entry("PoolDeleting", "Blocked: the pool is being deleted."),
            ]),
        Group(
            title: "Task: while it runs", about: "`status.reason` in the phase `Running`.",
            entries: [
                Entry("Assigned", "An agent has it."),
                Entry("Cancelling", "It was called off and is asked to stop."),
                Entry("Suspending", "It is to be suspended and is asked to stop."),
                Entry(
                    "Rebalancing",
                    "Its agent has not called for it, and another is free: it is taken back."),
                Entry("Preempting", "It is asked to stop for a task of more priority."),
                Entry("Divided", "Its work is done by child tasks."),
            ]),
        Group(
            title: "Task: how it ended, or an attempt did",
            about: "`status.reason` in the phases `Succeeded`, `Failed` and `Cancelled`, and "
                + "`status.failure.reason`. A pod that ended by itself is told by Kubernetes' own "
                + "word, as in `Evicted` or `OOMKilled`.",
            entries: [
                Entry("Succeeded", "The program ended with 0."),
                Entry("Cancelled", "It was called off."),
                Entry("QueueTimeout", "It waited for longer than `spec.queueTimeoutSeconds`."),
                Entry("DependencyCycle", "It waits for itself, over others."),
                Entry(
                    "DependencyNotMet", "A task that comes first ended otherwise than it had to."),
                Entry("ChildrenFailed", "Too few of its parts succeeded."),
                Entry("AgentSilent", "Its agent has not called for too long."),
                Entry("AgentDeleted", "Its agent's pod is gone."),
                Entry("AgentEnded", "Its agent's pod has ended."),
                Entry("AttemptLost", "The agent does not know the attempt any more."),
            ]),
    ]

    static let events = [
        Group(
            title: "Events",
            about: "Besides the words above: what `kubectl events --for bap/x` and `bt/x` show.",
            entries: [
                Entry("AgentCreated", "The pool made agents."),
                Entry("AgentRemoved", "The pool ended agents, and why."),
                Entry("AgentReplaced", "An agent was broken and is replaced."),
                Entry("AgentsRecovered", "A fresh agent is well: agents are replaced again."),
                Entry("ScaledUp", "The pool grows, and why."),
                Entry("ScaledDown", "The pool shrinks, and why."),
                Entry("UpdateComplete", "Every agent is of the current template."),
                Entry("PolicyCompliant", "Agents may be created again."),
                Entry("Retrying", "An attempt failed; the next one is decided."),
                Entry("AgentLost", "An attempt was lost with its agent."),
                Entry("Failed", "The task failed."),
                Entry("Escalated", "The task failed, and a person should look."),
            ])
    ]
}
