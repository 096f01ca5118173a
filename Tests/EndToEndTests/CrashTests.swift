import Foundation
import KubernetesCore
import LocalCluster
import Subprocess
import Testing

/// What must hold when the operator or an agent is killed in the middle of work.
@Suite(.serialized, .timeLimit(.minutes(8))) struct CrashTests {
    private func phases(_ cluster: DevCluster) async throws -> [String: Int] {
        let items = try await cluster.object("bt")["items"]?.array ?? []
        return Dictionary(
            items.map { ($0["status"]?["phase"]?.string ?? "Pending", 1) }, uniquingKeysWith: +)
    }

    @Test func `an operator killed during 200 running tasks loses none and repeats none`()
        async throws
    {
        try await DevCluster.run(["--no-operator"]) { cluster in
            let ledger = cluster.folder + "/ledger"
            let run = OperatorRun(cluster: cluster, gatewayPort: try LocalCluster.freePort())
            try await cluster.kubectl(
                "apply", "-f", "-", input: CrashPool.pool(agents: 10, slots: 20, ledger: ledger))
            let script = "sleep 15; echo $SWIFTLET_TASK $SWIFTLET_ATTEMPT >> $LEDGER"
            let tasks = (0..<200).map { CrashPool.task("t\($0)", script) }.joined()
            try await run.run(endingWith: .kill) {
                try await cluster.kubectl("apply", "-f", "-", input: tasks)
                try await cluster.eventually("200 tasks run at once", within: 90) {
                    try await phases(cluster)["Running"] == 200
                }
            }
            try await run.run(endingWith: .terminate) {
                try await cluster.eventually("all 200 have succeeded", within: 120) {
                    try await phases(cluster)["Succeeded"] == 200
                }
            }
            let lines = try String(contentsOfFile: ledger, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 200, "\(lines.count) completions")
            #expect(Set(lines).count == 200)
            let attempts =
                try await cluster.object("bt")["items"]?.array?
                .map { $0["status"]?["attempt"]?.integer ?? 0 } ?? []
            #expect(attempts.allSatisfy { $0 == 1 })
        }
    }

    @Test func `an agent killed at work loses no progress, and its task goes on elsewhere`()
        async throws
    {
        try await DevCluster.run { cluster in
            let ledger = cluster.folder + "/ledger"
            try await cluster.kubectl(
                "apply", "-f", "-", input: CrashPool.pool(agents: 2, slots: 1, ledger: ledger))
            let script = """
                state=$SWIFTLET_CHECKPOINT_DIR/step; step=0; \
                test ! -f $state || step=$(cat $state); \
                echo begin $SWIFTLET_ATTEMPT $step >> $LEDGER; \
                while test $step -lt 12; do sleep 0.5; step=$((step + 1)); \
                echo $step > $state.new; mv $state.new $state; done; \
                echo end $SWIFTLET_ATTEMPT >> $LEDGER
                """
            try await cluster.kubectl("apply", "-f", "-", input: CrashPool.task("long", script))
            try await cluster.eventually("a checkpoint is committed") {
                let status = try await cluster.object("bt", "long")["status"]
                return (status?["checkpoint"]?["sequence"]?.integer ?? 0) > 0
            }
            let before = try await cluster.object("bt", "long")["status"]
            let agent = try #require(before?["agent"]?["name"]?.string)
            let runner = try #require(CrashPool.process(ofPod: agent))
            #expect(kill(runner, SIGKILL) == 0)
            try await cluster.eventually("the task has succeeded", within: 90) {
                try await cluster.object("bt", "long")["status"]?["phase"]?.string == "Succeeded"
            }
            let after = try await cluster.object("bt", "long")["status"]
            #expect(after?["attempt"]?.integer == 2)
            #expect(after?["agent"]?["name"]?.string != agent)
            let lines = try String(contentsOfFile: ledger, encoding: .utf8)
                .split(separator: "\n").map(String.init)
            #expect(lines.first == "begin 1 0")
            #expect(lines.filter { $0.hasPrefix("end") } == ["end 2"], "\(lines)")
            let second = try #require(lines.first { $0.hasPrefix("begin 2") })
            #expect(second != "begin 2 0", "the second attempt began from nothing")
        }
    }

    @Test func `an agent that slept through its time limit is refused when it wakes`() async throws
    {
        try await DevCluster.run { cluster in
            let ledger = cluster.folder + "/ledger"
            try await cluster.kubectl(
                "apply", "-f", "-",
                input: CrashPool.pool(agents: 2, slots: 1, ledger: ledger, timeout: 15))
            try await cluster.kubectl(
                "apply", "-f", "-",
                input: CrashPool.task("zombie", "sleep 4; echo $SWIFTLET_ATTEMPT >> $LEDGER"))
            try await cluster.eventually("the task runs") {
                try await cluster.object("bt", "zombie")["status"]?["phase"]?.string == "Running"
            }
            let status = try await cluster.object("bt", "zombie")["status"]
            let agent = try #require(status?["agent"]?["name"]?.string)
            let runner = try #require(CrashPool.process(ofPod: agent))
            #expect(kill(runner, SIGSTOP) == 0)
            defer { kill(runner, SIGCONT) }
            try await cluster.eventually("another agent has finished it", within: 120) {
                let status = try await cluster.object("bt", "zombie")["status"]
                return status?["phase"]?.string == "Succeeded"
            }
            let done = try await cluster.object("bt", "zombie")["status"]
            kill(runner, SIGCONT)
            #expect(done?["attempt"]?.integer == 2)
            // Whatever the zombie says now must change nothing.
            try await cluster.eventually("the zombie's pod is gone") {
                !(try await cluster.attempt(["get", "pod", agent])).succeeded
            }
            let later = try await cluster.object("bt", "zombie")["status"]
            #expect(later == done)
        }
    }
}
