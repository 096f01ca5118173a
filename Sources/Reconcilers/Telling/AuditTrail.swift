import AgentProtocol
public import ControlLoop
public import KubernetesCore
import PolicyEngine
public import SwiftletAPI

/// What is written down of the decisions that matter, read off the history of objects: who
/// submitted a task, which agent had which attempt, how it ended, what was stopped, which
/// permissions were asked for and given, and what policies forbid.
///
/// Each record has an id that follows from what happened, so that a record that is written twice,
/// as after a change of leaders, is found to be the same.
public enum AuditTrail {
    /// What a record is about: the field `event`.
    public enum Event: String, CaseIterable, Sendable {
        /// Somebody has made a task.
        case taskSubmitted = "TaskSubmitted"
        /// A task is to be active, suspended or cancelled.
        case stateWanted = "StateWanted"
        /// An agent has been given a task.
        case attemptStarted = "AttemptStarted"
        /// A running attempt is asked to stop.
        case stopRequested = "StopRequested"
        /// An attempt has ended.
        case attemptEnded = "AttemptEnded"
        /// A task has ended.
        case taskEnded = "TaskEnded"
        /// A task was removed.
        case taskDeleted = "TaskDeleted"
        /// An attempt has asked a person for a permission.
        case permissionAsked = "PermissionAsked"
        /// A person or a policy has decided about a permission.
        case permissionDecided = "PermissionDecided"
        /// Policies have come to say something else about a pool's agents.
        case policyVerdict = "PolicyVerdict"
        /// An agent's token came from another address than its pod's.
        case tokenFromElsewhere = "TokenFromElsewhere"
    }

    /// What happened to a task: flat JSON objects without their time.
    public static func records(of change: Change<BackgroundTask>) -> [JSONValue] {
        guard let new = change.new else {
            return change.old.map { [record(.taskDeleted, $0, "deleted")] } ?? []
        }
        guard let old = change.old else {
            // What is seen for the first time and has begun already was written down by another.
            return new.status.phase == .pending ? [submitted(new)] : []
        }
        return stops(old, new) + permissions(old, new) + attempts(old, new) + end(old, new)
    }

    /// What the policies have come to say about a pool; nothing where that is what they said.
    public static func records(of change: Change<PoolVerdict>) -> [JSONValue] {
        guard let new = change.new, new.waiting == nil, new.gist != change.old?.gist else {
            return []
        }
        let forbidding = new.findings.filter(\.forbids)
        let rules = forbidding.prefix(20).map { finding in
            JSONValue.string("\(finding.result.policy)/\(finding.result.rule)")
        }
        return [
            [
                "event": .string(Event.policyVerdict.rawValue),
                "id": .string("\(new.subject.pool)/verdict/\(new.subject.revision)"),
                "namespace": .string(new.metadata.namespace), "pool": .string(new.metadata.name),
                "allowed": .bool(new.allows), "policies": .int(new.policies),
                "forbiddenBy": .array(Array(rules)),
            ]
        ]
    }

    /// What a policy has decided about something that an attempt asked to be allowed.
    public static func record(
        of verdict: PermissionJudge.Verdict, on action: String, of task: BackgroundTask
    ) -> JSONValue? {
        let (word, policy): (String, String)
        switch verdict {
        case .ask: return nil
        case .allow(let name): (word, policy) = ("allow", name)
        case .deny(let name, _): (word, policy) = ("deny", name)
        }
        return record(
            .permissionDecided, task, "permission/\(task.status.attempt)/\(action)",
            [
                ("action", .string(action)), ("decision", .string(word)),
                ("by", .string("policy " + policy)), ("attempt", .int(task.status.attempt)),
            ])
    }

    // MARK: - Tasks

    private static func submitted(_ task: BackgroundTask) -> JSONValue {
        var fields: [(String, JSONValue)] = [
            ("type", .string(task.spec.type)), ("priority", .int(task.spec.priority)),
        ]
        if let user = task.metadata.annotations[SwiftletNames.Annotation.submittedBy] {
            fields.append(("user", .string(user)))
        }
        if let parent = task.parent { fields.append(("parent", .string(parent.name))) }
        return record(.taskSubmitted, task, "submitted", fields)
    }

    private static func stops(_ old: BackgroundTask, _ new: BackgroundTask) -> [JSONValue] {
        var records: [JSONValue] = []
        if new.spec.state != old.spec.state {
            records.append(
                record(
                    .stateWanted, new, "state/\(new.metadata.generation)",
                    [("state", .string(new.spec.state.rawValue))]))
        }
        if let time = new.status.stopRequestedTime, old.status.stopRequestedTime != time {
            var fields: [(String, JSONValue)] = [("attempt", .int(new.status.attempt))]
            fields.append(("reason", .string(new.status.reason ?? "")))
            if let other = new.status.preemptedBy { fields.append(("for", .string(other))) }
            records.append(record(.stopRequested, new, "stop/\(new.status.attempt)", fields))
        }
        return records
    }

    private static func attempts(_ old: BackgroundTask, _ new: BackgroundTask) -> [JSONValue] {
        let before = Set(old.status.attempts.map(\.number))
        var records = new.status.attempts.filter { !before.contains($0.number) }.map { attempt in
            var fields = lease(attempt.number, attempt.agent)
            fields.append(("outcome", .string(attempt.outcome.rawValue)))
            if let failure = attempt.failure {
                fields.append(("class", .string(failure.class.rawValue)))
                fields.append(("reason", .string(failure.reason)))
            }
            return record(.attemptEnded, new, "ended/\(attempt.number)", fields)
        }
        if let lease = new.lease, lease != old.lease {
            var fields = Self.lease(lease.id.attempt, new.status.agent)
            if let pool = new.poolKey { fields.append(("pool", .string(pool.description))) }
            records.append(record(.attemptStarted, new, "started/\(lease.id.attempt)", fields))
        }
        return records
    }

    private static func lease(
        _ attempt: Int, _ agent: BackgroundTaskStatus.Agent?
    ) -> [(String, JSONValue)] {
        var fields: [(String, JSONValue)] = [("attempt", .int(attempt))]
        if let agent {
            fields.append(("agent", .string(agent.name)))
            fields.append(("agentUID", .string(agent.uid.text)))
            if let node = agent.node { fields.append(("node", .string(node))) }
        }
        return fields
    }

    private static func end(_ old: BackgroundTask, _ new: BackgroundTask) -> [JSONValue] {
        guard new.isFinished, !old.isFinished else { return [] }
        return [
            record(
                .taskEnded, new, "end",
                [
                    ("phase", .string(new.status.phase.rawValue)),
                    ("reason", .string(new.status.reason ?? "")),
                    ("attempts", .int(new.status.attempt)),
                ])
        ]
    }

    private static func permissions(_ old: BackgroundTask, _ new: BackgroundTask) -> [JSONValue] {
        let (asked, answered) = (
            SwiftletNames.Annotation.permission, SwiftletNames.Annotation.permissionAnswer
        )
        let changed = new.metadata.annotations.filter {
            old.metadata.annotations[$0.key] != $0.value
        }
        return changed.sorted { $0.key < $1.key }.prefix(64).compactMap { name, value in
            if name.hasPrefix(asked) {
                return record(
                    .permissionAsked, new, "asked/" + name.dropFirst(asked.count),
                    [("request", .string(String(value.prefix(1_024))))])
            }
            guard name.hasPrefix(answered) else { return nil }
            return record(
                .permissionDecided, new, "answered/" + name.dropFirst(answered.count),
                [("decision", .string(String(value.prefix(16)))), ("by", "a person")])
        }
    }

    private static func record(
        _ event: Event, _ task: BackgroundTask, _ suffix: String,
        _ fields: [(String, JSONValue)] = []
    ) -> JSONValue {
        var record: JSONObject = [
            "event": .string(event.rawValue), "id": .string("\(task.metadata.uid)/\(suffix)"),
            "namespace": .string(task.metadata.namespace), "task": .string(task.metadata.name),
            "taskUID": .string(task.metadata.uid.text),
        ]
        for (key, value) in fields { record[key] = value }
        return .object(record)
    }
}
