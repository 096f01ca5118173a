import Locking

/// Whether the server is ending: then nothing is read any more.
///
/// A stream of HTTP/2 that begins when nobody takes streams any more is a trap in SwiftNIO, and the
/// clients of a server that ends do not know it yet.
final class Ending: Sendable {
    private let state = Mutex(false)

    /// Whether the server is ending.
    var hasBegun: Bool { state.withLock { $0 } }

    /// The server ends from now on.
    func begin() { state.withLock { $0 = true } }
}
