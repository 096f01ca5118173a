import AgentProtocol
import ControlLoop
import HTTPTypes
import Hummingbird
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// `PUT` and `GET /v1/checkpoints/{task}/{attempt}/{sequence}`: the checkpoints of the attempts
/// that the calling agent holds.
struct CheckpointEndpoint: Sendable {
    let admission: Admission
    let store: any CheckpointStore

    private static let digestField = "swiftlet-checkpoint-digest"
    private static let sequenceField = "swiftlet-checkpoint-sequence"

    /// Commits the body as the task's newest checkpoint.
    func put(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let (id, sequence, task) = try await lease(request, context)
        guard sequence >= 1 else { throw Refusal.bad("sequences begin with 1") }
        guard let digest = request.headers[HTTPField.Name.named(Self.digestField)] else {
            throw Refusal.bad("the header \(Self.digestField) is missing")
        }
        let bytes = try await admission.body(
            of: request, bytesMax: store.bytesMax,
            tooLarge: "a checkpoint has at most \(store.bytesMax) bytes when packed")
        let ref = CheckpointRef(
            sequence: sequence, bytes: bytes.count,
            digest: SecretCheckpointStore.digest(of: bytes))
        guard ref.digest == digest else {
            throw Refusal(
                status: .unprocessableContent, reason: "DigestMismatch",
                message: "the checkpoint's digest is \(ref.digest), not the one that was announced")
        }
        // The body may have taken its time: the lease has to hold now.
        _ = try await check(id, request)
        do throws(CheckpointFailure) {
            try await store.put(
                StoredCheckpoint(ref: ref, attempt: id.attempt, bytes: bytes), of: task)
        } catch {
            throw Self.refusal(error)
        }
        return .json(ref.json)
    }

    /// Answers with the task's newest checkpoint, if it is the one that is asked for or a later
    /// one.
    func get(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let (_, sequence, task) = try await lease(request, context)
        let found: StoredCheckpoint?
        do throws(CheckpointFailure) {
            found = try await store.newest(of: task)
        } catch {
            throw Self.refusal(error)
        }
        guard let found, found.ref.sequence >= sequence else {
            throw Refusal(
                status: .notFound, reason: "NotFound",
                message: "there is no checkpoint \(sequence) of this task, and no later one")
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream",
                HTTPField.Name.named(Self.digestField): found.ref.digest,
                HTTPField.Name.named(Self.sequenceField): String(found.ref.sequence),
            ], body: .init(byteBuffer: ByteBuffer(bytes: found.bytes)))
    }

    private func lease(
        _ request: Request, _ context: some RequestContext
    ) async throws -> (LeaseID, sequence: Int, ObjectRef) {
        let parameters = context.parameters
        guard let task = parameters.get("task"), let attempt = parameters.get("attempt"),
            let id = LeaseID(taskUID: task, attempt: attempt),
            let sequence = parameters.get("sequence").flatMap({ Int($0) }),
            (0...ProtocolLimits.sequenceMax).contains(sequence)
        else { throw Refusal.bad("the path is /v1/checkpoints/{task}/{attempt}/{sequence}") }
        return (id, sequence, try await check(id, request))
    }

    /// The task of a lease that the caller holds now.
    private func check(_ id: LeaseID, _ request: Request) async throws -> ObjectRef {
        let view = try await admission.view()
        let agent = try await admission.agent(of: request, in: view)
        guard LeaseProjection.holds(id, agent: agent.podUID, in: view),
            let task = view.select(Index<BackgroundTask>.byUID, id.taskUID.text).first
        else {
            throw Refusal.conflict("LeaseLost", "attempt \(id) is not this agent's any more")
        }
        return task.reference
    }

    private static func refusal(_ failure: CheckpointFailure) -> Refusal {
        switch failure {
        case .overtaken(let sequence):
            Refusal(
                status: .conflict, reason: "Overtaken",
                message: "checkpoint \(sequence) is committed already",
                fields: [sequenceField: String(sequence)])
        case .fenced(let attempt):
            .conflict("LeaseLost", "attempt \(attempt) has committed a checkpoint already")
        case .refused(let reason):
            Refusal(status: .unprocessableContent, reason: "Refused", message: reason)
        case .unavailable(let reason): .unavailable(reason)
        }
    }
}

extension HTTPField.Name {
    /// A header of this protocol.
    fileprivate static func named(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            preconditionFailure("\(text) is no header name")
        }
        return name
    }
}
