import Glibc

/// Runs a program to its end on the calling thread, with limits on time and output.
struct CommandRun {
    /// What became of it.
    struct Outcome: Sendable {
        let output: [UInt8]
        let errors: [UInt8]
        /// The exit code; 128 and the signal's number for one that a signal ended.
        let exitCode: Int
        /// Whether it was ended because it took too long.
        let isTimedOut: Bool
        /// Whether it was ended because it wrote too much.
        let isTooLong: Bool
    }

    static let outputBytesMax = 1 << 20

    let command: String
    let arguments: [String]
    let environment: [String: String]
    let timeLimit: Duration

    /// Runs the program; fails where it cannot be started.
    func run() throws(ConfigurationError) -> Outcome {
        let output = try Pipe()
        let errors = try Pipe()
        defer {
            output.close()
            errors.close()
        }
        let process = try spawn(output, errors)
        output.closeWriting()
        errors.closeWriting()
        return supervise(process, output, errors)
    }

    private func supervise(_ process: pid_t, _ output: Pipe, _ errors: Pipe) -> Outcome {
        let end = ContinuousClock.now + timeLimit
        var written: [UInt8] = []
        var complaints: [UInt8] = []
        var status: Int32 = 0
        var isTimedOut = false
        var isDone = false
        while !isDone {
            isDone = waitpid(process, &status, WNOHANG) == process
            Pipe.wait(output, errors, milliseconds: isDone ? 0 : 20)
            output.drain(into: &written)
            errors.drain(into: &complaints)
            isTimedOut = !isDone && ContinuousClock.now >= end
            if isTimedOut || written.count > CommandRun.outputBytesMax {
                kill(-process, SIGKILL)
                if !isDone { waitpid(process, &status, 0) }
                isDone = true
            }
        }
        let signal = status & 0x7F
        return Outcome(
            output: written, errors: complaints,
            exitCode: signal == 0 ? Int(status >> 8 & 0xFF) : 128 + Int(signal),
            isTimedOut: isTimedOut, isTooLong: written.count > CommandRun.outputBytesMax)
    }

    private func spawn(_ output: Pipe, _ errors: Pipe) throws(ConfigurationError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writing, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The thread that starts the program takes no signals; the program must.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var standard = sigset_t()
        sigemptyset(&standard)
        sigaddset(&standard, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &standard)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let argv = CStrings([command] + arguments)
        let envp = CStrings(environment.sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value })
        defer {
            argv.free()
            envp.free()
        }
        var process = pid_t()
        let code = posix_spawnp(
            &process, command, &actions, &attributes, argv.pointers, envp.pointers)
        guard code == 0 else {
            throw ConfigurationError(
                "\(command) cannot be started: \(String(cString: strerror(code)))")
        }
        return process
    }
}

/// A list of C strings that ends with a null pointer.
private struct CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) { pointers = texts.map { strdup($0) } + [nil] }

    func free() {
        for pointer in pointers { Glibc.free(pointer) }
    }
}
