public import KubernetesCore
import SwiftletAPI

/// Whether agents can reach the gateway: a local observation that the gateway puts into the cache.
/// Where there is none, agents are taken to have been able to call since the operator started.
public struct GatewayPresence: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "GatewayPresence",
        plural: "gatewaypresences", scope: .cluster)
    /// The key under which the one gateway of this process is.
    public static let key = Key<GatewayPresence>(namespace: "", name: "gateway")
    /// The one name.
    public var metadata: ObjectMeta
    /// Since when the gateway answers; nil while it does not.
    public var answeringSince: Timestamp?
    /// When that was by the steady clock; nil in models, where no clock is ever set.
    public var answeringFrom: Instant?

    /// The gateway of this process.
    public init(answeringSince: Timestamp?) {
        metadata = ObjectMeta(name: GatewayPresence.key.name)
        self.answeringSince = answeringSince
    }

    /// The gateway of this process, which has answered since a moment; nil while it does not.
    public init(answeringFrom moment: Moment?) {
        self.init(answeringSince: moment?.time)
        answeringFrom = moment?.instant
    }

    /// Since when the gateway answers, as the clock on the wall shows it now.
    func answering(at now: Moment) -> Timestamp? {
        answeringSince.map { now.rebased($0, of: answeringFrom) }
    }
}
