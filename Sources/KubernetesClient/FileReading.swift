import Glibc

/// Small files, read whole.
enum FileReading {
    /// Reads `path`, which may have at most `bytesMax` bytes. `what` names the file's purpose in
    /// errors.
    static func read(
        _ path: String, bytesMax: Int, _ what: String
    ) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, what) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw failure(path, what)
            }
            guard count > 0 else { return content }
            content.append(contentsOf: chunk[..<count])
            guard content.count <= bytesMax else {
                throw ConfigurationError(
                    "\(what) \(path) has more than \(bytesMax) bytes; this is not such a file")
            }
        }
    }

    /// What tells one state of a file from the next without reading it.
    struct Mark: Hashable, Sendable {
        let device: UInt64
        let node: UInt64
        let byteCount: Int64
        let seconds: Int64
        let nanoseconds: Int64
    }

    /// The mark of what is at `path` now, behind all links: mounted secrets are replaced by moving
    /// a link. `nil` where there is nothing.
    static func mark(_ path: String) -> Mark? {
        var state = Glibc.stat()
        guard stat(path, &state) == 0 else { return nil }
        return Mark(
            device: UInt64(state.st_dev), node: UInt64(state.st_ino),
            byteCount: Int64(state.st_size), seconds: Int64(state.st_mtim.tv_sec),
            nanoseconds: Int64(state.st_mtim.tv_nsec))
    }

    /// Whether there is something at `path`.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func failure(_ path: String, _ what: String) -> ConfigurationError {
        ConfigurationError("\(what) \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
}
