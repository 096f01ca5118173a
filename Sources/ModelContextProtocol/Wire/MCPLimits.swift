/// How much of a message is believed.
public enum MCPLimits {
    /// Most bytes of a request.
    public static let requestBytesMax = 1 << 20
    /// How deep a request may be nested.
    public static let depthMax = 64
    /// Most bytes of an id, a method, a header and the name of a tool.
    public static let wordBytesMax = 256
    /// Most bytes of a task's handle: namespace, name and UID.
    public static let handleBytesMax = 512
    /// Most tasks on a page of a list.
    public static let pageMax = 100
    /// Most tasks that one subscription tells of.
    public static let subscribedTasksMax = 64
    /// Longest wait of one call, in seconds: below what proxies commonly allow.
    public static let waitSecondsMax = 50
}
