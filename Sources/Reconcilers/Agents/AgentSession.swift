public import AgentProtocol
public import KubernetesCore
import SwiftletAPI

/// What an agent last said about itself: a local observation that the gateway puts into the cache
/// under the namespace and name of the agent's pod. No API server has it; it is gone when the
/// operator restarts and comes back with the agent's next call.
public struct AgentSession: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "AgentSession",
        plural: "agentsessions")
    /// The pod's namespace and name; the UID is the pod's, proven by the agent's token.
    public var metadata: ObjectMeta
    /// When the agent last called, by the operator's clock.
    public var lastSync: Timestamp
    /// When that was by the operator's steady clock; nil in models, where no clock is ever set.
    public var heardAt: Instant?
    /// Which start of the runner it was.
    public var instance: String
    /// When this start of the runner was first heard of, by the same clocks.
    public private(set) var firstSync: Timestamp
    private var firstHeardAt: Instant?
    /// How many attempts the agent runs at once.
    public var slots: Int
    /// Whether the agent takes no more work because it is about to end.
    public var isDraining: Bool
    /// What the agent uses of its machine; nil where it cannot tell.
    public var usage: SyncRequest.Usage?
    /// What the agent says about each attempt it holds.
    public var reports: [LeaseReport]

    /// The session of the pod `uid` after `request`, received at `time`.
    public init(podUID uid: UID, request: SyncRequest, at time: Timestamp) {
        metadata = ObjectMeta(name: request.pod, namespace: request.namespace, uid: uid)
        lastSync = time
        firstSync = time
        instance = request.instance
        slots = request.slots
        isDraining = request.draining
        usage = request.usage
        reports = request.reports
    }

    /// The session of the pod `uid` after `request`, received at a moment.
    public init(podUID uid: UID, request: SyncRequest, at moment: Moment) {
        self.init(podUID: uid, request: request, at: moment.time)
        heardAt = moment.instant
        firstHeardAt = moment.instant
    }

    /// The session with what is known from the one before it: since when this start of the runner
    /// calls.
    public func following(_ earlier: AgentSession?) -> AgentSession {
        guard let earlier, earlier.metadata.uid == metadata.uid, earlier.instance == instance
        else { return self }
        var result = self
        result.firstSync = earlier.firstSync
        result.firstHeardAt = earlier.firstHeardAt
        return result
    }

    /// The session with its times as the clock on the wall shows them now: silence is measured with
    /// the steady clock, so that a wall clock that is set forward makes no agent look lost.
    func rebased(at now: Moment) -> AgentSession {
        var result = self
        result.lastSync = now.rebased(lastSync, of: heardAt)
        result.firstSync = now.rebased(firstSync, of: firstHeardAt)
        return result
    }

    /// What the agent says about the attempt `id`; nil where it does not hold it.
    public func report(on id: LeaseID) -> LeaseReport? { reports.first { $0.id == id } }

    /// Whether both say the same about everything but the time of the call and what is used.
    public func saysTheSame(as other: AgentSession) -> Bool {
        metadata.uid == other.metadata.uid && instance == other.instance && slots == other.slots
            && isDraining == other.isDraining && reports == other.reports
    }
}

extension Moment {
    /// A time that was noted together with an instant, as the clock on the wall shows it now. Small
    /// differences are the clocks' own and change nothing.
    func rebased(_ time: Timestamp, of instant: Instant?) -> Timestamp {
        guard let instant else { return time }
        let shown = self.time(at: instant)
        let step = shown - time
        return step > .seconds(1) || step < .seconds(-1) ? shown : time
    }
}
