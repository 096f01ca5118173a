import Glibc

/// Puts the runner's program where a container of another image finds it.
enum Installation {
    /// The folder of the program that runs.
    static var folder: String {
        guard let resolved = realpath("/proc/self/exe", nil) else { return "" }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// Makes `folder/swiftlet-agent` this program: a hard link where both lie on one file system,
    /// else a copy. What is there before is replaced in one step.
    static func copySelf(into folder: String) throws(SystemError) {
        let target = folder + "/swiftlet-agent"
        let draft = folder + "/.swiftlet-agent.\(getpid())"
        unlink(draft)
        guard let resolved = realpath("/proc/self/exe", nil) else {
            throw SystemError("finding this program")
        }
        let own = String(cString: resolved)
        free(resolved)
        if link(own, draft) != 0 { try copy("/proc/self/exe", to: draft) }
        guard chmod(draft, 0o755) == 0, rename(draft, target) == 0 else {
            let error = SystemError("writing \(target)")
            unlink(draft)
            throw error
        }
        // rename does nothing where both names are links to one file already.
        unlink(draft)
    }

    private static func copy(_ source: String, to target: String) throws(SystemError) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw SystemError("reading \(source)") }
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o755)
        guard output >= 0 else { throw SystemError("writing \(target)") }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("reading \(source)") }
            if count == 0 { return }
            try Files.write(output, Array(buffer[..<count]), target)
        }
    }
}
