import AgentProtocol
import Crypto
public import KubernetesCore
import SwiftletAPI

/// Keeps small checkpoints in a Secret beside each task, owned by it: they go with the task, and
/// whoever may not read the namespace's Secrets may not read them.
public struct SecretCheckpointStore: CheckpointStore {
    /// 512 KiB: a Secret takes a mebibyte, and its JSON is a third larger.
    public let bytesMax = ProtocolLimits.checkpointBesideTaskMax
    private let secrets: any CheckpointWriting

    private static let type = "swiftlet.dev/checkpoint"
    private static let content = "checkpoint"
    private static let volume = "volume"
    private static let prefix = SwiftletNames.group + "/checkpoint-"

    /// A store that reads and writes through `secrets`.
    public init(secrets: any CheckpointWriting) { self.secrets = secrets }

    /// The newest checkpoint of a task.
    public func newest(of task: ObjectRef) async throws(CheckpointFailure) -> StoredCheckpoint? {
        guard let secret = try await read(task) else { return nil }
        guard Self.isOurs(secret, task) else { return nil }
        guard let known = Self.known(secret) else { return nil }
        if let record = Self.record(in: secret, known) { return StoredCheckpoint(on: record) }
        guard secret.data[Self.volume] == nil, let bytes = secret.data[Self.content] else {
            return nil
        }
        let ref = CheckpointRef(
            sequence: known.sequence, bytes: bytes.count, digest: Self.digest(of: bytes))
        guard ref.digest == secret.metadata.annotations[Self.prefix + "digest"] else { return nil }
        return StoredCheckpoint(ref: ref, attempt: known.attempt, bytes: bytes)
    }

    /// Keeps a checkpoint in place of the one before.
    public func put(
        _ checkpoint: StoredCheckpoint, of task: ObjectRef
    ) async throws(CheckpointFailure) {
        guard checkpoint.bytes.count <= bytesMax else {
            throw .refused(
                "the checkpoint has \(checkpoint.bytes.count) bytes, more than the \(bytesMax) "
                    + "that are kept in a Secret")
        }
        // Another writer between our read and our write makes the write fail; the second look then
        // decides. A third writer in the same moment is left to the agent's next try.
        for _ in 0..<2 where try await putOnce(checkpoint, task) { return }
        throw .unavailable("the Secret \(Self.name(of: task)) is being written by another")
    }

    /// Whether the checkpoint was kept; false where the Secret has changed under our hands.
    private func putOnce(
        _ checkpoint: StoredCheckpoint, _ task: ObjectRef
    ) async throws(CheckpointFailure) -> Bool {
        let annotations: JSONValue = .strings([
            Self.prefix + "sequence": String(checkpoint.ref.sequence),
            Self.prefix + "attempt": String(checkpoint.attempt),
            Self.prefix + "digest": checkpoint.ref.digest,
        ])
        let existing = try await read(task)
        if let existing { try Self.check(existing, takes: checkpoint, of: task) }
        let data = Self.data(of: checkpoint, after: existing)
        do throws(APIError) {
            if let existing {
                try await secrets.patch(
                    existing, ["metadata": ["annotations": annotations], "data": data])
            } else {
                try await secrets.create(Self.secret(task, annotations, data))
            }
            return true
        } catch {
            switch error.code {
            case .conflict, .alreadyExists, .notFound: return false
            case .forbidden, .invalid, .tooLarge, .badRequest: throw .refused("\(error)")
            default: throw .unavailable("\(error)")
            }
        }
    }

    /// The content of the Secret; what was there before is taken out.
    private static func data(
        of checkpoint: StoredCheckpoint, after existing: SecretView?
    ) -> JSONValue {
        guard var record = checkpoint.volume else {
            var data: JSONValue = .object([content: SecretView.encoded(checkpoint.bytes)])
            if existing?.data[volume] != nil { data[volume] = .null }
            return data
        }
        let before = existing.flatMap { existing in
            known(existing).flatMap { self.record(in: existing, $0) }
        }
        record.previous = before?.claim == record.claim ? before?.newest : nil
        var data: JSONValue = .object([volume: SecretView.encoded(record.json.encoded())])
        if existing?.data[content] != nil { data[content] = .null }
        return data
    }

    /// What the Secret says of a checkpoint on a volume; nil where there is none, or where the
    /// record says something else than the Secret itself.
    private static func record(
        in secret: SecretView, _ known: (sequence: Int, attempt: Int)
    ) -> VolumeCheckpoint.Record? {
        guard let bytes = secret.data[volume], bytes.count <= 4_096,
            let document = try? JSONDocument(parsing: bytes),
            let record = try? VolumeCheckpoint.Record(reading: document.root),
            record.newest.ref.sequence == known.sequence, record.newest.attempt == known.attempt,
            record.newest.ref.digest == secret.metadata.annotations[prefix + "digest"]
        else { return nil }
        return record
    }

    private static func check(
        _ existing: SecretView, takes checkpoint: StoredCheckpoint, of task: ObjectRef
    ) throws(CheckpointFailure) {
        guard isOurs(existing, task) else {
            throw .refused("the Secret \(existing.key) belongs to somebody else")
        }
        guard let known = known(existing) else { return }
        guard known.attempt <= checkpoint.attempt else { throw .fenced(by: known.attempt) }
        guard known.sequence < checkpoint.ref.sequence else {
            throw .overtaken(by: known.sequence)
        }
    }

    /// Whether a Secret is the task's own: by its type and by the owner's UID, not by its name.
    private static func isOurs(_ secret: SecretView, _ task: ObjectRef) -> Bool {
        secret.kind == type && secret.metadata.controller?.uid == task.uid
    }

    private static func known(_ secret: SecretView) -> (sequence: Int, attempt: Int)? {
        let annotations = secret.metadata.annotations
        guard let sequence = annotations[prefix + "sequence"].flatMap({ Int($0) }),
            let attempt = annotations[prefix + "attempt"].flatMap({ Int($0) }),
            (1...ProtocolLimits.sequenceMax).contains(sequence),
            (1...LeaseID.attemptMax).contains(attempt)
        else { return nil }
        return (sequence, attempt)
    }

    private static func secret(
        _ task: ObjectRef, _ annotations: JSONValue, _ data: JSONValue
    ) -> JSONValue {
        let owner = OwnerReference(
            apiVersion: task.type.apiVersion, kind: task.type.kind, name: task.name,
            uid: task.uid ?? UID(""), blocksOwnerDeletion: false)
        return [
            "apiVersion": "v1", "kind": "Secret", "type": .string(type),
            "metadata": [
                "name": .string(name(of: task)), "namespace": .string(task.namespace),
                "annotations": annotations, "ownerReferences": [owner.json],
                "labels": [
                    SwiftletNames.Label.managedBy: .string(SwiftletNames.managedBy),
                    SwiftletNames.Label.component: "checkpoint",
                ],
            ],
            "data": data,
        ]
    }

    private func read(_ task: ObjectRef) async throws(CheckpointFailure) -> SecretView? {
        do throws(APIError) {
            return try await secrets.read(
                Key(namespace: task.namespace, name: Self.name(of: task)))
        } catch {
            throw .unavailable("\(error)")
        }
    }

    /// The Secret of a task: the same for all its attempts, another for a successor of its name.
    static func name(of task: ObjectRef) -> String {
        let digest = digest(of: Array((task.uid?.text ?? "").utf8))
        return "bt-ckpt-" + digest.dropFirst("sha256:".count).prefix(16)
    }

    static func digest(of bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return SHA256.hash(data: bytes).reduce(into: "sha256:") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }
}
