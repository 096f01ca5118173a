import AgentProtocol
import Glibc
import KubernetesCore
import Testing

@testable import AgentRunner

/// A runner with a fake gateway and a folder of its own.
struct RunnerScene {
    let gateway = FakeGateway()
    let root: String
    let runner: Runner
    let log: LogCapture

    /// Starts both, gives the scene to `body`, and ends both.
    static func run(
        slots: Int = 1, environment: [String: String] = [:], hasGroups: Bool = false,
        _ body: (RunnerScene) async throws -> Void
    ) async throws {
        let root = try temporaryFolder()
        defer { Files.remove(root) }
        let log = try LogCapture(root + "/log")
        let scene = try await RunnerScene(
            root: root, slots: slots, extra: environment, hasGroups: hasGroups, log: log)
        async let running: Void = scene.runner.run()
        do {
            try await body(scene)
        } catch {
            Issue.record(error)
        }
        scene.runner.shutdown()
        try await running
        await scene.gateway.stop()
    }

    private init(
        root: String, slots: Int, extra: [String: String], hasGroups: Bool, log: LogCapture
    ) async throws {
        self.root = root
        self.log = log
        try await gateway.start()
        let environment = Self.environment(root: root, port: await gateway.port, slots: slots)
            .merging(extra) { $1 }
        var configuration = try RunnerConfiguration(environment: environment)
        configuration.checkpointInterval = .milliseconds(100)
        configuration.diskInterval = .milliseconds(100)
        if hasGroups { configuration.controlGroups = ControlGroupSource() }
        configuration.supervisorProgram = Installation.folder + "/swiftlet-agent"
        runner = Runner(configuration, environment: environment, log: OutputLog(file: log.file))
    }

    /// What configures a runner in `root`; writes its token.
    static func environment(root: String, port: Int, slots: Int = 1) -> [String: String] {
        let token = root + "/token"
        if access(token, F_OK) != 0 { try? Files.create(token, Array("secret\n".utf8)) }
        return [
            "PATH": "/usr/bin:/bin", "SWIFTLET_GATEWAY_URL": "http://127.0.0.1:\(port)",
            "SWIFTLET_TOKEN_FILE": token, "SWIFTLET_WORK_DIR": root + "/work",
            "SWIFTLET_SLOTS": String(slots), "SWIFTLET_POD_NAME": "qa-1",
            "SWIFTLET_POD_NAMESPACE": "shop", "SWIFTLET_DRAIN_SECONDS": "10",
        ]
    }

    static func temporaryFolder() throws -> String {
        var template = Array("/tmp/swiftlet-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// A task that runs a bash script.
    static func script(_ text: String, _ change: (inout LeaseSpec) -> Void = { _ in }) -> LeaseSpec
    {
        var spec = LeaseSpec(
            namespace: "shop", name: "lint", command: ["bash", "-c"], args: [text],
            timeoutSeconds: 60, graceSeconds: 5)
        change(&spec)
        return spec
    }

    /// Runs one attempt to its end.
    func report(on spec: LeaseSpec, _ name: String = "t1", attempt: Int = 1) async -> LeaseReport? {
        let id = LeaseID(taskUID: UID(name), attempt: attempt)
        await gateway.give(id, spec)
        return await gateway.report(of: id)
    }
}

/// A log in a file.
final class LogCapture: Sendable {
    let file: Int32
    private let path: String

    init(_ path: String) throws {
        self.path = path
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(file >= 0)
    }

    deinit { close(file) }

    /// The lines so far, as JSON.
    var lines: [JSONValue] {
        let bytes = (try? Files.read(path, bytesMax: 64 << 20)) ?? nil
        return (bytes ?? []).split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONValue(parsing: Array($0))
        }
    }
}

/// Waits until `holds`, at most 20 seconds; what is waited for happens in another process.
func eventually(_ holds: () -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(20)
    while !holds() {
        try #require(clock.now < end, "it did not happen within 20 seconds")
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Whether a process lives; a zombie does not.
func isAlive(_ pid: Int32) -> Bool {
    let status = (try? Files.readFollowing("/proc/\(pid)/stat", bytesMax: 4_096)) ?? nil
    guard let status else { return false }
    let text = String(decoding: status, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return false }
    return !text[end...].hasPrefix(") Z")
}
