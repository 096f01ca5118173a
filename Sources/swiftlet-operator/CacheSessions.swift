import AgentGateway
import ControlLoop
import KubernetesCore
import KubernetesRuntime
import Reconcilers
import SwiftletAPI

/// The operator's cache as the gateway sees it.
struct CacheSessions: AgentSessions {
    let cache: ClusterCache
    let leadership: LeadershipState
    init(cache: ClusterCache, leadership: LeadershipState) {
        self.cache = cache
        self.leadership = leadership
    }

    func publish(_ session: AgentSession) async { await cache.publish(session) }

    func publish(_ presence: GatewayPresence) async { await cache.publish(presence) }

    func view() async -> ClusterView? {
        AgentAdmission.picture(
            cache.snapshot, under: leadership.current, at: SystemTime().now.instant)
    }
}
