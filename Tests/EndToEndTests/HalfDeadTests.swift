import Foundation
import KubernetesCore
import Testing

/// Agents that look alive and are not: their pods run, and nobody is at home.
@Suite(.serialized, .timeLimit(.minutes(6))) struct HalfDeadTests {
    @Test func `E5: an agent that is ready but dead inside gets no task, and is replaced`()
        async throws
    {
        try await DevCluster.run { cluster in
            let ledger = cluster.folder + "/ledger"
            try await cluster.kubectl(
                "apply", "-f", "-",
                input: CrashPool.pool(agents: 2, slots: 1, ledger: ledger, timeout: 10))
            try await cluster.eventually("two agents are ready") {
                try await cluster.object("bap", "crash")["status"]?["readyReplicas"]?.integer == 2
            }
            let pods = try await cluster.object("pod")["items"]?.array ?? []
            let names = pods.compactMap { $0[path: ["metadata", "name"]]?.string }
            let dead = try #require(names.min())
            let runner = try #require(CrashPool.process(ofPod: dead))
            #expect(kill(runner, SIGSTOP) == 0)
            defer { kill(runner, SIGCONT) }
            // Two tasks for two slots: one of them may be handed to the dead agent before it is
            // found out, and goes on elsewhere without using up a retry.
            let tasks = (0..<2).map {
                CrashPool.task(
                    "t\($0)", "echo $SWIFTLET_TASK $SWIFTLET_ATTEMPT >> $LEDGER",
                    "retry: {maxRetries: 0}")
            }
            try await cluster.kubectl("apply", "-f", "-", input: tasks.joined())
            try await cluster.eventually("both tasks have succeeded", within: 120) {
                let items = try await cluster.object("bt")["items"]?.array ?? []
                return items.count == 2
                    && items.allSatisfy { $0["status"]?["phase"]?.string == "Succeeded" }
            }
            let lines = try String(contentsOfFile: ledger, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 2, "each task was done once: \(lines)")
            try await cluster.eventually("the dead agent is replaced", within: 90) {
                let items = try await cluster.object("pod")["items"]?.array ?? []
                let status = try await cluster.object("bap", "crash")["status"]
                return !items.contains { $0[path: ["metadata", "uid"]] == uid(of: dead, in: pods) }
                    && status?["readyReplicas"]?.integer == 2
            }
        }
    }

    private func uid(of name: String, in pods: [JSONValue]) -> JSONValue? {
        pods.first { $0[path: ["metadata", "name"]]?.string == name }?[path: ["metadata", "uid"]]
    }
}
