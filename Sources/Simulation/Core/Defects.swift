import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// Deliberate mistakes, to see that the checkers find them. Each is made at a seam between the
/// product's machines and the simulated shells; the product's code knows nothing of them.
public struct Defects: OptionSet, Hashable, Sendable {
    /// One bit for each mistake.
    public let rawValue: UInt32

    /// The mistakes of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A key is planned again without waiting for the cache to show its last writes.
    public static let noWriteBarrier = Defects(rawValue: 1 << 0)
    /// Patches and deletes do not say which object they are meant for.
    public static let noIdentityPrecondition = Defects(rawValue: 1 << 1)
    /// A pod belongs to the pool that its label names.
    public static let ownershipByLabel = Defects(rawValue: 1 << 2)
    /// Writes go out whoever leads.
    public static let noLeaderFencing = Defects(rawValue: 1 << 3)
    /// An assignment is shown to agents before the server has stored it.
    public static let assignmentBeforeStored = Defects(rawValue: 1 << 4)
    /// A list that failed counts as an empty one.
    public static let emptyListOnError = Defects(rawValue: 1 << 5)
    /// Retries that are used up are not written down.
    public static let retriesNotCounted = Defects(rawValue: 1 << 6)
    /// Agents' names are drawn, not derived.
    public static let randomNames = Defects(rawValue: 1 << 7)
    /// A report on any attempt of a task counts for its current one, whoever makes it.
    public static let reportsOfOldAttempts = Defects(rawValue: 1 << 8)
    /// A lease of the election is taken without waiting for its end.
    public static let stolenLeadership = Defects(rawValue: 1 << 9)
    /// Nobody tells the pool which of its agents are busy.
    public static let busyAgentsLookIdle = Defects(rawValue: 1 << 10)
    /// The time before which a task is not tried again is not written down.
    public static let backoffForgotten = Defects(rawValue: 1 << 11)
    /// Status writes do not say which version they were made for.
    public static let noVersionPrecondition = Defects(rawValue: 1 << 12)
    /// Agents are answered by processes that do not lead.
    public static let answersWithoutLeading = Defects(rawValue: 1 << 13)
    /// The scheduler believes that agents have more slots than they do.
    public static let moreSlotsThanThere = Defects(rawValue: 1 << 14)
    /// The scheduler does not see what tasks wait for.
    public static let dependenciesIgnored = Defects(rawValue: 1 << 15)
    /// A runner that is started anew has forgotten what it had begun.
    public static let runnerForgets = Defects(rawValue: 1 << 16)
    /// Failures are tried again at once.
    public static let noFailureBackoff = Defects(rawValue: 1 << 17)

    /// Silence counts from the start of the process, whether agents could call it or not.
    public static let silenceSinceStart = Defects(rawValue: 1 << 18)
    /// Silence is measured with the clock on the wall.
    public static let wallClockSilence = Defects(rawValue: 1 << 19)

    /// A process that has just come to lead answers agents from whatever picture it has.
    public static let trustsOldPictures = Defects(rawValue: 1 << 20)

    /// The scheduler takes agents that are for one attempt for ordinary ones.
    public static let usedAgentsLookFresh = Defects(rawValue: 1 << 21)
    /// Nobody sees the floors of pools.
    public static let floorsIgnored = Defects(rawValue: 1 << 22)
    /// The scheduler takes every pool for one whose attempts may be asked to give way.
    public static let preemptsEverywhere = Defects(rawValue: 1 << 23)

    /// All of them with their names.
    public static let named: [(name: String, defect: Defects)] = [
        ("noWriteBarrier", .noWriteBarrier),
        ("noIdentityPrecondition", .noIdentityPrecondition),
        ("ownershipByLabel", .ownershipByLabel),
        ("noLeaderFencing", .noLeaderFencing),
        ("assignmentBeforeStored", .assignmentBeforeStored),
        ("emptyListOnError", .emptyListOnError),
        ("retriesNotCounted", .retriesNotCounted),
        ("randomNames", .randomNames),
        ("reportsOfOldAttempts", .reportsOfOldAttempts),
        ("stolenLeadership", .stolenLeadership),
        ("busyAgentsLookIdle", .busyAgentsLookIdle),
        ("backoffForgotten", .backoffForgotten),
        ("noVersionPrecondition", .noVersionPrecondition),
        ("answersWithoutLeading", .answersWithoutLeading),
        ("moreSlotsThanThere", .moreSlotsThanThere),
        ("dependenciesIgnored", .dependenciesIgnored),
        ("runnerForgets", .runnerForgets),
        ("noFailureBackoff", .noFailureBackoff),
        ("silenceSinceStart", .silenceSinceStart),
        ("wallClockSilence", .wallClockSilence),
        ("trustsOldPictures", .trustsOldPictures),
        ("usedAgentsLookFresh", .usedAgentsLookFresh), ("floorsIgnored", .floorsIgnored),
        ("preemptsEverywhere", .preemptsEverywhere),
    ]

    /// A pod that carries a pool's label, with that pool as its controller.
    static func adopted<Object: KubeObject>(_ object: Object) -> Object {
        guard var pod = object as? PodView, pod.metadata.controller == nil,
            let pool = pod.metadata.labels[SwiftletNames.Label.pool],
            let uid = pod.metadata.annotations["simulation/pool-uid"]
        else { return object }
        pod.metadata.owners.append(
            OwnerReference(
                apiVersion: BackgroundAgentPool.type.apiVersion,
                kind: BackgroundAgentPool.type.kind, name: pool, uid: UID(uid)))
        return pod as? Object ?? object
    }

    /// The picture as a machine of this name is shown it.
    func distorted(_ view: ClusterView, for machine: String) -> ClusterView {
        var view = view
        if contains(.dependenciesIgnored), machine != PoolReconciler.name {
            for var task in view.all(BackgroundTask.self) where !task.spec.dependsOn.isEmpty {
                task.spec.dependsOn = []
                view.publish(task)
            }
        }
        if contains(.moreSlotsThanThere), machine == SchedulerMachine.name {
            for var pool in view.all(BackgroundAgentPool.self) {
                pool.spec.slotsPerAgent += 2
                view.publish(pool)
            }
            for var session in view.all(AgentSession.self) {
                session.slots += 2
                view.publish(session)
            }
        }
        distortFeatures(&view, for: machine)
        if contains(.silenceSinceStart), machine == TaskReconciler.name {
            view.retract(GatewayPresence.key)
        }
        if contains(.busyAgentsLookIdle), machine == PoolReconciler.name {
            for var task in view.all(BackgroundTask.self) where task.lease != nil {
                task.status.agent = nil
                view.publish(task)
            }
            for var session in view.all(AgentSession.self) where !session.reports.isEmpty {
                session.reports = []
                view.publish(session)
            }
        }
        return view
    }

    /// The picture with features of pools misread.
    private func distortFeatures(_ view: inout ClusterView, for machine: String) {
        let isScheduler = machine == SchedulerMachine.name
        for var pool in view.all(BackgroundAgentPool.self) {
            if contains(.usedAgentsLookFresh), isScheduler {
                pool.spec.agent.recycle.mode = .reuse
            }
            if contains(.preemptsEverywhere), isScheduler {
                pool.spec.preemption = .lowerPriority
            }
            if contains(.floorsIgnored), machine == PoolReconciler.name {
                pool.spec.autoscaling.floors = []
            }
            view.publish(pool)
        }
    }
}
