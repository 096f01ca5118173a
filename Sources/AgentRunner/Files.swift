import Glibc

/// Small files and folders. Reads never follow a symbolic link in the last place and never wait
/// for a pipe, because tasks can put anything where a file is expected.
enum Files {
    /// The content of a regular file of at most `bytesMax` bytes; `nil` where there is no file.
    static func read(_ path: String, bytesMax: Int) throws(SystemError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemError("reading \(path)")
        }
        defer { close(file) }
        return try read(file, path, bytesMax: bytesMax)
    }

    /// As `read`, but a symbolic link is followed: for files that no task can replace.
    static func readFollowing(_ path: String, bytesMax: Int) throws(SystemError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemError("reading \(path)")
        }
        defer { close(file) }
        return try read(file, path, bytesMax: bytesMax)
    }

    /// The content of an open regular file.
    static func read(_ file: Int32, _ path: String, bytesMax: Int) throws(SystemError) -> [UInt8] {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw SystemError("reading \(path)") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError("reading \(path), which is no plain file", code: EINVAL)
        }
        guard status.st_size <= bytesMax else {
            throw SystemError(
                "reading \(path), which has \(status.st_size) bytes, more than the "
                    + "\(bytesMax) allowed",
                code: EFBIG)
        }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("reading \(path)") }
            if count == 0 { return result }
            result.append(contentsOf: buffer[..<count])
            guard result.count <= bytesMax else {
                throw SystemError(
                    "reading \(path), which has more than the \(bytesMax) bytes allowed",
                    code: EFBIG)
            }
        }
    }

    /// Writes a file that must not be there yet.
    static func create(
        _ path: String, _ bytes: [UInt8], mode: mode_t = 0o600
    ) throws(SystemError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { throw SystemError("writing \(path)") }
        defer { close(file) }
        try write(file, bytes, path)
    }

    /// Writes a file in one step: readers see the old content or the new one.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        let draft = path + ".new"
        unlink(draft)
        try create(draft, bytes)
        guard rename(draft, path) == 0 else { throw SystemError("writing \(path)") }
    }

    /// Writes all of `bytes` to an open file.
    static func write(_ file: Int32, _ bytes: [UInt8], _ path: String) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {
                var waiting = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
                continue
            }
            guard count > 0 else { throw SystemError("writing \(path)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes a folder that only this user may enter, and those above it.
    static func makeFolder(_ path: String) throws(SystemError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw SystemError("making the folder \(path)")
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw SystemError("making the folder \(path)")
        }
    }

    /// The names in a folder, ascending, without `.` and `..`.
    static func names(in path: String) throws(SystemError) -> [String] {
        guard let folder = opendir(path) else { throw SystemError("listing \(path)") }
        defer { closedir(folder) }
        var result: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) {
                    String(
                        validatingCString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                }
            }
            guard let name else {
                throw SystemError(
                    "listing \(path), which holds a name that is not UTF-8", code: EILSEQ)
            }
            if name != "." && name != ".." { result.append(name) }
        }
        return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Removes a file, or a folder with all in it; follows no symbolic link. Works on bytes,
    /// because a task can give files names that are no text.
    static func remove(_ path: String) { remove(Array(path.utf8CString)) }

    private static func remove(_ path: [CChar]) {
        if unlink(path) == 0 || errno == ENOENT { return }
        // A folder whose owner took the rights away is given them back first.
        chmod(path, 0o700)
        if let folder = opendir(path) {
            defer { closedir(folder) }
            var names: [[CChar]] = []
            while let entry = readdir(folder) {
                names.append(
                    withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                        bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
                    })
            }
            for name in names where name != [46] && name != [46, 46] {
                remove(path.dropLast() + [47] + name + [0])
            }
        }
        rmdir(path)
    }
}
