import ControlLoop
import KubernetesCore
import SwiftletAPI

/// The conditions of a pool.
extension PoolPlanner {
    private typealias Verdict = (status: Condition.Status, reason: String, message: String)

    func setConditions(_ status: inout BackgroundAgentPoolStatus) {
        let verdicts = [
            ("Ready", ready(status)), ("Progressing", progressing(status)),
            ("Degraded", degraded(status)), ("ScalingLimited", scalingLimited),
            ("PolicyCompliant", policyCompliant),
            ("QuotaExceeded", quotaExceeded),
        ]
        for (type, verdict) in verdicts {
            status.conditions.set(
                type, verdict.status, reason: verdict.reason, message: verdict.message, at: now,
                generation: pool.metadata.generation)
        }
    }

    /// The pool is ready when no more agents are missing than an update may take away.
    private func ready(_ status: BackgroundAgentPoolStatus) -> Verdict {
        switch mode {
        case .retiring: return (.no, "Deleting", "The pool is being deleted.")
        case .stopped: return (.no, "EmergencyStop", "spec.emergencyStop is set.")
        case .invalid(let faults):
            return (.no, "InvalidSpec", faults.map(\.description).joined(separator: "; ") + ".")
        case .active: break
        }
        if pool.spec.paused { return (.no, "Paused", "spec.paused is set: no task is started.") }
        let count = "\(status.readyReplicas) of \(wanted) agents are ready"
        let missing = pool.spec.update.maxUnavailable.resolved(of: wanted, roundingUp: false)
        let least = wanted == 0 ? 0 : max(1, wanted - missing)
        if status.readyReplicas >= least { return (.yes, "AgentsReady", count + ".") }
        return (.no, "WaitingForAgents", count + (trouble.map { "; \($0)" } ?? "") + ".")
    }

    /// What keeps the first agent that has a problem.
    private var trouble: String? {
        if policies.forbidsAgents { return "policies forbid new ones; see PolicyCompliant" }
        for member in members {
            switch member.standing {
            case .unscheduled(let reason): return "\(member.name) is not scheduled: \(reason)"
            case .starting(_, let trouble?): return "\(member.name) does not start: \(trouble)"
            case .stalled, .lost, .ended:
                return "\(member.name): \(member.standing.explanation)"
            default: continue
            }
        }
        return nil
    }

    private func progressing(_ status: BackgroundAgentPoolStatus) -> Verdict {
        let outdated = status.replicas - status.updatedReplicas
        let isShort = status.replicas < wanted || outdated > 0
        if mode == .active, policies.forbidsAgents, isShort {
            return (.no, "PolicyViolation", "Policies forbid new agents; see PolicyCompliant.")
        }
        let moving: (String, String)? =
            if mode != .active {
                nil
            } else if status.replicas < wanted || created > 0 {
                ("ScalingUp", "\(status.replicas) of \(wanted) agents exist.")
            } else if outdated > 0 {
                ("Updating", "\(outdated) agents of an older template remain.")
            } else if status.replicas > wanted {
                ("ScalingDown", "\(status.replicas) agents exist, \(wanted) are wanted.")
            } else if members.contains(where: isUnderWay) {
                ("Starting", "Agents are starting.")
            } else {
                nil
            }
        guard let (reason, message) = moving else { return (.no, "Settled", "Nothing changes.") }
        // An agent that works for long is not stuck: ending it is up to its task.
        let deadline = Duration.seconds(pool.spec.update.progressDeadlineSeconds)
        guard reason == "Updating", let rollout = status.rollout,
            now >= rollout.progressTime + deadline
        else { return (.yes, reason, message) }
        return (.no, overdue, message + " That has taken longer than progressDeadlineSeconds.")
    }

    private var overdue: String { "ProgressDeadlineExceeded" }

    private func isUnderWay(_ member: Member) -> Bool {
        if case .starting = member.standing { true } else { false }
    }

    private func degraded(_ status: BackgroundAgentPoolStatus) -> Verdict {
        if mode == .active, budget.isExhausted {
            return (
                .yes, "RestartBudgetExhausted",
                "More than \(pool.spec.agent.restartBudget.restarts) agents broke within "
                    + "\(pool.spec.agent.restartBudget.windowSeconds) s; one is replaced at a time"
                    + (trouble.map { ". Last: \($0)" } ?? "") + "."
            )
        }
        if let failure = context.lastFailure, !isQuotaRefusal(failure) {
            return (
                .yes, failure.isAnswer ? "WriteRefused" : "WriteFailed",
                "\(failure.target): \(failure.message)"
            )
        }
        if let foreign = foreignObjects.first {
            return (
                .yes, "NameTaken",
                "\(foreign) is not the pool's; delete it so that the pool can have its own."
            )
        }
        let broken = members.filter(\.standing.isBroken).map(\.name)
        guard broken.isEmpty else {
            return (.yes, "AgentsBroken", "Broken: \(PoolPlanner.list(broken)).")
        }
        return (.no, "AsExpected", "No agent is broken.")
    }

    private var scalingLimited: Verdict {
        if let zone = floor.unknownZone {
            return (
                .yes, "TimeZoneUnknown",
                "The operator has no time zone \"\(zone)\": floors in it do not hold."
            )
        }
        switch scaling.limit {
        case .unknownLoad where pool.spec.paused:
            return (.yes, "Paused", "The size stays as it is while spec.paused is set.")
        case .unknownLoad where world.isBacklogStale:
            return (
                .yes, "LoadStale",
                "The size stays as it is: tasks cannot be followed at the moment."
            )
        case .unknownLoad:
            return (
                .yes, "LoadUnknown",
                "The size stays as it is until all tasks have been seen."
            )
        default: break
        }
        return switch scaling.limit {
        case .unknownLoad: (.no, "WithinBounds", "The size is inside its bounds.")
        case nil: (.no, "WithinBounds", "The size is inside its bounds.")
        case .aboveMaximum:
            (
                .yes, "AboveMaximum",
                "More agents are called for than maxReplicas, "
                    + "\(pool.spec.autoscaling.maxReplicas)."
            )
        case .belowMinimum:
            (
                .yes, "BelowMinimum",
                "Fewer agents are called for than minReplicas, "
                    + "\(pool.spec.autoscaling.minReplicas)."
            )
        }
    }

    /// What was said before stays until the verdict on what the pool asks for now is there.
    private var policyCompliant: Verdict {
        switch policies {
        case .unasked: return (.yes, "NoPolicies", "No policy is loaded.")
        case .judged(let verdict): return verdict.condition
        case .pending:
            guard let before = pool.status.conditions["PolicyCompliant"] else {
                return (.unknown, "PoliciesLoading", "The policies are being loaded.")
            }
            return (before.status, before.reason, before.message)
        }
    }

    /// Tells people when the policies' answer becomes another one.
    mutating func notePolicies(_ status: BackgroundAgentPoolStatus) {
        let before = pool.status.conditions["PolicyCompliant"]
        guard let now = status.conditions["PolicyCompliant"], policies != .unasked,
            before?.reason != now.reason || before?.message != now.message
        else { return }
        switch (now.status, now.reason) {
        case (.no, _), (_, "AuditFailures"), (_, "PolicyNotLoaded"):
            note(.warning, now.reason, now.message)
        case (.yes, _) where before?.status == .no:
            note(.normal, "PolicyCompliant", "Agents may be created again. \(now.message)")
        default: return
        }
    }

    /// A refusal for lack of quota is waiting, not failing: it passes when others give something
    /// back, so it is tried again from time to time.
    private var quotaExceeded: Verdict {
        guard let failure = context.lastFailure, isQuotaRefusal(failure) else {
            return (.no, "WithinQuota", "No agent was refused for lack of quota.")
        }
        return (.yes, "QuotaExceeded", failure.message)
    }

    func isQuotaRefusal(_ failure: WriteFailure) -> Bool {
        failure.code == 403 && failure.target.type == .pod
            && failure.message.contains("exceeded quota")
    }
}
