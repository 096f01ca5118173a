import Glibc

/// All processes of one container: those of the session that its first process leads. It is what a
/// control group would be to a container, for processes that do not leave their session.
struct ProcessSession: Sendable {
    /// The process id of the leader, which is also the session's id.
    let leader: Int32

    /// Sends `signal` to the leader's process group.
    func signalGroup(_ signal: Int32) { kill(-leader, signal) }

    /// Sends `signal` to every process of the session.
    func signalAll(_ signal: Int32) {
        for process in members() { kill(process, signal) }
    }

    /// Kills every process of the session until none is left, for at most `limit`; `RestartTests`
    /// pins it. Looks again, because a process may start another while it is looked for, and a busy
    /// machine takes its time to end one. Where the caller is cancelled, nothing is waited for.
    func end(within limit: Duration = .seconds(5)) async {
        let deadline = ContinuousClock.now + limit
        while true {
            let living = members().filter(Self.isLiving)
            for process in living { kill(process, SIGKILL) }
            guard !living.isEmpty, ContinuousClock.now < deadline else { return }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { return }
        }
    }

    /// Whether a process still does something: one that waits for its parent to take note does not.
    private static func isLiving(_ process: Int32) -> Bool {
        let descriptor = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The number, the name in parentheses of at most 64 bytes, a letter for the state.
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0, let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else {
            return false
        }
        return !bytes[end..<count].starts(with: Array(") Z".utf8))
    }

    /// The ids of the processes in the session, from /proc.
    func members() -> [Int32] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var result: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let process = Int32(name) else { continue }
            if getsid(process) == leader { result.append(process) }
        }
        return result
    }
}
