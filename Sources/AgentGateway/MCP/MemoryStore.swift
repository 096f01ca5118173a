public import KubernetesCore
public import ModelContextProtocol

/// Whose memories: those of tasks of one type, done for one tenant by one pool.
public struct MemoryPlace: Hashable, Sendable {
    /// The pool, with its UID: a successor of its name starts with nothing.
    public var pool: ObjectRef
    /// Who pays for the tasks; nobody else's tasks recall what they kept.
    public var tenant: String
    /// The tasks' type.
    public var type: String

    /// A place by all its fields.
    public init(pool: ObjectRef, tenant: String, type: String) {
        self.pool = pool
        self.tenant = tenant
        self.type = type
    }
}

/// Keeps what tasks remember.
public protocol MemoryStore: Sendable {
    /// At most `limit` memories of a place that share words with `query`, the most telling first.
    func recall(
        _ query: String, limit: Int, at place: MemoryPlace
    ) async throws(MemoryFailure) -> [MemoryBook.Memory]
    /// Takes a memory in. It is durable when this returns.
    func take(
        _ memory: MemoryBook.Memory, at place: MemoryPlace
    ) async throws(MemoryFailure)
}

/// Why memories cannot be read or kept at the moment.
public struct MemoryFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why, in words.
    public let description: String

    /// A failure for this reason.
    public init(_ description: String) { self.description = description }
}
