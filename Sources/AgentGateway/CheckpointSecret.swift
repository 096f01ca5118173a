import AgentProtocol
import KubernetesCore
import SwiftletAPI

/// What the Secret beside a task holds: its newest checkpoint, or the record of one on a volume,
/// and the state that its attempts keep themselves. Each has keys and annotations of its own, so
/// that whoever writes one leaves the other as it is.
///
/// Nothing is decided here about who may write: this says what is there, and what is wrong with it.
enum CheckpointSecret {
    /// What is there under one of the keys.
    enum Content<Value: Sendable>: Sendable {
        case nothing
        case kept(Value)
        /// Something is there that cannot be used, for this reason.
        case damaged(String)
    }

    /// Which one it is, and whose.
    struct Mark: Hashable, Sendable {
        var sequence: Int
        var attempt: Int
    }

    static let content = "checkpoint"
    static let volume = "volume"
    static let state = "state"
    private static let type = "swiftlet.dev/checkpoint"
    private static let checkpointPrefix = SwiftletNames.group + "/checkpoint-"
    private static let statePrefix = SwiftletNames.group + "/state-"

    /// Whether a Secret is the task's own: by its type and by the owner's UID, not by its name.
    static func isOurs(_ secret: SecretView, _ task: ObjectRef) -> Bool {
        secret.kind == type && secret.metadata.controller?.uid == task.uid
    }

    // MARK: - The checkpoint

    /// The checkpoint's number and attempt; nil where there is none, or none that can be read.
    static func checkpointMark(in secret: SecretView) -> Mark? {
        mark(checkpointPrefix, secret)
    }

    /// The checkpoint that a Secret holds.
    static func checkpoint(in secret: SecretView) -> Content<StoredCheckpoint> {
        let annotations = secret.metadata.annotations
        let isMarked = annotations.keys.contains { $0.hasPrefix(checkpointPrefix) }
        guard secret.data[content] != nil || secret.data[volume] != nil || isMarked else {
            return .nothing
        }
        guard let mark = checkpointMark(in: secret) else {
            return .damaged("its annotations do not say which checkpoint it is")
        }
        if let bytes = secret.data[volume] { return record(bytes, mark, secret) }
        guard let bytes = secret.data[content] else {
            return .damaged("checkpoint \(mark.sequence) has no content")
        }
        let ref = CheckpointRef(
            sequence: mark.sequence, bytes: bytes.count,
            digest: SecretCheckpointStore.digest(of: bytes))
        guard ref.digest == annotations[checkpointPrefix + "digest"] else {
            return .damaged("checkpoint \(mark.sequence) has another digest than its own")
        }
        return .kept(StoredCheckpoint(ref: ref, attempt: mark.attempt, bytes: bytes))
    }

    /// What is kept of a checkpoint on a volume.
    private static func record(
        _ bytes: [UInt8], _ mark: Mark, _ secret: SecretView
    ) -> Content<StoredCheckpoint> {
        let name = "the record of checkpoint \(mark.sequence) on the workspace volume"
        guard bytes.count <= 4_096 else { return .damaged("\(name) has \(bytes.count) bytes") }
        let record: VolumeCheckpoint.Record
        do throws(JSONError) {
            record = try VolumeCheckpoint.Record(reading: try JSONDocument(parsing: bytes).root)
        } catch {
            return .damaged("\(name) cannot be read: \(error)")
        }
        guard record.newest.ref.sequence == mark.sequence, record.newest.attempt == mark.attempt,
            record.newest.ref.digest == secret.metadata.annotations[checkpointPrefix + "digest"]
        else { return .damaged("\(name) says something else than the Secret's annotations") }
        return .kept(StoredCheckpoint(on: record))
    }

    /// The annotations of a checkpoint.
    static func annotations(of checkpoint: StoredCheckpoint) -> JSONValue {
        annotations(
            checkpointPrefix,
            Mark(sequence: checkpoint.ref.sequence, attempt: checkpoint.attempt),
            checkpoint.ref.digest)
    }

    /// The content of the Secret with this checkpoint; what was there before is taken out.
    static func data(
        of checkpoint: StoredCheckpoint, after existing: SecretView?
    ) -> JSONValue {
        guard var record = checkpoint.volume else {
            var data: JSONValue = .object([content: SecretView.encoded(checkpoint.bytes)])
            if existing?.data[volume] != nil { data[volume] = .null }
            return data
        }
        record.previous = nil
        if case .kept(let before)? = existing.map(Self.checkpoint), let older = before.volume,
            older.claim == record.claim
        {
            record.previous = older.newest
        }
        var data: JSONValue = .object([volume: SecretView.encoded(record.json.encoded())])
        if existing?.data[content] != nil { data[content] = .null }
        return data
    }

    // MARK: - The state

    /// The state's number and attempt; nil where there is none, or none that can be read.
    static func stateMark(in secret: SecretView) -> Mark? { mark(statePrefix, secret) }

    /// The state that a Secret holds.
    static func state(in secret: SecretView) -> Content<StoredState> {
        let annotations = secret.metadata.annotations
        let isMarked = annotations.keys.contains { $0.hasPrefix(statePrefix) }
        guard secret.data[state] != nil || isMarked else { return .nothing }
        guard let mark = stateMark(in: secret) else {
            return .damaged("the annotations do not say which state it is")
        }
        guard let bytes = secret.data[state] else {
            return .damaged("state \(mark.sequence) has no content")
        }
        guard SecretCheckpointStore.digest(of: bytes) == annotations[statePrefix + "digest"] else {
            return .damaged("state \(mark.sequence) has another digest than its own")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .damaged("state \(mark.sequence) is no text in UTF-8")
        }
        return .kept(StoredState(sequence: mark.sequence, attempt: mark.attempt, text: text))
    }

    /// The annotations of a state.
    static func annotations(of state: StoredState) -> JSONValue {
        annotations(
            statePrefix, Mark(sequence: state.sequence, attempt: state.attempt),
            SecretCheckpointStore.digest(of: Array(state.text.utf8)))
    }

    /// The content of the Secret with this state: nothing else of it is named.
    static func data(of kept: StoredState) -> JSONValue {
        .object([state: SecretView.encoded(Array(kept.text.utf8))])
    }

    // MARK: - Both

    /// The latest attempt that has kept anything: earlier ones are fenced off from all of it.
    static func attempt(in secret: SecretView) -> Int? {
        [checkpointMark(in: secret), stateMark(in: secret)].compactMap { $0?.attempt }.max()
    }

    private static func mark(_ prefix: String, _ secret: SecretView) -> Mark? {
        let annotations = secret.metadata.annotations
        guard let sequence = annotations[prefix + "sequence"].flatMap({ Int($0) }),
            let attempt = annotations[prefix + "attempt"].flatMap({ Int($0) }),
            (1...ProtocolLimits.sequenceMax).contains(sequence),
            (1...LeaseID.attemptMax).contains(attempt)
        else { return nil }
        return Mark(sequence: sequence, attempt: attempt)
    }

    private static func annotations(
        _ prefix: String, _ mark: Mark, _ digest: String
    ) -> JSONValue {
        .strings([
            prefix + "sequence": String(mark.sequence),
            prefix + "attempt": String(mark.attempt), prefix + "digest": digest,
        ])
    }

    /// The whole Secret, for one that is not there yet.
    static func object(
        _ task: ObjectRef, _ annotations: JSONValue, _ data: JSONValue
    ) -> JSONValue {
        let owner = OwnerReference(
            apiVersion: task.type.apiVersion, kind: task.type.kind, name: task.name,
            uid: task.uid ?? UID(""), blocksOwnerDeletion: false)
        return [
            "apiVersion": "v1", "kind": "Secret", "type": .string(type),
            "metadata": [
                "name": .string(SecretCheckpointStore.name(of: task)),
                "namespace": .string(task.namespace),
                "annotations": annotations, "ownerReferences": [owner.json],
                "labels": [
                    SwiftletNames.Label.managedBy: .string(SwiftletNames.managedBy),
                    SwiftletNames.Label.component: "checkpoint",
                ],
            ],
            "data": data,
        ]
    }
}
