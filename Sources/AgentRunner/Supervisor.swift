import AgentProtocol
import Glibc

/// The process between the runner and one attempt's program: starts it, passes signals on, and
/// kills all that the program has started when it ends, when it shall end, or when the runner ends.
///
/// It is the runner's own program with another argument, leads a session of its own, and is told
/// by the numbers of its descriptors what is what.
struct Supervisor {
    /// The argument that makes the program `swiftlet-agent` a supervisor.
    static let argument = "supervise"

    /// What the runner may order, one byte each.
    enum Order: UInt8 {
        /// SIGTERM to the program's process group.
        case terminate = 0x54
        /// SIGKILL to everything.
        case kill = 0x4B
    }

    /// The descriptors that a supervisor is started with.
    enum Descriptor: Int32, CaseIterable {
        /// Where the program to start comes from.
        case launch
        /// The program's outputs.
        case output
        case error
        /// Where orders come from. When it ends, the runner has ended.
        case control
        /// Where reports go.
        case status
    }

    private let marker: String
    private let program: pid_t
    private let limits: AttemptLimits
    /// The control group that the program is in, and this process is not: it has to tell what the
    /// kernel has done.
    private let group: AttemptGroup?
    /// Readable when the program has ended.
    private let ended: Int32

    /// Runs as a supervisor and ends the process.
    static func run() -> Never {
        for number in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { signal(number, SIG_IGN) }
        closefrom(Int32(Descriptor.allCases.count))
        for descriptor in [Descriptor.control, .status] {
            guard fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC) == 0 else { _exit(64) }
        }
        // Without a whole order the runner has ended before it could give it.
        guard let launch = SupervisedProgram(reading: received()) else { _exit(65) }
        do throws(SystemError) {
            let supervisor = try Supervisor(starting: launch)
            report(.started(supervisor.program))
            let excess = supervisor.watch()
            supervisor.killAll()
            let end = supervisor.end()
            if let excess = excess ?? supervisor.group?.excess { report(excess) }
            removeGroup(supervisor.group)
            report(end)
            _exit(0)
        } catch {
            report(.startFailed(error.code))
            _exit(0)
        }
    }

    private init(starting launch: SupervisedProgram) throws(SystemError) {
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nothing >= 0, dup2(nothing, Descriptor.launch.rawValue) == 0 else {
            throw SystemError("opening /dev/null")
        }
        let end = try Channel(.sockets)
        guard chdir(launch.directory) == 0 else {
            throw SystemError("entering \(launch.directory)")
        }
        // This process takes them too, so that there is no moment without them, and needs little.
        try ProcessLimits.set(launch.limits)
        limits = launch.limits
        (program, group) = try Self.start(launch)
        marker = launch.markerEntry
        // Only the program and its children hold the outputs and the folder now.
        for descriptor in [Descriptor.output, .error] { dup2(nothing, descriptor.rawValue) }
        close(nothing)
        chdir("/")
        ended = end.keepReader()
        let (program, writer) = (program, end.keepWriter())
        do throws(SystemError) {
            try BlockingThread.start {
                var found = siginfo_t()
                // The program stays to be waited for, so that its number is given to no other.
                while waitid(P_PID, id_t(program), &found, WEXITED | WNOWAIT) != 0
                    && errno == EINTR
                {}
                close(writer)
            }
        } catch {
            killAll()
            throw error
        }
    }

    /// Starts the program in its control group, where it has one and that can be made. This process
    /// is in there for a moment only: a new process is where its parent is, and cannot be moved
    /// before it has started others.
    private static func start(
        _ launch: SupervisedProgram
    ) throws(SystemError) -> (pid_t, AttemptGroup?) {
        func spawn() throws(SystemError) -> pid_t {
            try Spawn.start(
                launch.program, argv: launch.argv, environment: launch.allVariables,
                leading: .group)
        }
        guard let group = launch.group else { return (try spawn(), nil) }
        do throws(SystemError) {
            try group.make(launch.limits)
        } catch {
            report(.ungrouped(error.code))
            return (try spawn(), nil)
        }
        var started: Result<pid_t, SystemError>?
        var refusal: SystemError?
        do throws(SystemError) {
            try group.enter()
            started = Runner.attempt { () throws(SystemError) in try spawn() }
        } catch {
            refusal = error
        }
        do throws(SystemError) {
            try group.leave()
        } catch {
            // In there it would be killed with the program, and could tell nobody.
            if case .success(let pid) = started { kill(-pid, SIGKILL) }
            throw error
        }
        if case .success(let pid) = started { return (pid, group) }
        removeGroup(group)
        if case .failure(let error) = started { throw error }
        report(.ungrouped(refusal?.code ?? EINVAL))
        return (try spawn(), nil)
    }

    private static func removeGroup(_ group: AttemptGroup?) {
        do throws(SystemError) {
            try group?.remove()
        } catch {
            report(.groupStays(error.code))
        }
    }

    /// Does what the runner orders until the program has ended or everything shall; returns what of
    /// the limits was exceeded.
    private func watch() -> SupervisorReport? {
        let control = Descriptor.control.rawValue
        var gauge = AttemptGauge(
            tree: AttemptTree(supervisor: getpid(), keeper: getpid()), marker: marker,
            limits: limits, group: group)
        while true {
            var watched = [control, ended].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let count = poll(&watched, nfds_t(watched.count), gauge.pause)
            if count == 0 {
                guard let excess = gauge.look() else { continue }
                return excess
            }
            guard count > 0 else { continue }
            if watched[1].revents != 0 { return nil }
            guard watched[0].revents != 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 16)
            let taken = read(control, &bytes, bytes.count)
            if taken < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard taken > 0 else { return nil }
            let orders = bytes.prefix(taken).compactMap(Order.init)
            if orders.contains(.terminate) { kill(-program, SIGTERM) }
            if orders.contains(.kill) { return nil }
        }
    }

    private func killAll() {
        TreeKill.run(
            AttemptTree(supervisor: getpid(), keeper: getpid()), marker: marker, group: program,
            within: group)
    }

    /// How the program has ended; a program that cannot even be killed counts as killed.
    private func end() -> SupervisorReport {
        var raw: Int32 = 0
        guard waitpid(program, &raw, WNOHANG) == program else { return .signalled(SIGKILL) }
        return raw & 0x7F == 0 ? .exited((raw >> 8) & 0xFF) : .signalled(raw & 0x7F)
    }

    /// All that comes before the end of the launch pipe.
    private static func received() -> [UInt8] {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(Descriptor.launch.rawValue, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return result }
            result.append(contentsOf: buffer[..<count])
        }
    }

    private static func report(_ report: SupervisorReport) {
        // A runner that has ended needs no report.
        Channel.send(report.bytes, to: Descriptor.status.rawValue)
    }
}
