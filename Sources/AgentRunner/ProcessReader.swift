import AgentProtocol
import Glibc
import KubernetesCore

/// Reads what one process writes and what its supervisor tells, until both are over.
struct ProcessReader: Sendable {
    let supervisor: pid_t
    let program: SupervisedProgram
    /// Where the supervisor hears what to start.
    let order: Int32
    let status: Int32
    let output: Int32
    let error: Int32
    let progress: Int32
    let events: @Sendable (AttemptProcess.Event) -> Void

    /// Most bytes of a progress line.
    private static var lineMax: Int { 4_096 }
    /// The shortest time between two events of progress, in milliseconds.
    private static var progressPause: Int64 { 100 }
    /// How long output may still come when the process is gone, in milliseconds: from a process
    /// that got hold of the pipe and belongs to nobody.
    private static var lateOutput: Int64 { 500 }

    /// Closes what is read.
    func close() {
        for descriptor in [order, status, output, error, progress] {
            _ = Glibc.close(descriptor)
        }
    }

    /// Gives the supervisor its program and reads until that is gone; then tells how it ended and
    /// closes everything.
    func run() {
        // A supervisor that does not take it has ended, which the status tells.
        Channel.send(program.encoded, to: order)
        shutdown(order, Int32(SHUT_WR))
        var told: [UInt8] = []
        var end: AttemptOutcome.End?
        var excess: String?
        var openDescriptors: Set<Int32> = [status, output, error, progress]
        var line: [UInt8] = []
        var latest: TaskProgress?
        var toldAt: Int64 = 0
        var overAt: Int64?
        while true {
            let now = Self.milliseconds
            if let progress = latest, now - toldAt >= Self.progressPause {
                events(.progress(progress))
                latest = nil
                toldAt = now
            }
            let isQuiet = !openDescriptors.contains(output) && !openDescriptors.contains(error)
            if let overAt, isQuiet || now - overAt > Self.lateOutput { break }
            let wait: Int64 = overAt != nil || latest != nil ? Self.progressPause : 60_000
            for (descriptor, bytes) in Self.next(openDescriptors, wait: wait) {
                if bytes.isEmpty { openDescriptors.remove(descriptor) }
                switch descriptor {
                case output: if !bytes.isEmpty { events(.output(.out, bytes)) }
                case error: if !bytes.isEmpty { events(.output(.err, bytes)) }
                case progress: latest = Self.progress(in: bytes, after: &line) ?? latest
                default:
                    told += bytes
                    for report in SupervisorReport.take(from: &told) {
                        if case .started = report { events(.started) }
                        end = Self.end(report) ?? end
                        excess = excess ?? excessText(report)
                        if let text = Self.notice(report) { events(.notice(text)) }
                    }
                    if bytes.isEmpty && end == nil { killTree() }
                    if end != nil || bytes.isEmpty { overAt = overAt ?? now }
                }
            }
        }
        if let latest { events(.progress(latest)) }
        finish(end, excess)
    }

    private func finish(_ end: AttemptOutcome.End?, _ excess: String?) {
        close()
        var raw: Int32 = 0
        while waitpid(supervisor, &raw, 0) < 0 && errno == EINTR {}
        events(.ended(end ?? .lost("the supervisor of the process was killed"), note: excess))
    }

    /// Does what the supervisor would have done that somebody has killed. It has not been waited
    /// for yet, so that its number is still its own.
    private func killTree() {
        TreeKill.run(
            AttemptTree(supervisor: supervisor, keeper: getpid()), marker: program.markerEntry,
            within: program.group)
        do throws(SystemError) {
            try program.group?.remove()
        } catch {
            if let text = Self.notice(.groupStays(error.code)) { events(.notice(text)) }
        }
    }

    /// What there is to read, at most 64 KiB each; an empty answer is the end of a pipe.
    private static func next(_ descriptors: Set<Int32>, wait: Int64) -> [(Int32, [UInt8])] {
        var watched = descriptors.sorted().map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        guard poll(&watched, nfds_t(watched.count), Int32(wait)) > 0 else { return [] }
        var result: [(Int32, [UInt8])] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        for entry in watched where entry.revents != 0 {
            let count = read(entry.fd, &buffer, buffer.count)
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            result.append((entry.fd, count > 0 ? Array(buffer[..<count]) : []))
        }
        return result
    }

    /// The last whole line of progress in `bytes`; what comes after it is kept in `line`.
    private static func progress(in bytes: [UInt8], after line: inout [UInt8]) -> TaskProgress? {
        var result: TaskProgress?
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if line.count < lineMax { line.append(byte) }
                continue
            }
            result = TaskProgress(line: String(decoding: line, as: UTF8.self)) ?? result
            line = []
        }
        return result
    }

    /// What a person should know of limits that were exceeded.
    private func excessText(_ report: SupervisorReport) -> String? {
        let limits = program.limits
        return switch report {
        case .tooMuchMemory(let mebibytes):
            "out of memory: its processes took \(mebibytes) MiB, and it may take "
                + "\((limits.memoryBytes ?? 0) >> 20) MiB"
        case .tooManyProcesses(let count):
            "it had \(count) processes, and may have \(limits.processes)"
        case .outOfMemory:
            limits.memoryBytes.map {
                "out of memory: the kernel killed it at its limit of \($0 >> 20) MiB"
            } ?? "out of memory: the kernel killed it, the agent had no more"
        case .refusedTasks:
            "it was given no more processes and threads: it may have \(limits.tasks) together"
        case .started, .startFailed, .exited, .signalled, .ungrouped, .groupStays: nil
        }
    }

    /// What people should know of its control group.
    private static func notice(_ report: SupervisorReport) -> String? {
        switch report {
        case .ungrouped(let code):
            "the attempt has no control group, which could not be made: "
                + "\(SystemError.text(code)). Its processes are limited one by one, and looked at "
                + "now and then"
        case .groupStays(let code):
            "the attempt's control group could not be removed: \(SystemError.text(code)). It is "
                + "when this agent starts the next time"
        default: nil
        }
    }

    private static func end(_ report: SupervisorReport) -> AttemptOutcome.End? {
        switch report {
        case .started, .tooMuchMemory, .tooManyProcesses, .outOfMemory, .refusedTasks,
            .ungrouped, .groupStays:
            nil
        case .startFailed(let code): .notStarted(SystemError.text(code))
        case .exited(let code): .exited(Int(code))
        case .signalled(let number): .signalled(Int(number))
        }
    }

    private static var milliseconds: Int64 { SystemClock.now.instant.nanoseconds / 1_000_000 }
}
