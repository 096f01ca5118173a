public import KubernetesCore

/// A checkpoint that lies on a pool's workspace volume: what is kept of it beside its task.
///
/// Where it lies follows from the lease under which it was committed, so that no record can lead
/// to another task's file.
public struct VolumeCheckpoint: Hashable, Sendable {
    /// Which one it is.
    public var ref: CheckpointRef
    /// The attempt that committed it.
    public var attempt: Int

    /// The checkpoint `ref` of `attempt`.
    public init(_ ref: CheckpointRef, attempt: Int) {
        self.ref = ref
        self.attempt = attempt
    }

    /// The file of this checkpoint of `task` in its folder on the volume.
    public var file: String { "\(ref.sequence).\(attempt)" }

    /// The path of a checkpoint of `task`, below the volume's own folder.
    public func path(of task: UID) -> String { "checkpoints/\(task.text)/\(file)" }

    /// Reads a record: `sequence`, `bytes`, `digest` and `attempt`. A digest that is none is an
    /// error, as is a size that no volume takes.
    public init(reading node: JSONNode) throws(JSONError) {
        ref = try CheckpointRef(reading: node)
        attempt = try node.required("attempt").integer(in: 1...LeaseID.attemptMax)
        guard Self.isDigest(ref.digest) else {
            throw JSONError(.mismatch, at: node.path, "the digest is no sha256: and 64 digits")
        }
    }

    /// This record in JSON.
    public var json: JSONValue {
        var result = ref.json
        result["attempt"] = .int(attempt)
        return result
    }

    /// Whether `text` is `sha256:` and 64 hexadecimal digits in lower case.
    public static func isDigest(_ text: String) -> Bool {
        guard text.hasPrefix("sha256:") else { return false }
        let digits = text.utf8.dropFirst("sha256:".utf8.count)
        return digits.count == 64
            && digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}

extension VolumeCheckpoint {
    /// What is kept of the checkpoints of a task on a volume.
    public struct Record: Hashable, Sendable {
        /// The volume's claim, in the namespace of the pool.
        public var claim: String
        /// The newest one.
        public var newest: VolumeCheckpoint
        /// The one before it on the same volume, for the case that the newest cannot be read.
        public var previous: VolumeCheckpoint?
        /// What is wrong with the one before it, where a record names one that cannot be used.
        public var flaw: String?

        /// A record by all its fields.
        public init(
            claim: String, newest: VolumeCheckpoint, previous: VolumeCheckpoint? = nil
        ) {
            self.claim = claim
            self.newest = newest
            self.previous = previous
        }

        /// Reads a record; a previous one that cannot be read, or is not older, is none, and `flaw`
        /// says so.
        public init(reading node: JSONNode) throws(JSONError) {
            claim = try node.required("claim").string(atMost: 520)
            newest = try VolumeCheckpoint(reading: try node.required("newest"))
            guard let before = node["previous"] else { return }
            do throws(JSONError) {
                let older = try VolumeCheckpoint(reading: before)
                guard older.ref.sequence < newest.ref.sequence else {
                    flaw =
                        "checkpoint \(older.ref.sequence) is named as the one before "
                        + "\(newest.ref.sequence): it is not used"
                    return
                }
                previous = older
            } catch {
                flaw =
                    "the checkpoint before \(newest.ref.sequence) cannot be read, so nothing "
                    + "stands behind it: \(error)"
            }
        }

        /// This record in JSON.
        public var json: JSONValue {
            var result: JSONValue = ["claim": .string(claim), "newest": newest.json]
            result["previous"] = previous?.json
            return result
        }

        /// The checkpoints to try, the newest first.
        public var candidates: [VolumeCheckpoint] { [newest] + (previous.map { [$0] } ?? []) }
    }
}
