import AgentProtocol
import Glibc
import Locking

/// The process of one attempt, under a supervisor that outlives neither it nor this runner.
///
/// A thread of its own reads what the process writes and waits for its end. When this value is
/// released or the runner dies in whatever way, the supervisor's control pipe closes and everything
/// that the attempt has started is killed.
final class AttemptProcess: Sendable {
    /// What to start.
    struct Launch: Sendable {
        var program: String
        var argv: [String]
        var environment: [String: String]
        var directory: String
        var progress: String
        var limits = AttemptLimits()
        /// The control group that it is to be in; nil for none of its own.
        var group: AttemptGroup?
    }

    /// Which of its two outputs a process wrote to.
    enum Stream: String, Sendable {
        case out = "stdout"
        case err = "stderr"
    }

    /// What a process does. Given on the process's own thread, in order; the last one is `ended`.
    enum Event: Sendable {
        case started
        case output(Stream, [UInt8])
        case progress(TaskProgress)
        /// What people should know of how it is held.
        case notice(String)
        case ended(AttemptOutcome.End, note: String?)
    }

    private let control: Mutex<Int32>

    private init(control: Int32) { self.control = Mutex(control) }

    deinit { hangUp() }

    /// Starts a process under a supervisor, which is the program at `supervisor` with the variables
    /// `variables`; `events` hears of everything it does.
    static func start(
        _ launch: Launch, under supervisor: String, variables: [String: String],
        events: @escaping @Sendable (Event) -> Void
    ) throws(SystemError) -> AttemptProcess {
        let (order, control) = (try Channel(.sockets), try Channel(.sockets))
        let (status, output, error) =
            (try Channel(.sockets), try Channel(.pipe), try Channel(.pipe))
        let progress = open(launch.progress, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard progress >= 0 else { throw SystemError("opening \(launch.progress)") }

        let program = SupervisedProgram(
            program: launch.program, argv: launch.argv,
            environment: texts(launch.environment), directory: launch.directory,
            marker: randomMarker(), limits: launch.limits, group: launch.group)
        let pid: pid_t
        do throws(SystemError) {
            pid = try Spawn.start(
                supervisor, argv: ["swiftlet-agent", Supervisor.argument],
                environment: texts(variables.filter { !$0.key.hasPrefix("SWIFTLET_") }),
                descriptors: [
                    order.reader, output.writer, error.writer, control.reader, status.writer,
                ], leading: .session)
        } catch {
            close(progress)
            throw error
        }
        let process = AttemptProcess(control: control.keepWriter())
        let reader = ProcessReader(
            supervisor: pid, program: program, order: order.keepWriter(),
            status: status.keepReader(), output: output.keepReader(),
            error: error.keepReader(), progress: progress, events: events)
        do throws(SystemError) {
            try BlockingThread.start { reader.run() }
        } catch {
            process.hangUp()
            reader.close()
            throw error
        }
        return process
    }

    private static func texts(_ variables: [String: String]) -> [String] {
        variables.map { "\($0.key)=\($0.value)" }.sorted()
    }

    /// A text that no other attempt has: 128 random bits.
    private static func randomMarker() -> String {
        var generator = SystemRandomNumberGenerator()
        return [generator.next() as UInt64, generator.next()].map {
            String($0, radix: 36)
        }.joined(separator: "-")
    }

    /// Sends SIGTERM to the process group.
    func terminate() { ask(.terminate) }

    /// Kills everything that the attempt has started.
    func kill() { ask(.kill) }

    /// Lets go of the supervisor, which then kills everything that the attempt has started.
    func hangUp() {
        control.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    private func ask(_ order: Supervisor.Order) {
        control.withLock { descriptor in
            guard descriptor >= 0 else { return }
            var byte = order.rawValue
            // A full or broken channel means that the supervisor is asked already or gone.
            _ = send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
    }
}
