/// Who asks, as the cluster vouches for them.
public struct MCPCaller: Hashable, Sendable {
    /// The user's name, as in `system:serviceaccount:team-a:builder`.
    public var user: String

    /// The user of this name.
    public init(user: String) { self.user = user }

    /// The namespace of the caller's ServiceAccount; nil for users of other kinds.
    public var namespace: String? {
        let parts = user.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
            !parts[2].isEmpty
        else { return nil }
        return String(parts[2])
    }
}
