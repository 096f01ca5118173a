import AgentProtocol
import Glibc
import KubernetesCore
import Testing

@testable import AgentRunner

/// Attempts that take more than they may, and what the runner and its other attempts see of it.
struct LimitTests {
    /// The thread sanitizer keeps its notes in the supervisor's own memory, which then has too
    /// little.
    private static let hasOwnMemory = getenv("TSAN_OPTIONS") == nil
    private static let why: Comment = "the thread sanitizer needs the memory itself"

    private let after = RunnerScene.script("echo well > result; exit 0")

    /// Runs `script` where limits are as `environment` says, and then a decent attempt.
    private func end(
        of script: String, _ environment: [String: String], slots: Int = 1,
        _ change: (inout LeaseSpec) -> Void = { _ in }
    ) async throws -> LeaseReport {
        var found: LeaseReport?
        try await RunnerScene.run(slots: slots, environment: environment) { scene in
            found = await scene.report(on: RunnerScene.script(script, change))
            let next = try #require(await scene.report(on: after, "t2"))
            #expect(next.outcome?.isSuccess == true, "the runner did not live on: \(next.message)")
        }
        return try #require(found)
    }

    @Test(.enabled(if: hasOwnMemory, why))
    func `an attempt that asks for too much memory gets none, and says so itself`()
        async throws
    {
        let report = try await end(
            of: "exec dd if=/dev/zero of=/dev/null bs=2G count=1",
            ["SWIFTLET_MEMORY_LIMIT": "256Mi"])
        #expect(report.outcome == AttemptOutcome(.exited(1)))
        #expect(report.logTail?.contains("memory exhausted") == true, "\(report.logTail ?? "")")
    }

    @Test(.enabled(if: hasOwnMemory, why))
    func `a task that says what it needs gets it beyond a slot's share`() async throws {
        let report = try await end(
            of: "ulimit -Hd", ["SWIFTLET_MEMORY_LIMIT": "1Gi"], slots: 4
        ) { $0.resources = AttemptResources(memoryBytes: 400 << 20) }
        // In KiB, with the room for stacks.
        #expect(report.logTail?.contains("\((400 + 1_024) << 10)") == true, "\(report)")
    }

    @Test(.enabled(if: hasOwnMemory, why))
    func `processes that take too much memory together are killed, and it is said`()
        async throws
    {
        // Each holds 57 MiB of what it has read, less than the 144 MiB of the attempt.
        let hold = "(head -c 60000000 /dev/zero; sleep 60) | tail -c 60000000 >/dev/null &"
        let report = try await end(
            of: [hold, hold, hold, hold, "wait"].joined(separator: "\n"),
            ["SWIFTLET_MEMORY_LIMIT": "192Mi"])
        #expect(report.outcome == AttemptOutcome(.signalled(9)))
        #expect(report.message.contains("out of memory: its processes took"), "\(report.message)")
        #expect(report.message.contains("it may take 144 MiB"))
    }

    @Test func `an attempt that forks too much is killed with all it has started`() async throws {
        let report = try await end(
            of: "for i in $(seq 60); do sleep 61 & done; (setsid sleep 62 &); wait",
            ["SWIFTLET_PROCESSES": "20"])
        #expect(report.outcome == AttemptOutcome(.signalled(9)))
        #expect(report.message.contains("processes, and may have 20"), "\(report.message)")
    }

    @Test func `a file that grows beyond its limit ends its writer`() async throws {
        let report = try await end(
            of: "exec head -c 20000000 /dev/zero > large", ["SWIFTLET_STORAGE_LIMIT": "16Mi"])
        #expect(report.outcome == AttemptOutcome(.signalled(25)))
    }

    @Test func `files that take too much room together end the attempt, and it is said`()
        async throws
    {
        let report = try await end(
            of: "for i in 1 2 3; do head -c 10000000 /dev/urandom > part.$i; done; sleep 60",
            ["SWIFTLET_STORAGE_LIMIT": "16Mi"])
        #expect(report.outcome == AttemptOutcome(.signalled(9)))
        #expect(report.message.contains("MiB, and may take 16 MiB"), "\(report.message)")
    }

    @Test func `no attempt leaves a core, or has more files open than it may`() async throws {
        let report = try await end(
            of: "ulimit -Hc; ulimit -Hn; ulimit -Hu", ["SWIFTLET_OPEN_FILES": "128"])
        let lines = (report.logTail ?? "").split(separator: "\n")
        #expect(lines.prefix(2) == ["0", "128"])
        #expect(lines.last.flatMap { Int($0) } ?? .max <= AttemptLimits.tasksOfUserMax)
    }

    @Test func `shared memory counts once`() {
        let members = (1...4).map { number in
            var entry = ProcessEntry(
                pid: Int32(number), parent: 1, session: 1, isDead: false, isMarked: true)
            entry.residentPages = 100
            return entry
        }
        let limits = AttemptLimits(memoryBytes: 200 << 12, processes: 4)
        func excess(_ limits: AttemptLimits, _ exactly: (Int32) -> Int?) -> SupervisorReport? {
            AttemptGauge.excess(of: members, over: limits, pageBytes: 4_096, exactly: exactly)
        }
        #expect(excess(limits) { _ in 30 << 12 } == nil)
        #expect(excess(limits) { _ in 60 << 20 } == .tooMuchMemory(240))
        #expect(excess(limits) { _ in nil } == .tooMuchMemory(1))
        #expect(excess(AttemptLimits(processes: 3)) { _ in nil } == .tooManyProcesses(4))
        #expect(excess(AttemptLimits()) { _ in nil } == nil)
    }

    @Test func `limits that make no sense are refused, and none are none`() throws {
        var environment = RunnerScene.environment(root: "/tmp/none", port: 1)
        #expect(try RunnerConfiguration(environment: environment).memoryLimit == nil)
        environment["SWIFTLET_MEMORY_LIMIT"] = "0"
        environment["SWIFTLET_STORAGE_LIMIT"] = "2Gi"
        let read = try RunnerConfiguration(environment: environment)
        #expect(read.memoryLimit == nil)
        #expect(read.storageLimit == 2 << 30)
        for (name, text) in [
            ("SWIFTLET_MEMORY_LIMIT", "much"), ("SWIFTLET_PROCESSES", "0"),
            ("SWIFTLET_OPEN_FILES", "9999999"), ("SWIFTLET_HEALTH_PORT", "70000"),
        ] {
            var broken = environment
            broken[name] = text
            #expect(throws: RunnerConfiguration.ConfigurationError.self) {
                try RunnerConfiguration(environment: broken)
            }
        }
    }
}
