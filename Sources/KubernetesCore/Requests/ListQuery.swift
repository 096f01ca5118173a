/// How a list is read: from which version of the history, and in what portions.
public struct ListQuery: Hashable, Sendable {
    /// How the answer's version relates to `resourceVersion`.
    public enum Match: String, Hashable, Sendable {
        /// The state at exactly that version.
        case exact = "Exact"
        /// That state or any later one.
        case notOlderThan = "NotOlderThan"
    }

    /// Most objects in one page; `nil` for all at once.
    public var limit: Int?
    /// What the page before handed out; the rest of the query must then be the same, and
    /// `resourceVersion` is not sent, as the token holds it.
    public var continueToken: String?
    /// The version asked for: `.unknown` for the newest, read from the database itself.
    public var resourceVersion: ResourceVersion
    /// How the version is meant; only sent together with a version.
    public var match: Match?

    /// A query; the newest state in one page where nothing is given.
    public init(
        limit: Int? = nil, continueToken: String? = nil,
        resourceVersion: ResourceVersion = .unknown, match: Match? = nil
    ) {
        self.limit = limit
        self.continueToken = continueToken
        self.resourceVersion = resourceVersion
        self.match = match
    }
}
