import AgentProtocol
import ControlLoop
import Hummingbird
import KubernetesCore
import Locking
import Reconcilers

/// `POST /v1/sync`: takes what an agent says and tells it what it should hold.
final class SyncEndpoint: Sendable {
    private let admission: Admission
    private let waits: AgentWaits
    private let secrets: (any SecretReading)?
    private let board: SessionBoard
    private let latest = Mutex(LatestCalls())

    init(
        admission: Admission, waits: AgentWaits, secrets: (any SecretReading)?,
        board: SessionBoard
    ) {
        self.board = board
        self.admission = admission
        self.waits = waits
        self.secrets = secrets
    }

    func respond(_ request: Request, from peer: String?) async throws -> Response {
        let begin = ContinuousClock.now
        let first = try await admission.view()
        let agent = try await admission.agent(of: request, from: peer, in: first)
        let body = try await admission.body(
            of: request, bytesMax: admission.limits.syncBytesMax,
            tooLarge: "a sync has at most \(admission.limits.syncBytesMax) bytes")
        let sync = try Self.parse(body)
        guard sync.namespace == agent.namespace, sync.pod == agent.pod else {
            throw Refusal.forbidden(
                "the token is that of \(agent.namespace)/\(agent.pod), not of "
                    + "\(sync.namespace)/\(sync.pod)")
        }
        guard take(sync, of: agent.podUID) else {
            throw Refusal.conflict("Overtaken", "a later call of this agent has come already")
        }
        await board.publish(
            AgentSession(podUID: agent.podUID, request: sync, at: SystemTime.moment))
        let limit = min(.seconds(sync.waitSeconds), admission.limits.pollTime)
        let reply = try await answer(sync, of: agent.podUID, until: begin + limit)
        return .json(try await resolved(reply.withoutKnownSpecs(for: sync)).json)
    }

    private static func parse(_ body: [UInt8]) throws -> SyncRequest {
        do throws(JSONError) {
            return try SyncRequest(parsing: body)
        } catch {
            throw Refusal.bad("\(error)")
        }
    }

    /// Notes a call and ends the wait of the one before. False where a later one has come already:
    /// what this one says is old.
    private func take(_ sync: SyncRequest, of agent: UID) -> Bool {
        let isLatest = latest.withLock { $0.take(sync, of: agent) }
        if isLatest { waits.wake([agent]) }
        return isLatest
    }

    /// Waits until there is news, the time is over, or a later call of the same agent has come.
    private func answer(
        _ sync: SyncRequest, of agent: UID, until end: ContinuousClock.Instant
    ) async throws -> SyncReply {
        while true {
            let look = waits.look(for: agent)
            let view = try await admission.view()
            let left = end - ContinuousClock.now
            if LeaseProjection.isBehind(sync, in: view, at: SystemTime.moment.instant) {
                try await catchUp(sync, of: agent, after: look, atMost: left)
                continue
            }
            let reply = LeaseProjection.reply(
                to: sync, from: agent, in: view, at: SystemTime.now)
            guard !reply.isNews(for: sync), left > .zero, !waits.isEnding, !Task.isCancelled,
                latest.withLock({ $0.isLatest(sync, of: agent) })
            else { return reply }
            await waits.wait(for: agent, after: look, atMost: left)
        }
    }

    /// Waits for the picture to show what the agent already knows. Tells it to call again where the
    /// time is over before: an agent that gets no answer goes on with what it has.
    private func catchUp(
        _ sync: SyncRequest, of agent: UID, after look: AgentWaits.Look, atMost left: Duration
    ) async throws {
        guard left > .zero, !waits.isEnding, !Task.isCancelled,
            latest.withLock({ $0.isLatest(sync, of: agent) })
        else {
            throw Refusal.unavailable("the operator has only just come to lead; call again")
        }
        await waits.wait(for: agent, after: look, atMost: left)
    }

    /// The reply with the values of Secrets in place of their names. A value that is not there
    /// stays a name: the agent then refuses to start the attempt and says which it was.
    private func resolved(_ reply: SyncReply) async throws -> SyncReply {
        guard let secrets else { return reply }
        var reply = reply
        var read: [String: [String: [UInt8]]] = [:]
        for order in reply.leases.indices {
            guard var spec = reply.leases[order].spec else { continue }
            for index in spec.env.indices {
                guard case .secret(let name, let key) = spec.env[index].source else { continue }
                let place = spec.namespace + "/" + name
                if read[place] == nil {
                    read[place] = try await content(of: name, spec.namespace, secrets)
                }
                guard let bytes = read[place]?[key],
                    let text = String(validating: bytes, as: UTF8.self)
                else { continue }
                spec.env[index].source = .value(text)
            }
            reply.leases[order].spec = spec
        }
        return reply
    }

    private func content(
        of name: String, _ namespace: String, _ secrets: any SecretReading
    ) async throws -> [String: [UInt8]] {
        do throws(APIError) {
            return try await secrets.secret(name, in: namespace) ?? [:]
        } catch {
            guard case .retry = error.disposition, error.code != .forbidden else { return [:] }
            throw Refusal.unavailable("the Secret \(namespace)/\(name) cannot be read: \(error)")
        }
    }
}
