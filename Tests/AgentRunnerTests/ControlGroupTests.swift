import AgentProtocol
import Glibc
import KubernetesCore
import Testing

@testable import AgentRunner

/// Control groups of the kernel's, where this machine lets them be made.
struct ControlGroupTests {
    /// How groups are made here, where that needs nothing of this process but to write.
    private static let plan: ControlGroupPlan? = {
        do throws(ControlGroupPlan.Refusal) {
            let plan = try ControlGroupPlan(ControlGroupSource().facts)
            return plan.preparation.isEmpty ? plan : nil
        } catch {
            return nil
        }
    }()

    private static func counts(_ controller: String) -> Bool {
        plan?.places.contains { $0.controller == controller } ?? false
    }

    private static let hasGroups = plan != nil
    private static let countsTasks = counts("pids")
    /// The thread sanitizer needs more memory itself than the hog may have.
    private static let countsMemory = counts("memory") && getenv("TSAN_OPTIONS") == nil
    private static let why: Comment = "this machine lets no such control groups be made"

    /// What became of an attempt, and what people are told.
    private struct End: Sendable {
        var end: AttemptOutcome.End
        var note: String?
        var notices: [String] = []
    }

    /// Runs `script` in a group with these limits; `during` while it runs.
    private func end(
        of script: String, _ limits: AttemptLimits, in group: AttemptGroup?,
        under supervisor: String = Installation.folder + "/swiftlet-agent",
        during: (AttemptProcess) async throws -> Void = { _ in }
    ) async throws -> End {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        try #require(mkfifo(root + "/progress", 0o600) == 0)
        var launch = AttemptProcess.Launch(
            program: "/bin/bash", argv: ["bash", "-c", script],
            environment: ["PATH": "/usr/bin:/bin"], directory: root, progress: root + "/progress",
            limits: limits)
        launch.group = group
        let (events, tell) = AsyncStream<AttemptProcess.Event>.makeStream()
        let process = try AttemptProcess.start(
            launch, under: supervisor, variables: ["PATH": "/usr/bin:/bin"]
        ) { tell.yield($0) }
        var notices: [String] = []
        for await event in events {
            switch event {
            case .started: try await during(process)
            case .notice(let text): notices.append(text)
            case .ended(let end, let note): return End(end: end, note: note, notices: notices)
            case .output, .progress: continue
            }
        }
        throw SystemError("waiting for the end", code: ECHILD)
    }

    private static func group() throws -> AttemptGroup {
        AttemptGroups(plan: try #require(plan), owner: "test-\(getpid())").next()
    }

    private static func remains(_ group: AttemptGroup) -> [String] {
        group.folders.filter { access($0, F_OK) == 0 }
    }

    @Test(.enabled(if: hasGroups, why))
    func `each attempt is in a group of its own, its supervisor is not, and none is left`()
        async throws
    {
        try await RunnerScene.run(slots: 2, hasGroups: true) { scene in
            let meet =
                "touch \(scene.root)/$SWIFTLET_ATTEMPT; until [ -e \(scene.root)/1 ] && "
                + "[ -e \(scene.root)/2 ]; do sleep 0.01; done; "
            // The supervisor has been in there itself to start this, and may not have left yet.
            let left = "while grep -q swiftlet-attempt /proc/$PPID/cgroup; do sleep 0.01; done; "
            let show = "(setsid sleep 100 &); cat /proc/self/cgroup; echo; cat /proc/$PPID/cgroup"
            async let first = scene.report(on: RunnerScene.script(meet + left + show), attempt: 1)
            async let second = scene.report(
                on: RunnerScene.script(meet + left + show), "t2", attempt: 2)
            var names: Set<Substring> = []
            for report in [try #require(await first), try #require(await second)] {
                #expect(report.outcome?.isSuccess == true)
                let lines = (report.logTail ?? "").split(
                    separator: "\n", omittingEmptySubsequences: false)
                let gap = try #require(lines.firstIndex(of: ""))
                let found = lines[..<gap].compactMap { line in
                    line.split(separator: "/").last { $0.hasPrefix("swiftlet-attempt-") }
                }
                #expect(Set(found).count == 1, "\(lines)")
                names.formUnion(found)
                #expect(!lines[gap...].contains { $0.contains("swiftlet-attempt-") }, "\(lines)")
            }
            #expect(names.count == 2)
            for name in names {
                #expect(Self.remains(try #require(Self.plan).group(named: String(name))) == [])
            }
            let said = scene.log.lines.compactMap { $0["message"]?.string }
            #expect(said.filter { $0.contains("a control group of its own in /") }.count == 1)
        }
    }

    @Test(.enabled(if: countsTasks, why))
    func `what forks without end is stopped by the kernel, and its neighbour goes on`()
        async throws
    {
        let (group, neighbour) = (try Self.group(), try Self.group())
        let limits = AttemptLimits(processes: 1_000, tasks: 12)
        let beside = try await end(of: "exec sleep 100", limits, in: neighbour) { process in
            let bomb = try await end(
                of: "for i in $(seq 60); do sleep 99 & done; wait", limits, in: group)
            #expect(bomb.end == .signalled(9))
            #expect(
                bomb.note
                    == "it was given no more processes and threads: it may have 12 together")
            #expect(bomb.notices == [])
            #expect(Self.remains(group) == [])
            #expect(neighbour.members.count == 1, "the neighbour is gone, too")
            process.kill()
        }
        #expect(beside.end == .signalled(9))
        #expect(beside.note == nil)
        #expect(Self.remains(neighbour) == [])
    }

    @Test(.enabled(if: countsMemory, why))
    func `what takes all memory is killed by the kernel, and its neighbour goes on`()
        async throws
    {
        let (group, neighbour) = (try Self.group(), try Self.group())
        let limits = AttemptLimits(memoryBytes: AttemptLimits.memoryBytesMin)
        let beside = try await end(of: "exec sleep 100", limits, in: neighbour) { process in
            let hog = try await end(
                of: "(head -c 300000000 /dev/zero | tail -c 300000000 > /dev/null); sleep 100",
                limits, in: group)
            #expect(hog.end == .signalled(9))
            #expect(
                hog.note == "out of memory: the kernel killed it at its limit of 64 MiB")
            #expect(Self.remains(group) == [])
            #expect(neighbour.members.count == 1, "the neighbour is gone, too")
            process.kill()
        }
        #expect(beside.end == .signalled(9))
        #expect(beside.note == nil)
    }

    /// What the kernel does is shown by a supervisor that says it: the reports are four bytes of
    /// kind and four of value.
    @Test(arguments: [
        ("007", 256, "out of memory: the kernel killed it at its limit of 256 MiB"),
        ("007", 0, "out of memory: the kernel killed it, the agent had no more"),
        ("010", 256, "it was given no more processes and threads: it may have 12 together"),
    ])
    func `what the kernel has done to an attempt is told in words`(
        kind: String, mebibytes: Int, words: String
    ) async throws {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let supervisor = root + "/supervisor"
        let script = #"""
            #!/bin/sh
            cat > /dev/null
            report() { printf "\\$1\\000\\000\\000\\$2\\000\\000\\000" >&4; }
            report 001 001; report \#(kind) 002; report 004 011
            """#
        try Files.create(supervisor, Array(script.utf8), mode: 0o700)
        let limits = AttemptLimits(
            memoryBytes: mebibytes == 0 ? nil : mebibytes << 20, tasks: 12)
        let end = try await end(of: "", limits, in: nil, under: supervisor)
        #expect(end.end == .signalled(9))
        #expect(end.note == words)
    }

    @Test func `an attempt whose group cannot be made runs without one, and that is said`()
        async throws
    {
        for folder in ["/proc/nowhere", "/nowhere"] {
            let group = AttemptGroup(
                name: "a", interface: .two,
                places: [.init(controller: "pids", parent: folder, home: folder)])
            let end = try await end(of: "exit 3", AttemptLimits(), in: group)
            #expect(end.end == .exited(3))
            #expect(end.note == nil)
            #expect(end.notices.count == 1)
            #expect(
                end.notices.first?.contains("could not be made: No such file") == true,
                "\(end.notices)")
        }
        // A folder that is no group of the kernel's has none of its files.
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let group = AttemptGroup(
            name: "a", interface: .one,
            places: [.init(controller: "pids", parent: root, home: root)])
        let end = try await end(of: "exit 4", AttemptLimits(), in: group)
        #expect(end.end == .exited(4))
        #expect(end.notices.count == 1)
        #expect(try Files.names(in: root) == [], "a part of the group is left")
    }

    @Test func `a runner says once why attempts get no groups`() throws {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let (groups, words) = AttemptGroups.prepare(
            ControlGroupSource(processes: root), owner: "o")
        #expect(groups == nil)
        #expect(words.contains("this machine shows none that count memory"), "\(words)")
        #expect(words.contains("limited one by one"))
    }

    /// A machine whose one group is the folder of plain files `group`: it shows what was written,
    /// and no more. The leaf that the runner goes to is there already where `isReady`.
    private func prepare(isReady: Bool, _ check: (AttemptGroups?, String, String) throws -> Void)
        throws
    {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let group = root + "/group"
        try Files.makeFolder(root + "/\(getpid())")
        try Files.makeFolder(group)
        let machine = [
            "\(getpid())/cgroup": "0::/\n",
            "\(getpid())/mountinfo": "1 1 0:1 / \(group) rw - cgroup2 cgroup2 rw\n",
            "group/cgroup.procs": "\(getpid())\n", "group/cgroup.type": "domain\n",
            "group/cgroup.subtree_control": "", "group/cgroup.controllers": "memory pids io\n",
        ]
        for (name, text) in machine { try Files.create(root + "/" + name, Array(text.utf8)) }
        if isReady {
            try Files.makeFolder(group + "/swiftlet-runner")
            try Files.create(group + "/swiftlet-runner/cgroup.procs", [])
        }
        let (made, words) = AttemptGroups.prepare(
            ControlGroupSource(processes: root), owner: "o")
        try check(made, words, group)
    }

    @Test func `version two: the runner goes to a leaf before it enables controllers`() throws {
        try prepare(isReady: true) { groups, words, root in
            let group = try #require(groups, "\(words)").next()
            #expect(group.exits == [root + "/swiftlet-runner/cgroup.procs"])
            #expect(group.folders.allSatisfy { $0.hasPrefix(root + "/swiftlet-attempt-o-") })
            #expect(groups?.next() != group)
            #expect(ControlFile.read(root + "/swiftlet-runner/cgroup.procs") == "\(getpid())")
            #expect(
                ControlFile.read(root + "/cgroup.subtree_control")?.hasPrefix("+memory +pids")
                    == true)
            #expect(
                words
                    == "each attempt gets a control group of its own in \(root) (version 2: "
                    + "memory, pids)")
        }
    }

    @Test func `version two: what cannot be prepared is undone, and that is said`() throws {
        try prepare(isReady: false) { groups, words, root in
            #expect(groups == nil)
            #expect(words.contains("opening \(root)/swiftlet-runner/cgroup.procs"), "\(words)")
            #expect(words.contains("limited one by one"), "\(words)")
            #expect(access(root + "/swiftlet-runner", F_OK) != 0)
            #expect(ControlFile.read(root + "/cgroup.subtree_control") == "")
            #expect(ControlFile.read(root + "/cgroup.procs")?.hasPrefix("\(getpid())") == true)
        }
    }

    @Test(.enabled(if: hasGroups, why))
    func `groups of a runner that was killed are emptied and removed, and no other's`()
        async throws
    {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let gateway = FakeGateway()
        try await gateway.start()
        let environment = RunnerScene.environment(root: root, port: await gateway.port)
        let pids = root + "/pids"
        await gateway.give(
            LeaseID(taskUID: UID("t1"), attempt: 1),
            RunnerScene.script(
                """
                trap '' TERM HUP
                (setsid bash -c 'echo $$ >> \(pids); exec sleep 1000' &)
                sleep 1000 & echo $! >> \(pids)
                cat /proc/self/cgroup > \(root)/groups
                echo $PPID > \(root)/supervisor
                echo $$ >> \(pids)
                wait
                """))
        let foreign = try Self.group()
        try foreign.make(AttemptLimits())
        defer { for folder in foreign.folders { rmdir(folder) } }
        let runner = try Program(
            ["swiftlet-agent"], environment: environment, output: root + "/out")
        try await eventually { numbers(in: pids).count == 3 }
        let membership = try #require(ControlFile.read(root + "/groups"))
        let name = try #require(
            membership.split { $0 == "/" || $0 == "\n" }.first { $0.hasPrefix("swiftlet-attempt-") }
        )
        let group = try #require(Self.plan).group(named: String(name))
        #expect(Self.remains(group) == group.folders)
        // The supervisor would see to it; it is killed, too, and has no moment for it.
        let supervisor = try #require(numbers(in: root + "/supervisor").first)
        kill(supervisor, SIGSTOP)
        kill(runner.pid, SIGKILL)
        _ = try await runner.end()
        kill(supervisor, SIGKILL)
        try await eventually { !isAlive(supervisor) }
        for pid in numbers(in: pids) { #expect(isAlive(pid)) }
        let successor = try Program(
            ["swiftlet-agent"], environment: environment, output: root + "/out2")
        try await eventually { Self.remains(group).isEmpty }
        for pid in numbers(in: pids) { try await eventually { !isAlive(pid) } }
        try await eventually {
            successor.lines.contains { $0.contains("an earlier run has left 1 of them") }
        }
        #expect(Self.remains(foreign) == foreign.folders)
        kill(successor.pid, SIGTERM)
        #expect(try await successor.end() == 0, "\(successor.lines)")
        await gateway.stop()
    }

    /// A group of version two that this process may make others in; it need not count anything.
    private static let tree: String? = {
        let facts = ControlGroupSource().facts
        let own = facts.membership.split(separator: "\n").first { $0.hasPrefix("0::/") }?.dropFirst(
            3)
        return ControlGroupMounts(facts.mounts).folders(of: String(own ?? ""), with: nil).first {
            $0.isTop && facts.isWritable($0.path + "/cgroup.procs")
        }?.path
    }()

    @Test(.enabled(if: tree != nil, "no group of version two can be written to here"))
    func `version two: an attempt goes into its group, is killed there at once, and it is removed`()
        async throws
    {
        let tree = try #require(Self.tree)
        let group = AttemptGroup(
            name: ControlGroupPlan.attemptPrefix + "test-\(getpid())", interface: .two,
            places: [.init(controller: "none", parent: tree, home: tree)])
        let end = try await end(
            of: "(setsid sleep 99 &); exec sleep 99", AttemptLimits(), in: group
        ) { process in
            try await eventually { group.members.count == 2 }
            // As the supervisor does, but without what it does besides.
            #expect(access(group.folders[0] + "/cgroup.kill", W_OK) == 0)
            _ = group.killAll()
            try await eventually { group.members.isEmpty }
        }
        #expect(end.end == .signalled(9))
        #expect(end.notices == [])
        #expect(Self.remains(group) == [])
    }

    @Test(.enabled(if: hasGroups, why))
    func `groups that processes have made in theirs go with it`() async throws {
        let group = try Self.group()
        try group.make(AttemptLimits())
        for folder in group.folders {
            #expect(mkdir(folder + "/inner", 0o755) == 0)
            #expect(mkdir(folder + "/inner/most", 0o755) == 0)
        }
        for _ in 0..<2 {
            // The second time there is nothing left to clear.
            let cleared = await BlockingWork.run {
                Runner.attempt { () throws(SystemError) in try group.clear() }
            }
            try cleared.get()
            #expect(Self.remains(group) == [])
        }
    }
}
