public import ControlLoop
public import Reconcilers

/// What the gateway needs of the operator's cache.
public protocol AgentSessions: Sendable {
    /// Puts what an agent has said into the cache, in place of what it said before.
    func publish(_ session: AgentSession) async
    /// Puts into the cache whether agents can reach the gateway.
    func publish(_ presence: GatewayPresence) async
    /// The cache's picture now; `nil` while agents must not be answered from it: this process does
    /// not lead, or tasks, pods and pools have not all been seen. An agent whose lease is missing
    /// in a picture that is given here stops the attempt.
    func view() async -> ClusterView?
}
