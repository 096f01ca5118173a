import Locking

/// Counts lines from several tasks.
final class LineCounter: Sendable {
    private let count = Mutex(0)

    /// How many there have been.
    var value: Int { count.withLock { $0 } }

    /// One more.
    func add() { count.withLock { $0 += 1 } }
}
