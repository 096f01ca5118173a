public import KubernetesCore

/// What a task says that an attempt of it needs; 0 where it says nothing.
public struct AttemptResources: Hashable, Sendable {
    /// Bytes of memory.
    public var memoryBytes: Int
    /// Bytes of files.
    public var storageBytes: Int

    /// Needs of these sizes; less than nothing counts as nothing.
    public init(memoryBytes: Int = 0, storageBytes: Int = 0) {
        self.memoryBytes = max(0, memoryBytes)
        self.storageBytes = max(0, storageBytes)
    }

    /// Whether nothing is said.
    public var isEmpty: Bool { self == AttemptResources() }

    /// Most bytes that are believed: 1 PiB.
    private static let bytesMax = 1 << 50

    /// Reads the members `memoryBytes` and `storageBytes`.
    public init(reading node: JSONNode) throws(JSONError) {
        self.init(
            memoryBytes: try node["memoryBytes"]?.integer(in: 0...Self.bytesMax) ?? 0,
            storageBytes: try node["storageBytes"]?.integer(in: 0...Self.bytesMax) ?? 0)
    }

    /// These needs in JSON.
    public var json: JSONValue {
        [
            "memoryBytes": .int(min(memoryBytes, Self.bytesMax)),
            "storageBytes": .int(min(storageBytes, Self.bytesMax)),
        ]
    }
}
