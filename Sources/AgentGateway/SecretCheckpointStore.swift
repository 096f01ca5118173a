import AgentProtocol
import Crypto
public import KubernetesCore
import ModelContextProtocol

/// Keeps small checkpoints, and the states that attempts keep themselves, in a Secret beside each
/// task, owned by it: they go with the task, and whoever may not read the namespace's Secrets may
/// not read them.
public struct SecretCheckpointStore: CheckpointStore {
    /// 512 KiB: a Secret takes a mebibyte, and a state has room beside it.
    public let bytesMax = ProtocolLimits.checkpointBesideTaskMax
    /// 256 KiB.
    public let stateBytesMax = AgentTools.checkpointBytesMax

    /// How often a write is tried that others come before. The runner and the program write to one
    /// Secret; who comes too late again and again is left to its next try.
    private static let tries = 4

    private let secrets: any CheckpointWriting
    private let remarks: Remarks

    /// A store that reads and writes through `secrets`.
    /// - Parameter say: is told in a sentence of what is kept and cannot be used, once a minute
    ///   where it is met again and again.
    public init(
        secrets: any CheckpointWriting, say: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.secrets = secrets
        remarks = Remarks(say)
    }

    private func say(_ text: String) { remarks.say(text) }

    // MARK: - Checkpoints

    /// The newest checkpoint of a task.
    public func newest(of task: ObjectRef) async throws(CheckpointFailure) -> StoredCheckpoint? {
        guard let secret = try await read(task) else { return nil }
        guard CheckpointSecret.isOurs(secret, task) else {
            say("the Secret \(secret.key) belongs to somebody else: it holds no checkpoint")
            return nil
        }
        switch CheckpointSecret.checkpoint(in: secret) {
        case .nothing: return nil
        case .damaged(let reason):
            say("the Secret \(secret.key): \(reason): the attempt starts without a checkpoint")
            throw .damaged(reason)
        case .kept(let checkpoint):
            if let flaw = checkpoint.volume?.flaw { say("the Secret \(secret.key): \(flaw)") }
            return checkpoint
        }
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
        for _ in 0..<Self.tries {
            let existing = try await read(task)
            if let existing { try check(existing, takes: checkpoint, of: task) }
            if try await write(
                CheckpointSecret.annotations(of: checkpoint),
                CheckpointSecret.data(of: checkpoint, after: existing), over: existing, task)
            {
                return
            }
        }
        throw busy(task)
    }

    private func check(
        _ existing: SecretView, takes checkpoint: StoredCheckpoint, of task: ObjectRef
    ) throws(CheckpointFailure) {
        try Self.check(existing, attempt: checkpoint.attempt, of: task)
        if case .damaged(let reason) = CheckpointSecret.checkpoint(in: existing) {
            say("the Secret \(existing.key): \(reason): it is replaced")
        }
        guard let known = CheckpointSecret.checkpointMark(in: existing) else { return }
        guard known.sequence < checkpoint.ref.sequence else {
            throw .overtaken(by: known.sequence)
        }
    }

    // MARK: - States

    /// The state that was kept last for a task.
    public func state(of task: ObjectRef) async throws(CheckpointFailure) -> StoredState? {
        guard let secret = try await read(task) else { return nil }
        guard CheckpointSecret.isOurs(secret, task) else {
            throw .refused("the Secret \(secret.key) belongs to somebody else")
        }
        switch CheckpointSecret.state(in: secret) {
        case .nothing: return nil
        case .kept(let state): return state
        case .damaged(let reason):
            say("the Secret \(secret.key): \(reason): the attempt goes on without it")
            throw .damaged(reason)
        }
    }

    /// Keeps a state in place of the one before.
    public func keep(
        _ text: String, attempt: Int, of task: ObjectRef
    ) async throws(CheckpointFailure) -> StoredState {
        guard text.utf8.count <= stateBytesMax else {
            throw .refused(
                "the state has \(text.utf8.count) bytes, more than the \(stateBytesMax) that are "
                    + "kept")
        }
        for _ in 0..<Self.tries {
            let existing = try await read(task)
            var next = StoredState(sequence: 1, attempt: attempt, text: text)
            if let existing {
                try Self.check(existing, attempt: attempt, of: task)
                if let known = known(existing) {
                    // Said again, because an answer was lost: it is there.
                    if known.attempt == attempt, known.text == text { return known }
                    guard known.sequence < ProtocolLimits.sequenceMax else {
                        throw .refused("a task keeps \(ProtocolLimits.sequenceMax) states")
                    }
                    next.sequence = known.sequence + 1
                }
            }
            if try await write(
                CheckpointSecret.annotations(of: next), CheckpointSecret.data(of: next),
                over: existing, task)
            {
                return next
            }
        }
        throw busy(task)
    }

    /// The state that is there; one that is damaged is said, and gives way.
    private func known(_ existing: SecretView) -> StoredState? {
        switch CheckpointSecret.state(in: existing) {
        case .nothing: return nil
        case .kept(let state): return state
        case .damaged(let reason):
            say("the Secret \(existing.key): \(reason): it is replaced")
            let mark = CheckpointSecret.stateMark(in: existing)
            return mark.map { StoredState(sequence: $0.sequence, attempt: 0, text: "") }
        }
    }

    // MARK: - The Secret

    private static func check(
        _ existing: SecretView, attempt: Int, of task: ObjectRef
    ) throws(CheckpointFailure) {
        guard CheckpointSecret.isOurs(existing, task) else {
            throw .refused("the Secret \(existing.key) belongs to somebody else")
        }
        if let latest = CheckpointSecret.attempt(in: existing), latest > attempt {
            throw .fenced(by: latest)
        }
    }

    /// Whether the Secret was written; false where it has changed under our hands. Only what is
    /// named is changed: checkpoint and state do not overwrite each other.
    private func write(
        _ annotations: JSONValue, _ data: JSONValue, over existing: SecretView?, _ task: ObjectRef
    ) async throws(CheckpointFailure) -> Bool {
        do throws(APIError) {
            if let existing {
                try await secrets.patch(
                    existing, ["metadata": ["annotations": annotations], "data": data])
            } else {
                try await secrets.create(CheckpointSecret.object(task, annotations, data))
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

    private func busy(_ task: ObjectRef) -> CheckpointFailure {
        .unavailable("the Secret \(Self.name(of: task)) is being written by others")
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
