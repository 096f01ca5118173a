import Glibc

/// Starts programs without copying this process.
enum Spawn {
    /// What a new process leads.
    enum Lead {
        case session
        case group
    }

    /// Starts as the leader of a session; glibc 2.26 and later, whose header shows the name to
    /// programs with GNU extensions only.
    private static let setsid: Int32 = 0x80

    /// Starts the program at `path` with standard signals, and returns its pid. `descriptors`
    /// become its 0, 1 and so on: their own numbers must lie above these.
    static func start(
        _ path: String, argv: [String], environment: [String], descriptors: [Int32] = [],
        leading lead: Lead
    ) throws(SystemError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else {
            throw SystemError("starting \(path)", code: ENOMEM)
        }
        defer { posix_spawn_file_actions_destroy(&actions) }
        guard posix_spawnattr_init(&attributes) == 0 else {
            throw SystemError("starting \(path)", code: ENOMEM)
        }
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        switch lead {
        case .session: flags |= setsid
        case .group:
            flags |= Int32(POSIX_SPAWN_SETPGROUP)
            posix_spawnattr_setpgroup(&attributes, 0)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var code: Int32 = 0
        for (number, descriptor) in descriptors.enumerated() where code == 0 {
            code = posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        guard code == 0 else { throw SystemError("starting \(path)", code: code) }
        var pid = pid_t()
        code = withCStrings(argv) { argv in
            withCStrings(environment) { environment in
                posix_spawn(&pid, path, &actions, &attributes, argv, environment)
            }
        }
        guard code == 0 else { throw SystemError("starting \(path)", code: code) }
        return pid
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
