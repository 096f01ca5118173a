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
    /// The claim of the volume on which the checkpoint lies, and its size there: the body is empty.
    private static let claimField = "swiftlet-checkpoint-claim"
    private static let bytesField = "swiftlet-checkpoint-bytes"

    /// Commits the body as the task's newest checkpoint.
    func put(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let (id, sequence, task) = try await lease(request, context)
        guard sequence >= 1 else { throw Refusal.bad("sequences begin with 1") }
        guard let digest = request.headers[HTTPField.Name.named(Self.digestField)] else {
            throw Refusal.bad("the header \(Self.digestField) is missing")
        }
        if let claim = request.headers[HTTPField.Name.named(Self.claimField)] {
            return try await putRecord(
                of: id, sequence, digest: digest, claim: claim, request, context)
        }
        let bytes = try await admission.body(
            of: request, bytesMax: store.bytesMax,
            tooLarge: "a checkpoint has at most \(store.bytesMax) bytes when packed; larger ones "
                + "need spec.workspace of the pool")
        let ref = CheckpointRef(
            sequence: sequence, bytes: bytes.count,
            digest: SecretCheckpointStore.digest(of: bytes))
        guard ref.digest == digest else {
            throw Refusal(
                status: .unprocessableContent, reason: "DigestMismatch",
                message: "the checkpoint's digest is \(ref.digest), not the one that was announced")
        }
        // The body may have taken its time: the lease has to hold now.
        _ = try await check(id, request, context)
        try await keep(StoredCheckpoint(ref: ref, attempt: id.attempt, bytes: bytes), of: task)
        return .json(ref.json)
    }

    private func keep(_ checkpoint: StoredCheckpoint, of task: ObjectRef) async throws {
        do throws(CheckpointFailure) {
            try await store.put(checkpoint, of: task)
        } catch {
            throw Self.refusal(error)
        }
    }

    /// Commits a checkpoint that the agent has put on its pool's workspace volume. Answers with
    /// what is kept of it.
    private func putRecord(
        of id: LeaseID, _ sequence: Int, digest: String, claim: String, _ request: Request,
        _ context: GatewayContext
    ) async throws -> Response {
        _ = try await admission.body(
            of: request, bytesMax: 0, tooLarge: "a checkpoint on a volume is not sent")
        guard VolumeCheckpoint.isDigest(digest),
            let size = request.headers[HTTPField.Name.named(Self.bytesField)].flatMap({ Int($0) }),
            size >= 0
        else {
            throw Refusal.bad("\(Self.digestField) and \(Self.bytesField) have to be sensible")
        }
        let task = try await check(id, request, context)
        guard let workspace = try await workspace(of: task) else {
            throw Self.refusal(.refused("the pool of this task has no spec.workspace"))
        }
        guard workspace.claim == claim else {
            throw Self.refusal(
                .refused(
                    "the workspace volume of this task's pool is \(workspace.claim), not "
                        + claim))
        }
        guard size <= workspace.bytesMax else {
            throw Self.refusal(
                .refused(
                    "the checkpoint has \(size) bytes, more than the \(workspace.bytesMax) that "
                        + "the pool's spec.workspace.checkpointBytesMax allows"))
        }
        let record = VolumeCheckpoint.Record(
            claim: claim,
            newest: VolumeCheckpoint(
                CheckpointRef(sequence: sequence, bytes: size, digest: digest), attempt: id.attempt)
        )
        try await keep(StoredCheckpoint(on: record), of: task)
        let kept = try await newest(of: task)?.volume ?? record
        return .json(kept.json)
    }

    /// The volume of the pool that runs a task.
    private func workspace(of task: ObjectRef) async throws -> (claim: String, bytesMax: Int)? {
        let view = try await admission.view()
        guard let uid = task.uid,
            let running = view.select(Index<BackgroundTask>.byUID, uid.text).first,
            let pool = running.poolKey.flatMap({ view[$0] }), let given = pool.spec.workspace
        else { return nil }
        return (pool.metadata.namespace + "/" + given.claimName, given.checkpointBytesMax)
    }

    private func newest(of task: ObjectRef) async throws -> StoredCheckpoint? {
        do throws(CheckpointFailure) {
            return try await store.newest(of: task)
        } catch {
            throw Self.refusal(error)
        }
    }

    /// Answers with the task's newest checkpoint, if it is the one that is asked for or a later
    /// one.
    func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let (_, sequence, task) = try await lease(request, context)
        guard let found = try await newest(of: task), found.ref.sequence >= sequence else {
            throw Refusal(
                status: .notFound, reason: "NotFound",
                message: "there is no checkpoint \(sequence) of this task, and no later one")
        }
        var headers: HTTPFields = [
            .contentType: "application/octet-stream",
            HTTPField.Name.named(Self.digestField): found.ref.digest,
            HTTPField.Name.named(Self.sequenceField): String(found.ref.sequence),
        ]
        var body = found.bytes
        if let record = found.volume {
            headers[.contentType] = "application/json"
            headers[HTTPField.Name.named(Self.claimField)] = record.claim
            body = record.json.encoded()
        }
        return Response(
            status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    private func lease(
        _ request: Request, _ context: GatewayContext
    ) async throws -> (LeaseID, sequence: Int, ObjectRef) {
        let parameters = context.parameters
        guard let task = parameters.get("task"), let attempt = parameters.get("attempt"),
            let id = LeaseID(taskUID: task, attempt: attempt),
            let sequence = parameters.get("sequence").flatMap({ Int($0) }),
            (0...ProtocolLimits.sequenceMax).contains(sequence)
        else { throw Refusal.bad("the path is /v1/checkpoints/{task}/{attempt}/{sequence}") }
        return (id, sequence, try await check(id, request, context))
    }

    /// The task of a lease that the caller holds now.
    private func check(
        _ id: LeaseID, _ request: Request, _ context: GatewayContext
    ) async throws -> ObjectRef {
        let view = try await admission.view()
        let agent = try await admission.agent(of: request, from: context.peer, in: view)
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
            .conflict("LeaseLost", "attempt \(attempt) has kept something already")
        case .damaged(let reason):
            Refusal(status: .notFound, reason: "Damaged", message: reason)
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
