import Glibc
import Locking

/// The thread that writes a journal: synchronising blocks, and must not hold up Swift's pool.
final class JournalThread: Sendable {
    private let writer: JournalWriter
    /// Taken by the thread when it starts; nobody else has it.
    private let journal: Mutex<Journal?>

    init(writer: JournalWriter, journal: sending Journal) {
        self.writer = writer
        self.journal = Mutex(journal)
    }

    /// Starts the thread, once.
    func start() throws(LocalClusterError) {
        let box = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<JournalThread>.fromOpaque(raw).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw .file("pthread_create", code)
        }
        pthread_detach(thread)
    }

    private func work() {
        guard let journal = journal.withLock({ $0.take() }) else { return }
        writer.run(journal)
    }
}
