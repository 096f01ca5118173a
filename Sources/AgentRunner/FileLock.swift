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

    /// What tells this file from all others of the machine: whoever has the lock on it is alone.
    /// Nil where the system does not say.
    var identity: String? {
        var status = stat()
        guard fstat(file, &status) == 0 else { return nil }
        return String(status.st_dev, radix: 36) + "-" + String(status.st_ino, radix: 36)
    }

    /// Gives the lock back.
    func release() { flock(file, LOCK_UN) }

    deinit { close(file) }
}
