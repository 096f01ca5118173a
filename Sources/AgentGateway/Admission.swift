import AgentProtocol
import ControlLoop
import HTTPTypes
import Hummingbird
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// Lets callers in: by their token, and only while the operator can answer.
struct Admission: Sendable {
    let authenticator: CallerAuthenticator
    let sessions: any AgentSessions
    let limits: GatewayLimits
    let peers: PeerCheck

    /// The picture to answer from.
    func view() async throws -> ClusterView {
        guard let view = await sessions.view() else {
            throw Refusal.unavailable("this operator does not lead, or has not seen everything yet")
        }
        return view
    }

    /// Who sent `request`.
    func caller(of request: Request) async throws -> CallerIdentity {
        do throws(CallerAuthenticator.Refusal) {
            return try await authenticator.identify(
                authorization: request.headers[.authorization])
        } catch .unauthenticated {
            throw Self.unauthorized("a token of the gateway's audience is needed")
        } catch .unavailable(let reason) {
            throw Refusal.unavailable(reason)
        }
    }

    private static func unauthorized(_ message: String) -> Refusal {
        Refusal(
            status: .unauthorized, reason: "Unauthorized", message: message,
            fields: ["www-authenticate": "Bearer"])
    }

    /// The agent that sent `request`: a pod that a pool of this cluster controls.
    /// - Parameter peer: the address that the request comes from.
    func agent(
        of request: Request, from peer: String?, in view: ClusterView
    ) async throws -> AgentIdentity {
        guard let identity = try await caller(of: request).agent else {
            throw Self.unauthorized(
                "a token of the gateway's audience that is bound to a pod is needed")
        }
        guard let pod = pod(of: identity, in: view) else {
            throw Refusal.forbidden("this pod is no agent of a pool")
        }
        try peers.check(pod, from: peer)
        return identity
    }

    /// The agent that a caller is; nil for everybody else.
    func agent(
        _ caller: CallerIdentity, from peer: String?, in view: ClusterView
    ) throws -> AgentIdentity? {
        guard let identity = caller.agent, let pod = pod(of: identity, in: view) else { return nil }
        try peers.check(pod, from: peer)
        return identity
    }

    /// The agent's pod; nil where it is no agent.
    private func pod(of identity: AgentIdentity, in view: ClusterView) -> PodView? {
        let key = Key<PodView>(namespace: identity.namespace, name: identity.pod)
        guard AgentAdmission.accepts(key, uid: identity.podUID, in: view) else { return nil }
        return view[key]
    }

    /// The whole body of `request`, if it is not larger than `bytesMax` and arrives in time.
    func body(of request: Request, bytesMax: Int, tooLarge: String) async throws -> [UInt8] {
        if let text = request.headers[.contentLength], let length = Int(text), length > bytesMax {
            throw Refusal.tooLarge(tooLarge)
        }
        let body = request.body
        let time = limits.bodyTime
        return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                var bytes: [UInt8] = []
                for try await part in body {
                    guard bytes.count + part.readableBytes <= bytesMax else {
                        throw Refusal.tooLarge(tooLarge)
                    }
                    bytes.append(contentsOf: part.readableBytesView)
                }
                return bytes
            }
            group.addTask {
                try await Task.sleep(for: time)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let bytes = first else {
                throw Refusal(
                    status: .requestTimeout, reason: "Timeout",
                    message: "the body did not arrive within \(time.components.seconds) s",
                    fields: ["connection": "close"])
            }
            return bytes
        }
    }
}
