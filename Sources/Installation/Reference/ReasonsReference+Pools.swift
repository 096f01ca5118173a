/// What pools say.
extension ReasonsReference {
    static let poolConditions = [
        Group(
            title: "Pool: Ready", about: "True where enough agents can take tasks.",
            entries: [
                Entry("AgentsReady", "True: as many agents are ready as the pool needs."),
                Entry("WaitingForAgents", "False: too few are; the message says what keeps them."),
                Entry("Paused", "False: `spec.paused` is set, no task is started."),
                Entry(
                    "EmergencyStop", "False: `spec.emergencyStop` is set, every agent is killed."),
                Entry(
                    "InvalidSpec", "False: the spec asks for what cannot be."),
                Entry("Deleting", "False: the pool is being deleted; busy agents finish first."),
            ]),
        Group(
            title: "Pool: Progressing",
            about: "True while the pool is on its way to what it wants.",
            entries: [
                Entry("ScalingUp", "True: agents are being made."),
                Entry("ScalingDown", "True: agents are drained and removed."),
                Entry("Updating", "True: agents of an older template are being replaced."),
                Entry("Starting", "True: agents exist and are not ready yet."),
                Entry("Settled", "False: nothing changes."),
                Entry("PolicyViolation", "False: policies forbid new agents."),
                Entry(
                    "ProgressDeadlineExceeded",
                    "False: an update has stood still for longer than "
                        + "`spec.update.progressDeadlineSeconds`."),
            ]),
        Group(
            title: "Pool: Degraded",
            about: "True where something is wrong that a person should see.",
            entries: [
                Entry("AsExpected", "False: no agent is broken."),
                Entry("AgentsBroken", "True: these agents have ended, stalled or gone silent."),
                Entry(
                    "RestartBudgetExhausted",
                    "True: more agents broke than `spec.agent.restartBudget` allows; one is "
                        + "replaced at a time."),
                Entry("WriteRefused", "True: the API server refused what the pool needs."),
                Entry("WriteFailed", "True: the API server did not answer a write."),
                Entry("NameTaken", "True: an object that is not the pool's has a name it needs."),
            ]),
        Group(
            title: "Pool: ScalingLimited",
            about: "True where the size is not what the load asks for.",
            entries: [
                Entry("WithinBounds", "False: the size is inside its bounds."),
                Entry("AboveMaximum", "True: the load asks for more than `maxReplicas`."),
                Entry("BelowMinimum", "True: the load asks for fewer than `minReplicas`."),
                Entry("LoadUnknown", "True: not all tasks have been seen yet."),
                Entry(
                    "LoadStale",
                    "True: tasks are not heard of any more, so the size stays as it is."),
                Entry("TimeZoneUnknown", "True: the operator does not know the zone of a floor."),
            ]),
        Group(
            title: "Pool: PolicyCompliant", about: "True where policies allow the pool's agents.",
            entries: [
                Entry("Compliant", "True: agents pass what is loaded."),
                Entry("NoPolicies", "True: no policy is loaded."),
                Entry("AuditFailures", "True: agents fail rules that only report."),
                Entry("PolicyNotLoaded", "A policy cannot be loaded; False where it enforces."),
                Entry("PoliciesLoading", "Unknown: the policies are being loaded."),
            ]),
        Group(
            title: "Pool: QuotaExceeded",
            about: "True where an agent was refused for lack of quota.",
            entries: [
                Entry("WithinQuota", "False: no agent was refused."),
                Entry("QuotaExceeded", "True: the message is the API server's."),
            ]),
        Group(
            title: "Pool: PersonasRead",
            about: "True where all persona files that the pool names are used; absent where it "
                + "names none.",
            entries: [
                Entry("PersonasRead", "True: the message names the personas."),
                Entry(
                    "PersonaNotFound",
                    "False: there is no such key, or no such ConfigMap with the label "
                        + "`swiftlet.dev/personas`."),
                Entry("PersonaRefused", "False: a file is not used, and why."),
            ]),
        Group(
            title: "Pool: why it has its size", about: "`status.autoscaling.reason`.",
            entries: [
                Entry("Fixed", "Autoscaling is off."),
                Entry("ReplicasChanged", "Somebody changed `spec.replicas`."),
                Entry("Backlog", "Tasks wait or run."),
                Entry("LowLoad", "Fewer agents have been enough for a while."),
                Entry("Floor", "A schedule keeps at least so many."),
            ]),
    ]
}
