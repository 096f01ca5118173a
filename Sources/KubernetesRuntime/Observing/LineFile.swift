import Glibc

/// Appends whole lines to a file, a pipe or a terminal that is open: goes on where the system took
/// a part or was interrupted, waits for a reader that is slow, and says what was lost.
///
/// No thread is blocked by a pipe whose reader is slow: it is asked whether it takes anything
/// first, and then given no more than it takes at once.
public struct LineFile: Sendable {
    /// What the system says to a write: how many bytes it took, or why it took none.
    enum Answer: Hashable, Sendable {
        case took(Int)
        case failed(Int32)
    }

    /// Lines that were not written.
    public struct Loss: Hashable, Sendable {
        /// How many.
        public var lines: Int
        /// Why, in the system's words.
        public var reason: String
    }

    /// How long a reader may take nothing before lines are given up. After that each write is tried
    /// once, until one of them succeeds: so a reader that is gone holds up no shutdown.
    static let patience = Duration.seconds(10)
    /// The pause before the next try, and how many tries are made without one: interruptions and
    /// parts come one after the other, but not without end.
    static let pause = Duration.milliseconds(20)
    static let triesAtOnce = 100

    private let take: @Sendable (ArraySlice<UInt8>) -> Answer
    private let sleep: @Sendable (Duration) async -> Void
    /// Whether the last write ended within a line.
    private var isTorn = false
    /// Whether the reader has taken nothing for as long as it may.
    private var isStuck = false

    /// The file behind `descriptor`, which stays open for as long as this is used.
    public init(descriptor: Int32) {
        let isPlain = Self.isPlain(descriptor)
        self.init(
            take: { Self.write($0, to: descriptor, whole: isPlain) },
            // Cut short where the process ends; the next try then decides.
            sleep: { try? await Task.sleep(for: $0) })
    }

    init(
        take: @escaping @Sendable (ArraySlice<UInt8>) -> Answer,
        sleep: @escaping @Sendable (Duration) async -> Void
    ) {
        self.take = take
        self.sleep = sleep
    }

    /// Writes lines, each with its end; nil where all were written. What comes after a line that
    /// was torn begins on a line of its own, so that a reader loses that one alone.
    public mutating func write(_ lines: [UInt8]) async -> Loss? {
        let end = UInt8(ascii: "\n")
        var rest = ((isTorn ? [end] : []) + lines)[...]
        var waited = Duration.zero
        var tries = 0
        while !rest.isEmpty {
            switch take(rest) {
            case .took(let count) where count > 0:
                let taken = rest.prefix(count)
                isTorn = taken.last != end
                rest = rest.dropFirst(count)
                (waited, isStuck, tries) = (.zero, false, 0)
            case .failed(EINTR) where tries < Self.triesAtOnce: tries += 1
            case .took, .failed(EINTR), .failed(EAGAIN):
                guard waited < Self.patience, !isStuck else {
                    isStuck = true
                    return Loss(
                        lines: Self.count(rest, of: lines), reason: "nobody reads it fast enough")
                }
                await sleep(Self.pause)
                waited += Self.pause
            case .failed(let code):
                return Loss(
                    lines: Self.count(rest, of: lines), reason: String(cString: strerror(code)))
            }
        }
        return nil
    }

    /// How many of `lines` are not written: the end that a torn line was owed is none of them.
    private static func count(_ rest: ArraySlice<UInt8>, of lines: [UInt8]) -> Int {
        let end = UInt8(ascii: "\n")
        return min(rest.count { $0 == end }, lines.count { $0 == end })
    }

    // MARK: - The system

    /// Whether it is a file that always takes everything or fails.
    private static func isPlain(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// One write. A plain file is given all at once, so that lines of several processes are not
    /// torn; a pipe as much as it takes without making anybody wait, if it takes any.
    private static func write(
        _ bytes: ArraySlice<UInt8>, to descriptor: Int32, whole: Bool
    ) -> Answer {
        if !whole {
            var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&question, 1, 0)
            if ready < 0 { return .failed(errno) }
            if ready == 0 { return .failed(EAGAIN) }
        }
        let part = whole ? bytes : bytes.prefix(Int(PIPE_BUF))
        let count = part.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        return count < 0 ? .failed(errno) : .took(count)
    }
}
