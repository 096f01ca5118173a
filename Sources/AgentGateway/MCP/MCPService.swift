public import KubernetesCore
public import Reconcilers

/// What a gateway needs to serve MCP.
public struct MCPService: Sendable {
    /// Says what callers may do.
    public var rights: any AccessReviewing
    /// Where tasks are made and read.
    public var desk: any TaskDesk
    /// Where memories are kept.
    public var memories: any MemoryStore
    /// Says what policies hold of permissions; nil leaves all of them to people.
    public var permissions: PermissionJudge?
    /// Is given what policies have decided about permissions, to be written down.
    public var audit: @Sendable (JSONValue) -> Void
    /// The origins of browsers that are let in; none by default.
    public var origins: Set<String>

    /// A service of these parts.
    public init(
        rights: any AccessReviewing, desk: any TaskDesk, memories: any MemoryStore,
        permissions: PermissionJudge? = nil,
        audit: @escaping @Sendable (JSONValue) -> Void = { _ in },
        origins: Set<String> = []
    ) {
        self.memories = memories
        self.permissions = permissions
        self.audit = audit
        self.rights = rights
        self.desk = desk
        self.origins = origins
    }
}
