public import KubernetesCore
import SwiftletAPI

/// The certificates that agents should check the gateway's with now: a local observation that the
/// operator puts into the cache when they change. Where there is none, those of the settings hold.
public struct GatewayRoots: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "GatewayRoots",
        plural: "gatewayroots", scope: .cluster)
    /// The key under which those of the one gateway of this process are.
    public static let key = Key<GatewayRoots>(namespace: "", name: "gateway")
    /// The one name.
    public var metadata: ObjectMeta
    /// The certificates in PEM, one behind the other.
    public var certificates: String

    /// The roots of this process' gateway.
    public init(certificates: String) {
        metadata = ObjectMeta(name: GatewayRoots.key.name)
        self.certificates = certificates
    }
}
