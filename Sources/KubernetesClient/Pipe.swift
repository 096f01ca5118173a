import Glibc

/// A pipe whose reading end never blocks. Programs inherit neither end unless they are given it.
final class Pipe {
    private(set) var reading: Int32
    private(set) var writing: Int32

    init() throws(ConfigurationError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ConfigurationError("no pipe could be made: \(String(cString: strerror(errno)))")
        }
        reading = ends[0]
        writing = ends[1]
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let flags = fcntl(reading, F_GETFL)
        _ = fcntl(reading, F_SETFL, flags | O_NONBLOCK)
    }

    /// Closes our writing end, so that the end of the program is the end of the stream.
    func closeWriting() {
        guard writing >= 0 else { return }
        Glibc.close(writing)
        writing = -1
    }

    /// Closes both ends.
    func close() {
        closeWriting()
        guard reading >= 0 else { return }
        Glibc.close(reading)
        reading = -1
    }

    /// Appends what can be read now.
    func drain(into bytes: inout [UInt8]) {
        guard reading >= 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= CommandRun.outputBytesMax {
            let count = read(reading, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return }
            guard count > 0 else {
                Glibc.close(reading)
                reading = -1
                return
            }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Waits until one of two pipes can be read, or for the time given.
    static func wait(_ first: Pipe, _ second: Pipe, milliseconds: Int32) {
        // A closed end is a negative number here, which poll passes over.
        var ends = [first, second].map { pollfd(fd: $0.reading, events: Int16(POLLIN), revents: 0) }
        poll(&ends, nfds_t(ends.count), milliseconds)
    }
}
