import AgentProtocol
import Glibc
import KubernetesCore
import Testing

@testable import AgentRunner

struct RunnerTests {
    @Test func `a task gets its contract and its result comes back`() async throws {
        try await RunnerScene.run(environment: ["SECRET_OF_IMAGE": "1"]) { scene in
            let spec = RunnerScene.script(
                """
                set -e
                [ "$SWIFTLET_TASK/$SWIFTLET_TASK_NAMESPACE/$SWIFTLET_ATTEMPT" = lint/shop/1 ]
                [ -z "$SWIFTLET_TOKEN_FILE$SWIFTLET_GATEWAY_URL" ]
                [ "$(cat "$SWIFTLET_INPUT")" = '{"n":1}' ]
                [ "$(cat "$SWIFTLET_PERSONA")" = '# QA' ]
                [ "$A$SECRET_OF_IMAGE" = x1 ]
                [ -d "$SWIFTLET_CHECKPOINT_DIR" ] && [ -d "$TMPDIR" ]
                echo '42 half way' > "$SWIFTLET_PROGRESS"
                echo out; echo err >&2; printf 'no end'
                echo '{"answer": 42}' > "$SWIFTLET_RESULT"
                """
            ) {
                $0.input = ["n": 1]
                $0.persona = "# QA"
                $0.env = [TaskVariable("A", value: "x"), TaskVariable("SWIFTLET_TASK", value: "z")]
            }
            let report = try #require(await scene.report(on: spec))
            #expect(report.outcome == AttemptOutcome(.exited(0)), "\(report)")
            #expect(report.result == ["answer": 42])
            #expect(report.progress == TaskProgress(percent: 42, message: "half way"))
            #expect(report.startedAt != nil && report.finishedAt != nil)
            let tail = try #require(report.logTail).split(separator: "\n").sorted()
            #expect(tail == ["err", "no end", "out"])
            let lines = scene.log.lines.filter { $0["task"] == "shop/lint" }
            #expect(lines.count == 3)
            #expect(lines.contains { $0["stream"] == "stderr" && $0["line"] == "err" })
            #expect(lines.allSatisfy { $0["attempt"] == 1 && $0["time"] != nil })
            #expect(await scene.gateway.tokens == ["Bearer secret"])
            try await eventually { !isThere(scene.root + "/work/attempts/t1.1") }
        }
    }

    @Test func `each way to end is told`() async throws {
        try await RunnerScene.run(slots: 4) { scene in
            let failed = try #require(await scene.report(on: RunnerScene.script("exit 3"), "a"))
            #expect(failed.outcome == AttemptOutcome(.exited(3)))
            #expect(failed.message == "exited with code 3")
            let killed = try #require(
                await scene.report(on: RunnerScene.script("kill -SEGV $$"), "b"))
            #expect(killed.outcome == AttemptOutcome(.signalled(11)))
            let missing = try #require(
                await scene.report(
                    on: RunnerScene.script("") { $0.command = ["no-such-program"] }, "c"))
            #expect(missing.outcome?.startFailure?.contains("no-such-program in PATH") == true)
            try Files.create(scene.root + "/plain", [])
            let forbidden = try #require(
                await scene.report(
                    on: RunnerScene.script("") { $0.command = [scene.root + "/plain"] }, "d"))
            #expect(forbidden.outcome?.startFailure?.contains("Permission denied") == true)
            let empty = try #require(
                await scene.report(
                    on: RunnerScene.script("") {
                        $0.command = []
                        $0.args = []
                    }, "e"))
            #expect(empty.outcome?.startFailure == "the task has no command")
            let secret = try #require(
                await scene.report(
                    on: RunnerScene.script("") {
                        $0.env = [TaskVariable("K", .secret(name: "s", key: "k"))]
                    }, "f"))
            #expect(secret.outcome?.startFailure?.contains("did not resolve") == true)
        }
    }

    @Test(arguments: [
        ("echo nonsense > $SWIFTLET_RESULT", "no JSON"),
        (
            "head -c 40000 /dev/zero | tr '\\0' 1 | sed 's/.*/\"&\"/' > $SWIFTLET_RESULT",
            "more than"
        ),
        ("head -c 400000 /dev/zero > $SWIFTLET_RESULT", "more than"),
        ("ln -s /etc/passwd $SWIFTLET_RESULT", "cannot be read"),
        ("mkfifo $SWIFTLET_RESULT", "no plain file"), ("mkdir $SWIFTLET_RESULT", "no plain file"),
    ])
    func `a bad result is said and breaks nothing`(script: String, words: String) async throws {
        try await RunnerScene.run { scene in
            let report = try #require(await scene.report(on: RunnerScene.script(script)))
            #expect(report.outcome == AttemptOutcome(.exited(0)))
            #expect(report.result == nil)
            #expect(report.resultError?.contains(words) == true, "\(report)")
        }
    }

    @Test func `much output is kept short in the report and whole in the log`() async throws {
        try await RunnerScene.run { scene in
            let report = try #require(
                await scene.report(
                    on: RunnerScene.script(
                        "seq 1 5000; head -c 90000 /dev/zero | tr '\\0' x; printf '\\033[31m\\xff'"
                    )
                ))
            let tail = try #require(report.logTail)
            #expect(tail.utf8.count <= 4_096)
            let lines = scene.log.lines.filter { $0["task"] == "shop/lint" }
            #expect(
                lines.prefix(5_000).compactMap { $0["line"]?.string }
                    == (1...5_000).map(String.init))
        }
    }

    @Test func `a timeout kills the whole tree, daemons included`() async throws {
        try await RunnerScene.run { scene in
            let pids = scene.root + "/pids"
            let spec = RunnerScene.script(
                """
                trap '' TERM
                (setsid bash -c 'trap "" TERM; echo $$ >> \(pids); while :; do sleep 1; done' &)
                echo $$ >> \(pids)
                while :; do sleep 1; done
                """
            ) {
                $0.timeoutSeconds = 1
                $0.graceSeconds = 1
            }
            let report = try #require(await scene.report(on: spec))
            #expect(report.outcome == AttemptOutcome(.signalled(9), stop: .timedOut))
            let found = numbers(in: pids)
            #expect(found.count == 2)
            for pid in found { #expect(!isAlive(pid)) }
        }
    }

    @Test func `what a task leaves running ends with it`() async throws {
        try await RunnerScene.run { scene in
            let pids = scene.root + "/pids"
            let report = try #require(
                await scene.report(
                    on: RunnerScene.script(
                        "setsid sleep 1000 & echo $! > \(pids); sleep 1000 & echo $! >> \(pids)")))
            #expect(report.outcome == AttemptOutcome(.exited(0)))
            for pid in numbers(in: pids) { #expect(!isAlive(pid)) }
        }
    }

    @Test func `a cancelled task gets SIGTERM and its grace`() async throws {
        try await RunnerScene.run { scene in
            let id = LeaseID(taskUID: UID("t1"), attempt: 1)
            let spec = RunnerScene.script(
                """
                trap 'echo bye; exit 5' TERM; echo 1 > $SWIFTLET_PROGRESS
                while :; do sleep 0.1; done
                """
            )
            await scene.gateway.give(id, spec)
            await scene.gateway.until { gateway in
                gateway.assumeIsolated { $0.latest?.reports.first?.progress != nil }
            }
            await scene.gateway.want(.cancel, of: id)
            let report = try #require(await scene.gateway.report(of: id))
            #expect(report.outcome == AttemptOutcome(.exited(5), stop: .cancelled))
            #expect(report.logTail?.contains("bye") == true)
        }
    }

    @Test func `a lease that is taken away is killed and not reported`() async throws {
        try await RunnerScene.run { scene in
            let id = LeaseID(taskUID: UID("t1"), attempt: 1)
            let pids = scene.root + "/pids"
            await scene.gateway.give(
                id,
                RunnerScene.script("trap '' TERM; echo $$ > \(pids); while :; do sleep 0.1; done"))
            try await eventually { numbers(in: pids).count == 1 }
            await scene.gateway.take(id)
            let pid = try #require(numbers(in: pids).first)
            try await eventually { !isAlive(pid) }
            await scene.gateway.until { gateway in
                gateway.assumeIsolated { $0.latest?.reports.isEmpty == true }
            }
            #expect(await scene.gateway.finished.isEmpty)
            try await eventually { !isThere(scene.root + "/work/attempts/t1.1") }
        }
    }

    @Test func `slots run at the same time`() async throws {
        try await RunnerScene.run(slots: 3) { scene in
            let meeting = scene.root + "/meeting"
            let script = RunnerScene.script(
                "echo x >> \(meeting); while [ $(wc -l < \(meeting)) -lt 3 ]; do sleep 0.02; done")
            let ids = ["a", "b", "c"].map { LeaseID(taskUID: UID($0), attempt: 1) }
            for id in ids { await scene.gateway.give(id, script) }
            for id in ids {
                #expect(await scene.gateway.report(of: id)?.outcome?.isSuccess == true)
            }
        }
    }

    @Test func `reports survive a gateway that is away`() async throws {
        try await RunnerScene.run { scene in
            let id = LeaseID(taskUID: UID("t1"), attempt: 1)
            let mark = scene.root + "/mark"
            await scene.gateway.give(id, RunnerScene.script("echo 1 > \(mark); exit 4"))
            try await eventually { isThere(mark) }
            await scene.gateway.fail(true)
            await scene.gateway.until { $0.assumeIsolated { $0.failures > 0 } }
            await scene.gateway.fail(false)
            #expect(await scene.gateway.report(of: id)?.outcome == AttemptOutcome(.exited(4)))
        }
    }

    @Test func `a runner that is asked to end stops its work, saves it and reports it`()
        async throws
    {
        let id = LeaseID(taskUID: UID("t1"), attempt: 1)
        try await RunnerScene.run { scene in
            await scene.gateway.give(
                id,
                RunnerScene.script(
                    """
                    trap 'echo 7 > $SWIFTLET_CHECKPOINT_DIR/state; exit 0' TERM
                    echo 1 > $SWIFTLET_PROGRESS
                    while :; do sleep 0.1; done
                    """))
            await scene.gateway.until { gateway in
                gateway.assumeIsolated { $0.latest?.reports.first?.progress != nil }
            }
            scene.runner.shutdown()
            let report = try #require(await scene.gateway.report(of: id))
            #expect(report.outcome == AttemptOutcome(.exited(0), stop: .drained))
            #expect(report.checkpoint?.sequence == 1)
            let saved = try #require(await scene.gateway.checkpoint(UID("t1")))
            let archive = try CheckpointArchive(reading: saved.bytes)
            #expect(archive.entries.map(\.name) == ["state"])
        }
    }
}

/// Whether there is anything at `path`.
func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The numbers in a file, one a line.
func numbers(in path: String) -> [Int32] {
    let bytes = (try? Files.read(path, bytesMax: 4_096)) ?? nil
    return String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").compactMap {
        Int32($0)
    }
}
