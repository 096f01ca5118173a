public import KubernetesCore

/// A committed checkpoint: what names it and proves that it is whole.
public struct CheckpointRef: Hashable, Sendable {
    /// Its place in the task's checkpoints, from 1, rising over all attempts.
    public var sequence: Int
    /// The size of the packed folder in bytes.
    public var bytes: Int
    /// `sha256:` and 64 hexadecimal digits: the digest of the packed folder.
    public var digest: String

    /// The checkpoint `sequence` of this size and digest.
    public init(sequence: Int, bytes: Int, digest: String) {
        self.sequence = sequence
        self.bytes = bytes
        self.digest = digest
    }

    /// Reads the members `sequence`, `bytes` and `digest`.
    public init(reading node: JSONNode) throws(JSONError) {
        sequence = try node.required("sequence").integer(in: 1...ProtocolLimits.sequenceMax)
        bytes = try node.required("bytes").integer(in: 0...ProtocolLimits.checkpointOnVolumeMax)
        digest = try node.required("digest").string(atMost: 128)
    }

    /// This reference in JSON.
    public var json: JSONValue {
        ["sequence": .int(sequence), "bytes": .int(bytes), "digest": .string(digest)]
    }
}
