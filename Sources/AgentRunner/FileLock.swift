import Glibc

/// A lock on a file that ends with the process that holds it.
final class FileLock: Sendable {
    /// The error number of a lock that another process holds.
    static let isTaken = EWOULDBLOCK

    private let file: Int32

    /// Takes the lock or fails at once.
    init(_ path: String) throws(SystemError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw SystemError("opening \(path)") }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let error = SystemError("locking \(path)")
            close(file)
            throw error
        }
        self.file = file
    }

    /// Gives the lock back.
    func release() { flock(file, LOCK_UN) }

    deinit { close(file) }
}
