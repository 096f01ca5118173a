public import AgentProtocol
public import KubernetesCore

/// A checkpoint with its content.
public struct StoredCheckpoint: Hashable, Sendable {
    /// Which one it is.
    public var ref: CheckpointRef
    /// The attempt that committed it.
    public var attempt: Int
    /// The packed folder; empty where it lies on a volume.
    public var bytes: [UInt8]
    /// Where it lies, if not here: then the store keeps this alone, and its newest one is `ref`.
    public var volume: VolumeCheckpoint.Record?

    /// A checkpoint by all its parts.
    public init(ref: CheckpointRef, attempt: Int, bytes: [UInt8]) {
        self.ref = ref
        self.attempt = attempt
        self.bytes = bytes
    }

    /// A checkpoint that lies on a volume.
    public init(on volume: VolumeCheckpoint.Record) {
        self.init(ref: volume.newest.ref, attempt: volume.newest.attempt, bytes: [])
        self.volume = volume
    }
}

/// Keeps the newest checkpoint of each task, and beside it the state that its attempts keep
/// themselves. The two do not overwrite each other, whoever writes which and when.
public protocol CheckpointStore: Sendable {
    /// Most bytes of a checkpoint that is taken.
    var bytesMax: Int { get }

    /// The newest checkpoint of a task; `nil` where there is none. Fails with `damaged` where there
    /// is one that cannot be used.
    func newest(of task: ObjectRef) async throws(CheckpointFailure) -> StoredCheckpoint?

    /// Keeps a checkpoint in place of the one before. It is durable when this returns. Fails with
    /// `overtaken` unless its sequence is higher than the kept one's, and with `fenced` where a
    /// later attempt has committed one already.
    func put(_ checkpoint: StoredCheckpoint, of task: ObjectRef) async throws(CheckpointFailure)

    /// The state that was kept last; `nil` where there is none. Fails with `damaged` where there is
    /// one that cannot be used.
    func state(of task: ObjectRef) async throws(CheckpointFailure) -> StoredState?

    /// Keeps a state in place of the one before, with the next number. It is durable when this
    /// returns. The same state of the same attempt is kept once. Fails with `fenced` where a later
    /// attempt has kept a state or committed a checkpoint already.
    func keep(
        _ text: String, attempt: Int, of task: ObjectRef
    ) async throws(CheckpointFailure) -> StoredState
}

/// Why a checkpoint could not be kept or read.
public enum CheckpointFailure: Error, Hashable, Sendable {
    /// A checkpoint of this or a higher sequence is kept.
    case overtaken(by: Int)
    /// A later attempt has kept something already.
    case fenced(by: Int)
    /// What is there cannot be used, for this reason.
    case damaged(String)
    /// It cannot be kept whatever is tried, for this reason.
    case refused(String)
    /// The store cannot be used at the moment, for this reason.
    case unavailable(String)
}
