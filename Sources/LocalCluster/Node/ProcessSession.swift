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
