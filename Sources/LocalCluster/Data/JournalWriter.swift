import APIServerModel
import Glibc
import Locking
import Logging
import SystemPackage

/// Writes a cluster's changes to its journal on a thread of its own, and lets nobody know of a
/// change before it is on the disk.
///
/// What comes in while the disk is busy goes there together: one write and one synchronisation for
/// all of it. A journal that could not be written is never written again; then nothing more is
/// acknowledged, and the cluster ends.
final class JournalWriter: Sendable {
    /// Something to be done once all that was submitted before it is safe.
    typealias Delivery = @Sendable () -> Void

    private struct Entry {
        var batch: JournalBatch?
        var snapshot: JournalSnapshot?
        var delivery: Delivery?
    }

    private struct State {
        /// What waits for the disk.
        var waiting: [Entry] = []
        /// Number of the last entry that was submitted, and of the last one that is safe.
        var submitted: UInt64 = 0
        var safe: UInt64 = 0
        var waiters: [(number: UInt64, body: @Sendable (Bool) -> Void)] = []
        var wantsSnapshot = false
        var isEnding = false
        var failure: LocalClusterError?
        var whenFailed: CheckedContinuation<Void, Never>?
    }

    /// Most bytes that one synchronisation covers, as far as batches can be parted.
    private static let groupBytesMax = 8 << 20

    private let state = Mutex(State())
    /// A byte for the thread whenever there is something after nothing; reading it waits.
    private let bell: (reads: FileDescriptor, writes: FileDescriptor)
    private let log: Logger

    /// A writer that nothing was submitted to; `run` makes it work.
    init(log: Logger) throws {
        self.log = log
        let (reads, writes) = try FileDescriptor.pipe()
        for end in [reads, writes] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        bell = (reads, writes)
    }

    deinit {
        // Nobody writes to the pipe any more, and what is in it counts for nothing.
        try? bell.reads.close()
        try? bell.writes.close()
    }

    /// Whether the next submission should bring a picture of everything with it.
    var wantsSnapshot: Bool { state.withLock { $0.wantsSnapshot } }

    /// Hands over a change, a picture that is due, and what to do when they are safe. Returns the
    /// number to wait for. In the order of these calls everything is written and delivered.
    func submit(
        _ batch: JournalBatch?, snapshot: JournalSnapshot? = nil, then delivery: Delivery? = nil
    ) -> UInt64 {
        let (number, isDirect, mustRing) = state.withLock { state -> (UInt64, Bool, Bool) in
            let isIdle = state.safe == state.submitted
            if batch == nil, snapshot == nil {
                if delivery == nil { return (state.submitted, false, false) }
                if isIdle { return (state.submitted, true, false) }
            }
            let isFirst = state.waiting.isEmpty
            if snapshot != nil { state.wantsSnapshot = false }
            state.waiting.append(Entry(batch: batch, snapshot: snapshot, delivery: delivery))
            state.submitted += 1
            return (state.submitted, false, isFirst)
        }
        if isDirect { delivery?() }
        if mustRing { ring() }
        return number
    }

    /// Whether everything up to `number` is safe.
    func isSafe(_ number: UInt64) -> Bool { state.withLock { $0.safe >= number } }

    /// Calls `body` once everything up to `number` is safe, at once where it is; with false where
    /// it never will be.
    func whenSafe(_ number: UInt64, _ body: @escaping @Sendable (Bool) -> Void) {
        let answer = state.withLock { state -> Bool? in
            if state.safe >= number { return true }
            if state.failure != nil { return false }
            state.waiters.append((number, body))
            return nil
        }
        if let answer { body(answer) }
    }

    /// Waits until the journal could not be written, and throws why. Ends where the task is
    /// cancelled.
    func untilFailure() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    if state.failure != nil || Task.isCancelled { return true }
                    state.whenFailed = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.whenFailed.take() }?.resume()
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Writes what is submitted until `end`; blocks the calling thread.
    func run(_ journal: Journal) {
        while true {
            let (group, isEnding) = takeGroup()
            if group.isEmpty {
                if isEnding { return }
                awaitRing()
                continue
            }
            do throws(LocalClusterError) {
                try write(group, to: journal)
            } catch {
                fail(error)
                return
            }
            for entry in group { entry.delivery?() }
            finish(group.count, wantsSnapshot: journal.wantsSnapshot)
        }
    }

    /// Lets `run` return once everything that was submitted is safe.
    func end() {
        state.withLock { $0.isEnding = true }
        ring()
    }

    private func takeGroup() -> ([Entry], isEnding: Bool) {
        state.withLock { state in
            defer { state.waiting = [] }
            return (state.waiting, state.isEnding)
        }
    }

    private func write(_ group: [Entry], to journal: Journal) throws(LocalClusterError) {
        var payload: [UInt8] = []
        for entry in group {
            entry.batch?.write(into: &payload)
            if let snapshot = entry.snapshot {
                // The picture holds all that stands before it.
                try journal.begin(with: snapshot)
                payload.removeAll()
            } else if payload.count >= Self.groupBytesMax {
                try journal.append(payload)
                payload.removeAll()
            }
        }
        if !payload.isEmpty { try journal.append(payload) }
    }

    private func finish(_ count: Int, wantsSnapshot: Bool) {
        let ready = state.withLock { state -> [@Sendable (Bool) -> Void] in
            state.safe += UInt64(count)
            if wantsSnapshot { state.wantsSnapshot = true }
            let ready = state.waiters.filter { $0.number <= state.safe }
            state.waiters.removeAll { $0.number <= state.safe }
            return ready.map(\.body)
        }
        for body in ready { body(true) }
    }

    private func fail(_ error: LocalClusterError) {
        log.critical("nothing more is stored: \(error)")
        let (waiters, whenFailed) = state.withLock { state in
            state.failure = error
            defer { state.waiters = [] }
            return (state.waiters, state.whenFailed.take())
        }
        for waiter in waiters { waiter.body(false) }
        whenFailed?.resume()
    }

    private func ring() {
        var byte: UInt8 = 1
        _ = Glibc.write(bell.writes.rawValue, &byte, 1)
    }

    private func awaitRing() {
        var byte: UInt8 = 0
        _ = Glibc.read(bell.reads.rawValue, &byte, 1)
    }
}
