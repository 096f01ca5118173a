/// What the server does with a request.
public enum ServerReply: Sendable {
    /// The whole answer.
    case response(status: Int, headers: [(String, String)], body: [UInt8])
    /// An answer with status 200 and these header fields whose body are the frames that
    /// `APIServer.takeFrames()` gives out for the watch, until it says that the watch has ended.
    /// When the client goes away the shell calls `APIServer.cancelWatch(_:)`.
    case watch(WatchID, headers: [(String, String)])
    /// The log of a container, which the shell's node has.
    case podLogs(PodLogRequest)
}

/// Names one watch of one server value.
public struct WatchID: Hashable, Comparable, Sendable {
    /// Counts up from 1.
    public let number: UInt64

    /// The watch with this number.
    public init(number: UInt64) { self.number = number }

    /// By age, the older one first.
    public static func < (left: WatchID, right: WatchID) -> Bool { left.number < right.number }
}

/// What one watch has to send now.
public struct WatchOutput: Sendable {
    /// Whose output it is.
    public let watch: WatchID
    /// Complete frames in order, each with its line feed.
    public let frames: [[UInt8]]
    /// Whether the watch has ended; nothing comes for it after that.
    public let ended: Bool
}
