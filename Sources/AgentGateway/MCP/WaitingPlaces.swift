import Locking

/// How many calls may wait for tasks at one time. Who finds no place is answered at once, and asks
/// again.
final class WaitingPlaces: Sendable {
    private let left: Mutex<Int>

    /// Room for `count` calls.
    init(_ count: Int) { left = Mutex(count) }

    /// Takes a place; false where there is none.
    func take() -> Bool {
        left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }

    /// Gives a place back.
    func give() { left.withLock { $0 += 1 } }
}
