import KubernetesCore

extension TaskSchema {
    static let status: StructuralSchema = .object([
        "observedGeneration": .count().described(
            "The generation of the spec that this was said about."),
        "phase": .words(of: TaskPhase.self).described("Where the task is in its life."),
        "reason": .text(128).described("Why, in one CamelCase word."),
        "message": .text(4_096).described("Why, in a sentence."),
        "pool": .object(
            [
                "name": .text(253).described("The pool's name."),
                "namespace": .text(63).described("The pool's namespace."),
            ], required: ["name"]
        ).described("The pool that the task was given to."),
        "queue": .object([
            "position": .count().described("How many go first, plus one."),
            "blockedBy": .array(of: .text(512), .atomic, maxCount: 64).described(
                "What it waits for."),
        ]).described("Its place among those that wait."),
        "attempt": .count().described("The number of the last attempt."),
        "agent": agent.described("Who has the attempt, or had the last one."),
        "progress": .object([
            "percent": .integer(in: 0...100).described("Of a hundred."),
            "message": .text(1_024).described("What it is at."),
        ]).described("How far the attempt is."),
        "checkpoint": .object(
            [
                "sequence": .count().described("Counts the task's checkpoints."),
                "bytes": .count().described("Its size."),
                "digest": .text(128).described("The digest of its content."),
                "time": .time().described("When it was committed."),
            ], required: ["sequence"]
        ).described("The last committed checkpoint."),
        "queuedTime": .time().described("When the task was first queued."),
        "lastQueuedTime": .time().described("Since when it has been queued this time."),
        "startTime": .time().described("When the last attempt began."),
        "completionTime": .time().described("When the task ended."),
        "notBefore": .time().described("Before when it is not tried again."),
        "retries": .count().described("Retries that its own failures have used up."),
        "infrastructureLosses": .count().described("Attempts that were lost with their agent."),
        "preemptions": .count().described("Attempts that were ended for tasks of more priority."),
        "preemptedBy": .text(512).described(
            "The task of more priority for which the running attempt is asked to stop."),
        "stopRequestedTime": .time().described("When the running attempt was asked to stop."),
        "withdrawnTime": .time().described(
            "When the running attempt was withdrawn from an agent that cannot have begun it."),
        "result": .anything().described("What the task gave back."),
        "failure": failure.described("Why the last attempt failed."),
        "attempts": .array(of: attempt, keys: ["number"], maxCount: Bounds.listedAttempts)
            .described("The last attempts, oldest first."),
        "children": .object(
            [
                "total": .count().described("How many there are to be."),
                "succeeded": .count().described("Those that succeeded."),
                "failed": .count().described("Those that failed or were cancelled."),
                "succeededIndexes": .text(8_192).described("Which succeeded, as in 0-3,7."),
                "failedIndexes": .text(8_192).described("Which failed or were cancelled."),
            ], required: ["total"]
        ).described("The tasks that this one was cut into."),
        "strategy": strategy,
        "conditions": .conditions(),
    ]).described("What is, as the operator sees it.")

    private static let agent: StructuralSchema = .object(
        [
            "name": .text(253).described("The pod's name."),
            "uid": .text(128).described("The pod's UID."),
            "node": .text(253).described("The node that the pod was on."),
            "namespace": .text(63).described("The pod's namespace, where not the task's."),
        ], required: ["name", "uid"])

    private static let failure: StructuralSchema = .object([
        "class": .words(of: TaskFailureClass.self).described("What kind of failure it is."),
        "reason": .text(128).described("Why, in one word."),
        "exitCode": .integer().described("The program's exit code."),
        "message": .text(4_096).described("Why, in a sentence."),
        "logTail": .text(Bounds.logTail * 4).described("The end of the program's log."),
    ])

    private static let attempt: StructuralSchema = .object(
        [
            "number": .count().described("Its number, from 1."),
            "agent": agent.described("Who had it."),
            "startTime": .time().described("When it began."),
            "completionTime": .time().described("When it ended."),
            "outcome": .words(of: BackgroundTaskStatus.Attempt.Outcome.self).described(
                "How it ended."),
            "failure": failure.described("Why it failed."),
        ], required: ["number"])

    private static let strategy: StructuralSchema = .object([
        "action": .words(of: BackgroundTaskSpec.Rule.Action.self).described(
            "What is done about the last failure."),
        "timeoutSeconds": .count().described("Seconds that the next attempt may take."),
        "avoidAgents": .array(of: .text(128), .atomic, maxCount: 32).described(
            "UIDs of agents that the next attempt should not go to."),
        "avoidNodes": .array(of: .text(253), .atomic, maxCount: 32).described(
            "Nodes that the next attempt should not go to."),
        "reason": .text(1_024).described("Why."),
    ]).described("What was decided about how the task is run, and why.")
}
