/// From where a watch follows the history, and what comes with it.
public struct WatchQuery: Hashable, Sendable {
    /// The version after which changes are wanted: what a list or the last event carried.
    public var resourceVersion: ResourceVersion
    /// Whether the server shall send its version from time to time though nothing changed.
    public var bookmarks: Bool
    /// Whether the server shall first send every object that exists (KEP-3157), ended by a bookmark
    /// with `initialEventsEnd`; implies `resourceVersionMatch=NotOlderThan`.
    public var sendInitialEvents: Bool
    /// When the server shall end the watch; `nil` leaves it to the server.
    public var timeoutSeconds: Int?

    /// A watch of what happens after `resourceVersion`.
    public init(
        resourceVersion: ResourceVersion, bookmarks: Bool = true, sendInitialEvents: Bool = false,
        timeoutSeconds: Int? = nil
    ) {
        self.resourceVersion = resourceVersion
        self.bookmarks = bookmarks
        self.sendInitialEvents = sendInitialEvents
        self.timeoutSeconds = timeoutSeconds
    }
}
