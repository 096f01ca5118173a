import AgentProtocol
import Glibc
import KubernetesCore
import Testing

@testable import AgentRunner

/// What an agent says that it uses, from the figures of the kernel.
struct UsageTests {
    /// A machine that holds nothing but these files.
    private static func files(_ contents: [String: String]) -> (String) -> String? {
        { contents[$0] }
    }

    private static let stat = "cache 5\ninactive_file 700\ntotal_inactive_file 300\n"

    @Test func `version two of control groups is read`() throws {
        let folder = "/sys/fs/cgroup/kubepods/pod1/c1"
        let read = Self.files([
            folder + "/memory.current": "1000\n", folder + "/memory.stat": Self.stat,
            folder + "/cpu.stat": "usage_usec 2500\nuser_usec 2000\n",
            folder + "/cgroup.procs": "7\n9\n",
        ])
        let group = try #require(
            Cgroup(root: "/sys/fs/cgroup", membership: "0::/kubepods/pod1/c1\n") { read($0) != nil }
        )
        #expect(group.version == .two)
        #expect(
            group.sample(read) == UsageSample(processorNanoseconds: 2_500_000, memoryBytes: 300))
        #expect(group.processes(read, folders: { _ in [] }) == [7, 9])
    }

    @Test func `attempts in groups of their own are still this agent's, and others are told apart`()
        throws
    {
        let top = "/sys/fs/cgroup/pod1/c1"
        let runner = top + "/" + ControlGroupPlan.runnerName
        let files = [
            top + "/memory.current": "1000", runner + "/memory.current": "10",
            top + "/cpu.stat": "usage_usec 3", runner + "/cpu.stat": "usage_usec 1",
            top + "/cgroup.procs": "", runner + "/cgroup.procs": "7\n",
            top + "/swiftlet-attempt-a/cgroup.procs": "9\n", top + "/other/cgroup.procs": "8\n",
            top + "/other/below/cgroup.procs": "5\n",
        ]
        let read = Self.files(files)
        let group = try #require(
            Cgroup(
                root: "/sys/fs/cgroup", membership: "0::/pod1/c1/\(ControlGroupPlan.runnerName)\n"
            ) { read($0) != nil })
        #expect(group.processor == top, "the figures are those of all, not the runner's alone")
        #expect(group.sample(read)?.memoryBytes == 1_000)
        #expect(group.processes(read, folders: { _ in [] }) == [])
        func below(_ names: [String]) -> (String) -> [String] {
            { folder in
                names.filter {
                    $0.hasPrefix(folder + "/") && !$0.dropFirst(folder.count + 1).contains("/")
                }
            }
        }
        let ours = [runner, top + "/swiftlet-attempt-a"]
        #expect(group.processes(read, folders: below(ours)) == [7])
        let all = ours + [top + "/other", top + "/other/below"]
        #expect(group.processes(read, folders: below(all)) == [5, 7, 8])
        #expect(group.processes(read, folders: below([top + "/unread"])) == nil)
        #expect(group.processes(read, folders: { _ in [top] }) == nil, "groups without end")
        // A container's own view of the same.
        #expect(
            Cgroup(root: "/cg", membership: "0::/\(ControlGroupPlan.runnerName)") {
                $0 == "/cg/memory.current"
            }?.processor == "/cg")
    }

    @Test func `a machine that lists no processes is told of once`() async throws {
        let source = UsageSource(processes: "/nowhere")
        #expect(throws: SystemError("listing /nowhere", code: ENOENT)) { try source.sample() }
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let log = try LogCapture(root + "/log")
        let meter = UsageMeter(workDirectory: root, source: source)
        var state = UsageMeter.State()
        for _ in 0..<3 {
            #expect(await meter.measure(&state, log: OutputLog(file: log.file)) == nil)
        }
        #expect(log.lines.count == 1)
        let text = log.lines.first?["message"]?.string ?? ""
        #expect(text.contains("listing /nowhere: No such file"), "\(text)")
    }

    @Test func `a group that is mounted at the root is found, whatever its path`() throws {
        let read = Self.files([
            "/cg/memory.current": "1000", "/cg/cpu.stat": "usage_usec 1",
        ])
        for membership in ["0::/\n", "0::/../../pod1/c1", "0::/kubepods/unseen"] {
            let group = try #require(
                Cgroup(root: "/cg", membership: membership) { read($0) != nil })
            #expect(group.processor == "/cg", "\(membership)")
            #expect(group.sample(read)?.memoryBytes == 1_000, "without memory.stat all counts")
        }
    }

    @Test func `version one of control groups is read`() throws {
        let read = Self.files([
            "/cg/cpu,cpuacct/pod1/cpuacct.usage": "123456789\n",
            "/cg/memory/memory.usage_in_bytes": "1000\n", "/cg/memory/memory.stat": Self.stat,
        ])
        let membership = """
            9:name=systemd:/
            4:memory:/pod1/unseen
            3:cpu,cpuacct:/pod1
            0::/
            """
        let group = try #require(Cgroup(root: "/cg", membership: membership) { read($0) != nil })
        #expect(group.version == .one)
        #expect(
            group.sample(read)
                == UsageSample(processorNanoseconds: 123_456_789, memoryBytes: 700))
    }

    @Test(arguments: [
        "", "nonsense", "0::", "4:memory:/x", "::::", "0::/\n0::/", "3:cpuacct:/\n4:memory:/",
    ])
    func `a machine without such files has no group`(_ membership: String) {
        #expect(Cgroup(root: "/cg", membership: membership) { _ in false } == nil)
    }

    @Test(arguments: ["", "x", "-5", "99999999999999999999", "5 6", "\n"])
    func `a figure that is none is no sample`(_ text: String) {
        let read = Self.files([
            "/cg/memory.current": text, "/cg/cpu.stat": "usage_usec 1",
        ])
        let group = Cgroup(root: "/cg", membership: "0::/") { read($0) != nil }
        #expect(group?.sample(read) == nil)
    }

    @Test func `the processes that descend from the runner are added up`() throws {
        func line(_ pid: Int, _ parent: Int, _ ticks: Int, _ pages: Int) -> [UInt8] {
            let head = "\(pid) (a ) (b) S \(parent) 1 1 0 -1 4194304 0 0 0 0"
            return Array("\(head) \(ticks) 1 2 3 20 0 1 0 55 9999 \(pages) 0 0\n".utf8)
        }
        let all = [
            line(10, 1, 100, 5), line(11, 10, 50, 7), line(12, 11, 10, 1), line(13, 1, 9, 9),
        ]
        .compactMap { ProcessTimes(stat: $0) }
        let tree = ProcessTimes.tree(of: 10, in: all)
        #expect(tree.map(\.pid) == [10, 11, 12])
        let sample = ProcessTimes.sample(tree, ticksPerSecond: 100, pageBytes: 4_096)
        #expect(sample.processorNanoseconds == (160 + 3 * 6) * 10_000_000)
        #expect(sample.memoryBytes == 13 * 4_096)
        // A list that was read while processes came and went can have circles.
        let circle = [line(1, 2, 1, 1), line(2, 1, 1, 1)].compactMap { ProcessTimes(stat: $0) }
        #expect(ProcessTimes.tree(of: 1, in: circle).count == 2)
        for broken in ["", "1 (a", "1 (a) S", ") 1 ("] {
            #expect(ProcessTimes(stat: Array(broken.utf8)) == nil)
        }
    }

    @Test func `the processor's share is that between two samples`() {
        var rate = UsageRate()
        func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
        #expect(
            rate.take(.init(processorNanoseconds: 5_000_000_000, memoryBytes: 1), at: at(1)) == nil)
        #expect(
            rate.take(.init(processorNanoseconds: 5_500_000_000, memoryBytes: 7), at: at(3))
                == .init(cpuMillis: 250, memoryBytes: 7))
        #expect(
            rate.take(.init(processorNanoseconds: 1, memoryBytes: 7), at: at(4))
                == .init(cpuMillis: 0, memoryBytes: 7), "a process took its time with it")
        #expect(
            rate.take(.init(processorNanoseconds: 2, memoryBytes: 7), at: at(4)) == nil,
            "no time has gone by")
        #expect(
            rate.take(.init(processorNanoseconds: .max, memoryBytes: .max), at: at(5))?.cpuMillis
                == 1_000_000_000)
    }

    @Test func `a folder's size is that of its files, and no link leads out of it`() throws {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        try Files.makeFolder(root + "/work/a")
        try Files.create(root + "/outside", [UInt8](repeating: 1, count: 4 << 20))
        try Files.create(root + "/work/a/one", [UInt8](repeating: 1, count: 1 << 20))
        try #require(symlink(root, root + "/work/a/up") == 0)
        try #require(symlink(root + "/outside", root + "/work/out") == 0)
        let bytes = try #require(DiskUse.bytes(below: root + "/work"))
        #expect((1 << 20..<2 << 20).contains(bytes), "\(bytes)")
        #expect(DiskUse.bytes(below: root + "/work", entriesMax: 2) == nil)
        #expect(DiskUse.bytes(below: root + "/nowhere") == 0)
    }

    @Test func `this machine says what a process uses`() throws {
        let sample = try #require(try UsageSource().sample())
        #expect(sample.memoryBytes > 1 << 20)
        #expect(sample.processorNanoseconds > 0)
    }

    @Test func `the gateway is told what the agent uses`() async throws {
        try await RunnerScene.run(environment: ["SWIFTLET_HEARTBEAT_SECONDS": "1"]) { scene in
            await scene.gateway.until { $0.assumeIsolated { $0.latest?.usage != nil } }
            let usage = try #require(await scene.gateway.latest?.usage)
            #expect(usage.memoryBytes > 1 << 20)
            #expect(usage.diskBytes != nil)
        }
    }
}
