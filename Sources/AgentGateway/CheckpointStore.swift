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

/// Keeps the newest checkpoint of each task.
public protocol CheckpointStore: Sendable {
    /// Most bytes of a checkpoint that is taken.
    var bytesMax: Int { get }

    /// The newest checkpoint of a task; `nil` where there is none. What is damaged is none.
    func newest(of task: ObjectRef) async throws(CheckpointFailure) -> StoredCheckpoint?

    /// Keeps a checkpoint in place of the one before. It is durable when this returns. Fails with
    /// `overtaken` unless its sequence is higher than the kept one's, and with `fenced` where a
    /// later attempt has committed one already.
    func put(_ checkpoint: StoredCheckpoint, of task: ObjectRef) async throws(CheckpointFailure)
}

/// Why a checkpoint could not be kept or read.
public enum CheckpointFailure: Error, Hashable, Sendable {
    /// A checkpoint of this or a higher sequence is kept.
    case overtaken(by: Int)
    /// A later attempt has committed one already.
    case fenced(by: Int)
    /// It cannot be kept whatever is tried, for this reason.
    case refused(String)
    /// The store cannot be used at the moment, for this reason.
    case unavailable(String)
}
