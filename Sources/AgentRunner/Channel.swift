import Glibc

/// Two connected descriptors, which no program that is started meanwhile gets by chance. They are
/// closed unless they are kept.
final class Channel {
    /// What the descriptors are.
    enum Kind {
        /// A pipe, which the program of a task writes to: it may open `/dev/stdout` again.
        case pipe
        /// A pair of sockets: made without a moment in which a new process could inherit them, so
        /// that the end of one end is always seen at the other.
        case sockets
    }

    /// Below these numbers the descriptors of a new process are laid out.
    private static let lowest: Int32 = 16

    private(set) var reader: Int32 = -1
    private(set) var writer: Int32 = -1

    init(_ kind: Kind) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        switch kind {
        case .pipe:
            guard pipe(&ends) == 0 else { throw SystemError("making a pipe") }
        case .sockets:
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
                throw SystemError("making a pair of sockets")
            }
        }
        defer { for end in ends { _ = close(end) } }
        reader = fcntl(ends[0], F_DUPFD_CLOEXEC, Self.lowest)
        writer = fcntl(ends[1], F_DUPFD_CLOEXEC, Self.lowest)
        guard reader >= 0, writer >= 0 else {
            let error = SystemError("making a pipe")
            closeBoth()
            throw error
        }
    }

    deinit { closeBoth() }

    func keepReader() -> Int32 {
        defer { reader = -1 }
        return reader
    }

    func keepWriter() -> Int32 {
        defer { writer = -1 }
        return writer
    }

    private func closeBoth() {
        if reader >= 0 { close(reader) }
        if writer >= 0 { close(writer) }
        reader = -1
        writer = -1
    }

    /// Writes all of `bytes` to a socket; returns whether the other end took them. Its end gives
    /// no signal.
    @discardableResult
    static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
