import Locking

/// Places of which there are so many.
final class PlaceCount: Sendable {
    private let free: Mutex<Int>

    init(most: Int) { free = Mutex(most) }

    /// Takes a place; false where there is none.
    func enter() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    /// Gives a place back.
    func leave() { free.withLock { $0 += 1 } }
}
