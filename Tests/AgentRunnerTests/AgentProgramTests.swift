import AgentProtocol
import Glibc
import KubernetesCore
import Testing

@testable import AgentRunner

/// The real program, as a process.
struct AgentProgramTests {
    @Test func `without an environment it says one clear line and exits with 64`() async throws {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let program = try Program(["swiftlet-agent"], environment: [:], output: root + "/out")
        #expect(try await program.end() == 64)
        let lines = program.lines
        #expect(lines.count == 1)
        #expect(lines.first?.contains("SWIFTLET_GATEWAY_URL") == true)
        let unknown = try Program(
            ["swiftlet-agent", "--x"], environment: [:], output: root + "/o2")
        #expect(try await unknown.end() == 64)
        #expect(unknown.lines.count == 1)
    }

    @Test func `it installs itself, also over itself and into another file system`() async throws {
        for base in ["/tmp", "/dev/shm", Installation.folder] where access(base, W_OK) == 0 {
            let root = base + "/swiftlet-install-\(getpid())"
            defer { Files.remove(root) }
            try Files.makeFolder(root)
            for _ in 0..<2 {
                let program = try Program(
                    ["swiftlet-agent", "install", root], environment: [:], output: root + "/out")
                #expect(try await program.end() == 0, "\(program.lines)")
                unlink(root + "/out")
            }
            #expect(try Files.names(in: root) == ["swiftlet-agent"])
            var status = stat()
            #expect(stat(root + "/swiftlet-agent", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o755)
        }
    }

    @Test func `when it is killed its attempts die, and its successor says that they are lost`()
        async throws
    {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let gateway = FakeGateway()
        try await gateway.start()
        let environment = RunnerScene.environment(root: root, port: await gateway.port)
        let id = LeaseID(taskUID: UID("t1"), attempt: 1)
        let pids = root + "/pids"
        await gateway.give(
            id,
            RunnerScene.script(
                """
                trap '' TERM HUP
                echo 1 > $SWIFTLET_CHECKPOINT_DIR/x
                (setsid bash -c 'echo $$ >> \(pids); exec sleep 1000' &)
                sleep 1000 & echo $! >> \(pids)
                echo $$ >> \(pids)
                wait
                """))
        let runner = try Program(
            ["swiftlet-agent"], environment: environment, output: root + "/out")
        await gateway.until { gateway in
            gateway.assumeIsolated { $0.latest?.reports.first?.checkpoint != nil }
        }
        try await eventually { numbers(in: pids).count == 3 }
        kill(runner.pid, SIGKILL)
        #expect(try await runner.end() == -SIGKILL)
        for pid in numbers(in: pids) { try await eventually { !isAlive(pid) } }
        let successor = try Program(
            ["swiftlet-agent"], environment: environment, output: root + "/out2")
        let report = try #require(await gateway.report(of: id))
        #expect(report.outcome?.end == .lost("the runner ended while the attempt went on"))
        #expect(report.checkpoint?.sequence == 1)
        kill(successor.pid, SIGTERM)
        #expect(try await successor.end() == 0, "\(successor.lines)")
        await gateway.stop()
    }

    @Test func `two of them do not share a folder`() async throws {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let gateway = FakeGateway()
        try await gateway.start()
        let environment = RunnerScene.environment(root: root, port: await gateway.port)
        let first = try Program(
            ["swiftlet-agent"], environment: environment, output: root + "/out")
        await gateway.until { gateway in gateway.assumeIsolated { $0.latest != nil } }
        let second = try Program(
            ["swiftlet-agent"], environment: environment, output: root + "/out2")
        #expect(try await second.end() == 64)
        #expect(second.lines.contains { $0.contains("another swiftlet-agent") })
        kill(first.pid, SIGTERM)
        #expect(try await first.end() == 0)
        await gateway.stop()
    }
}

/// A program of this package as a process.
final class Program {
    let pid: pid_t
    private let output: String
    private var hasEnded = false

    init(_ arguments: [String], environment: [String: String], output: String) throws {
        self.output = output
        let file = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(file) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, file, 1)
        posix_spawn_file_actions_adddup2(&actions, file, 2)
        var argv = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + variables { free(text) } }
        var started = pid_t()
        // Beside this program lie those that were built with it.
        let path = Installation.folder + "/" + (arguments.first ?? "")
        try #require(posix_spawn(&started, path, &actions, nil, &argv, &variables) == 0)
        pid = started
    }

    /// A test that fails leaves no process.
    deinit { if !hasEnded { kill(pid, SIGKILL) } }

    /// The exit code, or the negative signal.
    func end() async throws -> Int32 {
        var raw: Int32 = 0
        let pid = pid
        try await eventually { waitpid(pid, &raw, WNOHANG) != 0 }
        hasEnded = true
        return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
    }

    var lines: [String] {
        let bytes = (try? Files.read(output, bytesMax: 1 << 20)) ?? nil
        return String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
