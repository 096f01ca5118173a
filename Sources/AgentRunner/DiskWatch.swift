import AgentProtocol
import Locking

/// Looks now and then at how much room an attempt's files take.
final class DiskWatch: Sendable {
    private let root: String
    private let most: Int
    private let pause: Duration
    private let found = Mutex<String?>(nil)

    /// A watch on the folder `root`, which may take `most` bytes.
    init(root: String, most: Int, pause: Duration) {
        self.root = root
        self.most = most
        self.pause = pause
    }

    /// What was found; nil while all is well.
    var excess: String? { found.withLock { $0 } }

    /// Looks until the task is cancelled or too much is found; then `stop` is called.
    func run(_ stop: @Sendable () -> Void) async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            // A folder of more files than are counted is bounded by the size of each alone.
            let used = await BlockingWork.run { [root] in DiskUse.bytes(below: root) }
            guard let used, used > most else { continue }
            found.withLock {
                $0 = "its files took \(used >> 20) MiB, and may take \(most >> 20) MiB"
            }
            return stop()
        }
    }
}
