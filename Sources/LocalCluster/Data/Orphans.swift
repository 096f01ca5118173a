import Glibc
import Logging

/// Processes that a killed `swiftlet dev` has left behind: they carry its cluster's mark in their
/// environment. Two of each would run if they stayed.
struct Orphans: Sendable {
    /// The variable that carries the mark.
    static let variable = "SWIFTLET_LOCAL_CLUSTER"

    /// The path of the cluster's data folder: one cluster at a time holds it.
    let mark: String

    /// Ends them, and returns when none is left; `RestartTests` pins it. Called while the cluster's
    /// data folder is held, so that no living process of the cluster is among them.
    ///
    /// Looks again until it finds none: one may start another while it is looked for, and on a busy
    /// machine it takes a killed process its time to go. Those that outlive `limit` are said.
    func end(within limit: Duration = .seconds(10), log: Logger) async throws {
        var processes = found()
        guard !processes.isEmpty else { return }
        log.notice("ending \(processes.count) processes that an earlier run has left behind")
        let deadline = ContinuousClock.now + limit
        while !processes.isEmpty, ContinuousClock.now < deadline {
            for process in processes { kill(process, SIGKILL) }
            try await Task.sleep(for: .milliseconds(10))
            processes = found()
        }
        guard !processes.isEmpty else { return }
        log.warning(
            """
            processes of an earlier run do not end: \(processes); its work may be done twice \
            until they are gone
            """)
    }

    private func found() -> [pid_t] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        let wanted = Array("\(Self.variable)=\(mark)".utf8)[...]
        var processes: [pid_t] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let process = pid_t(name), process != getpid(),
                let environment = Self.environment(of: process),
                environment.split(separator: 0).contains(wanted)
            else { continue }
            processes.append(process)
        }
        return processes
    }

    /// The environment with which a process was started; nil where it is not ours to see.
    private static func environment(of process: pid_t) -> [UInt8]? {
        let descriptor = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < 4 << 20 {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
