import KubernetesCore

/// The schema of a `BackgroundTask`. Bounds and defaults come from the Swift types.
enum TaskSchema {
    private typealias Spec = BackgroundTaskSpec

    /// The fields that decide what runs. `input` is one of them too, but rules cannot see into free
    /// JSON; an attempt that runs keeps the input that it was given.
    static let fixedOnceAttempted = [
        "poolRef", "poolSelector", "persona", "type", "command", "args", "env", "resources",
        "dependsOn", "shards", "matrix", "successPolicy",
    ]

    static let root: StructuralSchema = {
        var root = StructuralSchema.object(
            ["spec": spec.defaultingToItsDefaults(), "status": TaskSchema.status]
        ).described("One unit of work, run on an agent of a pool.")
        for field in fixedOnceAttempted { root = root.rule(immutability(of: field)) }
        return root.rule(
            "!has(self.spec.dependsOn) || "
                + "self.spec.dependsOn.all(d, d.name != self.metadata.name)",
            "a task cannot depend on itself", fieldPath: ".spec.dependsOn")
    }()

    private static func immutability(of field: String) -> ValidationRule {
        let new = "self.spec.\(field)"
        let old = "oldSelf.spec.\(field)"
        return ValidationRule(
            "!has(oldSelf.status) || !has(oldSelf.status.attempt) || oldSelf.status.attempt == 0"
                + " || (has(\(new)) ? has(\(old)) && \(new) == \(old) : !has(\(old)))",
            message: "\(field) cannot change once the task has been attempted: "
                + "cancel the task and submit a new one",
            reason: "FieldValueForbidden", fieldPath: ".spec.\(field)")
    }

    static let spec: StructuralSchema = {
        let defaults = BackgroundTaskSpec()
        return .object([
            "poolRef": .object(
                [
                    "name": .subdomain().described("The pool's name."),
                    "namespace": .label().described(
                        "The pool's namespace; the task's own where absent."),
                ], required: ["name"]
            ).described("The pool. Where absent the task is routed to one that accepts it."),
            "poolSelector": .labelSelector().described(
                "Labels that a pool must have to be given the task, where poolRef is absent."),
            "persona": .taskType().described(
                "The persona that a pool's agents must have, by its file, id or name, as in "
                    + "qa for qa.md; only where poolRef is absent."),
            "type": .taskType().defaulting(to: .string(defaults.type)).described(
                "The type of work; a pool lists the types that it takes."),
            "priority": .integer(in: Bounds.priority, default: defaults.priority).described(
                "Higher goes first; waiting raises it."),
            "command": .array(of: .text(16_384), .atomic, maxCount: 256).described(
                "The program and its first arguments; never a shell line."),
            "args": .array(of: .text(16_384), .atomic, maxCount: 512).described("More arguments."),
            "env": env,
            "input": .anything().described("Free JSON for the program."),
            "resources": .object([
                "requests": .quantities(maxCount: 16).described(
                    "cpu, memory and ephemeral-storage to quantities.")
            ]).described("What an attempt needs; learned where absent."),
            "dependsOn": dependsOn,
            "estimatedDurationSeconds": .integer(in: Bounds.positiveSeconds).described(
                "Seconds that an attempt is thought to take; learned where absent."),
            "timeoutSeconds": .integer(
                in: Bounds.positiveSeconds, default: defaults.timeoutSeconds
            ).described("Seconds that an attempt may take."),
            "queueTimeoutSeconds": .integer(in: Bounds.positiveSeconds).described(
                "Seconds that the task may wait in the queue; for ever where absent."),
            "notBefore": .time().described("Earliest start."),
            "retry": retry,
            "checkpoint": .object([
                "enabled": .flag(default: true).described(
                    "Give the next attempt the last committed checkpoint.")
            ]).described("Checkpoints.").defaultingToItsDefaults(),
            "shards": .integer(in: Bounds.shards).described(
                "Into how many child tasks the work is cut."),
            "matrix": matrix,
            "successPolicy": successPolicy,
            "state": .words(of: Spec.State.self, default: .active).described(
                "Active, Suspended or Cancelled."
            ).rule(
                "oldSelf != 'Cancelled' || self == 'Cancelled'",
                "a cancelled task stays cancelled: submit a new one"),
            "ttlSecondsAfterFinished": .integer(
                in: Bounds.retentionSeconds, default: defaults.ttlSecondsAfterFinished
            ).described("Seconds after its end at which the task is deleted."),
        ]).described("What is wanted.")
            .rule(
                "!has(self.shards) || !has(self.matrix)",
                "shards and matrix exclude each other: give one of them", fieldPath: ".matrix"
            )
            .rule(
                "!has(self.poolRef) || !has(self.poolSelector) && !has(self.persona)",
                "poolRef excludes poolSelector and persona: they choose among pools",
                fieldPath: ".poolRef")
    }()

    private static let env: StructuralSchema = .array(
        of: .object(
            [
                "name": .string(
                    minLength: 1, maxLength: 128, pattern: "^[A-Za-z_][A-Za-z0-9_.-]*$"
                ).described("The variable's name.").rule(
                    "!self.startsWith('SWIFTLET_')",
                    "names that begin with SWIFTLET_ are the runner's: choose another one"),
                "value": .text(32_768).described("Its value."),
                "valueFrom": .object(
                    [
                        "secretKeyRef": .object(
                            [
                                "name": .subdomain().described("The Secret's name."),
                                "key": .dataKey().described("The key inside it."),
                                "optional": .flag(default: false).described(
                                    "Leave the variable out where there is no such key."),
                            ], required: ["name", "key"]
                        ).described("A key of a Secret in the task's namespace.")
                    ], required: ["secretKeyRef"]
                ).described("Where its value comes from."),
            ], required: ["name"]
        ).rule(
            "!has(self.value) || !has(self.valueFrom)",
            "value and valueFrom exclude each other: give one of them", fieldPath: ".valueFrom"),
        keys: ["name"], maxCount: 128
    ).described("The environment: values or keys of Secrets.")

    private static let dependsOn: StructuralSchema = .array(
        of: .object(
            [
                "name": .subdomain().described("The other task's name."),
                "condition": .words(of: Spec.Dependency.Condition.self, default: .succeeded)
                    .described("How it must have ended."),
            ], required: ["name"]), keys: ["name"], maxCount: 64
    ).described("Tasks of the same namespace that come first.")

    private static let matrix: StructuralSchema = .map(
        of: .array(of: .text(256), .atomic, minCount: 1, maxCount: 64), maxCount: 8
    ).described("Names and values whose every combination becomes a child task.")
        .rule(
            "self.all(k, size(k) >= 1 && size(k) <= 63)",
            "each name must have 1 to 63 characters")

    private static let successPolicy: StructuralSchema = {
        let defaults = BackgroundTaskSpec.SuccessPolicy()
        var share = StructuralSchema.intOrString(pattern: "^(100|[1-9]?[0-9])%$")
        share.maxLength = 4
        return .object([
            "minSucceeded": share.defaulting(to: defaults.minSucceeded.json).rule(
                "type(self) == string || self >= 0",
                "must be a number from 0 on, as in 2, or a share, as in 25%"
            ).described(
                "Children that must succeed, as a number or a share, rounded up."),
            "stopEarly": .flag(default: defaults.stopEarly).described(
                "Cancel what still runs or waits as soon as the outcome is certain."),
        ]).described("When a task with shards or a matrix counts as succeeded.")
    }()

    private static let retry: StructuralSchema = {
        let defaults = BackgroundTaskSpec.Retry()
        return .object([
            "maxRetries": .integer(in: Bounds.retries, default: defaults.maxRetries).described(
                "Attempts beyond the first; attempts lost with their agent do not count."),
            "backoff": .object([
                "initialSeconds": .integer(
                    in: Bounds.seconds, default: defaults.backoff.initialSeconds
                ).described("Seconds before the first retry."),
                "factor": .number(in: 1...10, default: defaults.backoff.factor).described(
                    "By how much each wait is longer than the one before."),
                "maxSeconds": .integer(in: Bounds.seconds, default: defaults.backoff.maxSeconds)
                    .described("Most seconds before a retry."),
            ]).described("The wait before a retry, with full jitter.").defaultingToItsDefaults()
                .rule(
                    "self.initialSeconds <= self.maxSeconds",
                    "initialSeconds must not be greater than maxSeconds",
                    fieldPath: ".initialSeconds"),
            "rules": .array(of: retryRule, .atomic, maxCount: 32).described(
                "What is done about which failure; the first that fits counts."),
        ]).described("What is done about failures.").defaultingToItsDefaults()
    }()

    private static let retryRule: StructuralSchema = .object(
        [
            "exitCodes": .array(of: .integer(in: Bounds.exitCode), .set, maxCount: 64).described(
                "Exit codes that fit."),
            "classes": .array(of: .words(of: TaskFailureClass.self), .set, maxCount: 16)
                .described("Failure classes that fit."),
            "messagePattern": .string(minLength: 1, maxLength: 512).described(
                "A regular expression (RE2) that fits somewhere in the failure's message."),
            "action": .words(of: Spec.Rule.Action.self).described("What is done."),
        ], required: ["action"]
    ).rule(
        "has(self.exitCodes) || has(self.classes) || has(self.messagePattern)",
        "a rule must say what it fits: exitCodes, classes or messagePattern")
}
