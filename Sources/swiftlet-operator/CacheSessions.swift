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
    /// What must have been seen whole before an agent is answered: an agent whose lease is missing
    /// in an answer stops its attempt.
    private let required: [ResourceType] = [.backgroundTask, .backgroundAgentPool, .pod]

    init(cache: ClusterCache, leadership: LeadershipState) {
        self.cache = cache
        self.leadership = leadership
    }

    func publish(_ session: AgentSession) async { await cache.publish(session) }

    func publish(_ presence: GatewayPresence) async { await cache.publish(presence) }

    func view() async -> ClusterView? {
        guard leadership.current != nil else { return nil }
        let view = cache.snapshot
        return required.allSatisfy(view.isSynced) ? view : nil
    }
}
