import Locking

/// What a sink was told.
final class Heard: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ texts: [String], _ count: Int) {
        lines.withLock { $0 += texts.map { "\($0):\(count)" } }
    }
}
