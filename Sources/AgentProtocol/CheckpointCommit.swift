public import KubernetesCore

/// A checkpoint that an attempt has committed: durable before it is ever reported.
public struct CheckpointCommit: Hashable, Sendable {
    /// Which one it is.
    public var checkpoint: CheckpointRef
    /// When it was committed, by the agent's clock.
    public var time: Timestamp

    /// A commit of `checkpoint` at `time`.
    public init(_ checkpoint: CheckpointRef, time: Timestamp) {
        self.checkpoint = checkpoint
        self.time = time
    }

    /// Reads the members of the reference and `time`.
    public init(reading node: JSONNode) throws(JSONError) {
        checkpoint = try CheckpointRef(reading: node)
        time = try node.required("time").timestamp()
    }

    /// This commit in JSON.
    public var json: JSONValue {
        var result = checkpoint.json
        result["time"] = .string(time.milliText)
        return result
    }

    /// Its place in the task's checkpoints.
    public var sequence: Int { checkpoint.sequence }
    /// The size of the packed folder in bytes.
    public var bytes: Int { checkpoint.bytes }
    /// The digest of the packed folder.
    public var digest: String { checkpoint.digest }
}
