import AgentProtocol
import Glibc
import KubernetesCore
import Testing

@testable import AgentRunner

/// The supervisor: what passes between it and the runner, and it as a process.
struct SupervisorTests {
    @Test func `reports arrive whole, in whatever pieces they come`() {
        let reports: [SupervisorReport] = [
            .started(4_194_303), .startFailed(2), .exited(0), .exited(255), .signalled(9),
            .started(-1), .exited(.max), .exited(.min), .tooMuchMemory(7), .tooManyProcesses(8),
            .outOfMemory(1), .refusedTasks(2), .ungrouped(30), .groupStays(16),
        ]
        let bytes = reports.flatMap(\.bytes)
        #expect(bytes.count == reports.count * SupervisorReport.size)
        for piece in [1, 3, 7, 8, 9, 64] {
            var (received, found): ([UInt8], [SupervisorReport]) = ([], [])
            for start in stride(from: 0, to: bytes.count, by: piece) {
                received += bytes[start..<min(start + piece, bytes.count)]
                found += SupervisorReport.take(from: &received)
            }
            #expect(found == reports, "in pieces of \(piece)")
            #expect(received.isEmpty)
        }
        var unknown: [UInt8] = [77, 0, 0, 0, 0, 0, 0, 0, 3]
        #expect(SupervisorReport.take(from: &unknown).isEmpty)
        #expect(unknown == [3])
    }

    @Test func `a program to start arrives as it was sent or not at all`() {
        let program = SupervisedProgram(
            program: "/bin/ä", argv: ["", "a b\n", "\u{1}\"\\"], environment: ["A=", "B=1=2"],
            directory: "/tmp", marker: "m",
            limits: AttemptLimits(memoryBytes: 1 << 40, processes: 3, tasks: 5),
            group: AttemptGroup(
                name: "n", interface: .two,
                places: [.init(controller: "pids", parent: "/p", home: "/p/h")]))
        let bytes = program.encoded
        #expect(SupervisedProgram(reading: bytes) == program)
        var alone = program
        alone.group = nil
        #expect(SupervisedProgram(reading: alone.encoded) == alone)
        for count in 0..<bytes.count {
            #expect(SupervisedProgram(reading: Array(bytes.prefix(count))) == nil)
        }
    }

    @Test func `a task cannot choose its marker`() {
        let program = SupervisedProgram(
            program: "p", argv: [], environment: ["SWIFTLET_SUPERVISOR=x", "A=1"],
            directory: "/", marker: "m")
        #expect(program.allVariables == ["A=1", "SWIFTLET_SUPERVISOR=m"])
    }

    @Test func `when the supervisor is killed the tree dies and the attempt is lost`() async throws
    {
        try await RunnerScene.run { scene in
            let id = LeaseID(taskUID: UID("t1"), attempt: 1)
            let (pids, supervisor) = (scene.root + "/pids", scene.root + "/supervisor")
            await scene.gateway.give(
                id,
                RunnerScene.script(
                    """
                    trap '' TERM HUP
                    (setsid bash -c 'echo $$ >> \(pids); exec sleep 1000' &)
                    sleep 1000 & echo $! >> \(pids)
                    echo $$ >> \(pids)
                    echo $PPID > \(supervisor)
                    wait
                    """))
            try await eventually {
                numbers(in: pids).count == 3 && numbers(in: supervisor).count == 1
            }
            let pid = try #require(numbers(in: supervisor).first)
            kill(pid, SIGKILL)
            let report = try #require(await scene.gateway.report(of: id))
            #expect(
                report.outcome
                    == AttemptOutcome(.lost("the supervisor of the process was killed")))
            for pid in numbers(in: pids) { #expect(!isAlive(pid)) }
            #expect(access("/proc/\(pid)", F_OK) != 0, "the supervisor was not waited for")
        }
    }

    @Test func `a child without variables and with a session of its own dies with its parent`()
        async throws
    {
        try await RunnerScene.run { scene in
            let pids = scene.root + "/pids"
            let spec = RunnerScene.script(
                """
                trap '' TERM
                env -i setsid bash -c 'echo $$ >> \(pids); while :; do /bin/sleep 1; done' &
                echo $$ >> \(pids)
                wait
                """
            ) {
                $0.timeoutSeconds = 1
                $0.graceSeconds = 0
            }
            let report = try #require(await scene.report(on: spec))
            #expect(report.outcome?.stop == .timedOut, "\(report)")
            let found = numbers(in: pids)
            #expect(found.count == 2)
            for pid in found { #expect(!isAlive(pid)) }
        }
    }

    @Test func `processes that keep starting others are overtaken`() async throws {
        try await RunnerScene.run { scene in
            let pids = scene.root + "/pids"
            let report = try #require(
                await scene.report(
                    on: RunnerScene.script(
                        """
                        body='echo $$ >> \(pids); sleep 0.02; setsid bash -c "$body" & exit'
                        export body
                        setsid bash -c "$body" &
                        sleep 0.3
                        """)))
            #expect(report.outcome == AttemptOutcome(.exited(0)))
            let count = numbers(in: pids).count
            #expect(count > 1)
            try await Task.sleep(for: .milliseconds(200))
            #expect(numbers(in: pids).count == count, "one of them goes on")
        }
    }

    @Test func `a program and its supervisor get nothing of the runner's but what is theirs`()
        async throws
    {
        try await RunnerScene.run { scene in
            let report = try #require(
                await scene.report(
                    on: RunnerScene.script(
                        """
                        ls /proc/$$/fd | tr '\\n' ' '; echo
                        cut -d ' ' -f 5,6 /proc/$$/stat; echo $$ $PPID
                        ls /proc/$PPID/fd | wc -l
                        tr '\\0' '\\n' < /proc/$PPID/environ | grep -c SWIFTLET_
                        tr '\\0' ' ' < /proc/$PPID/cmdline
                        """)))
            let lines = try #require(report.logTail).split(separator: "\n").map(String.init)
            try #require(lines.count == 6, "\(lines)")
            #expect(lines[0].split(separator: " ").prefix(3) == ["0", "1", "2"])
            #expect(lines[1] == lines[2], "group and session are the program and its supervisor")
            #expect((Int(lines[3]) ?? 99) <= 9)
            #expect(lines[4] == "0")
            #expect(lines[5] == "swiftlet-agent supervise ")
        }
    }

    @Test func `a runner whose supervisor program is gone says so`() async throws {
        let launch = AttemptProcess.Launch(
            program: "/bin/true", argv: ["true"], environment: [:], directory: "/",
            progress: "/dev/null")
        #expect(throws: SystemError("starting /nowhere/swiftlet-agent", code: ENOENT)) {
            try AttemptProcess.start(launch, under: "/nowhere/swiftlet-agent", variables: [:]) {
                _ in
            }
        }
    }
}
