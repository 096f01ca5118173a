import Dispatch

/// Runs work that waits for disks away from the threads that serve tasks.
enum BlockingWork {
    private static let queue = DispatchQueue(label: "swiftlet.files", attributes: .concurrent)

    /// What `work` returns.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
