/// The times and sizes by which a kind is followed.
public struct WatchLimits: Sendable, Equatable {
    /// Most objects asked for in one page of a list.
    public var pageItems = 500
    /// Most pages of one list; a list that goes on behind them never ends.
    public var pagesMax = 10_000
    /// The shortest time after which the server is asked to end a watch.
    public var watchTimeoutMin: Duration = .seconds(300)
    /// The longest time after which the server is asked to end a watch.
    public var watchTimeoutMax: Duration = .seconds(600)
    /// How long after that a watch that did not end is given up.
    public var watchTimeoutMargin: Duration = .seconds(30)
    /// How long a watch on a server that sends bookmarks (once a minute) may be silent.
    public var silenceMax: Duration = .seconds(130)
    /// After how many silent watches in a row the kind is listed anew, whatever version it is at.
    public var silencesMax = 2
    /// How long initial events may pause before the server counts as one that cannot end them.
    public var initialEventsPause: Duration = .seconds(10)
    /// A watch that ends sooner than this without any event counts as failed.
    public var shortWatch: Duration = .seconds(1)
    /// The wait after failures in a row.
    public var backoff = Backoff(initial: .milliseconds(800), longest: .seconds(30), jitter: 1)
    /// After how many failures in a row at one version the kind is listed anew.
    public var resumesMax = 5
    /// When a kind that the server does not have is asked for again. Until then there are no such
    /// objects; nil where a missing kind is a failure.
    public var absencePause: Duration?
    /// Whether the first picture is asked for as a stream (KEP-3157).
    public var usesWatchList = true

    /// The defaults, which are those of Kubernetes' own clients.
    public init() {}
}
