import Foundation
import KubernetesCore
import SeededTesting
import Testing

/// Minutes of work during which agents are killed at random. `make soak` runs it: the variable
/// `SWIFTLET_SOAK_SECONDS` says for how long, `SWIFTLET_SOAK_SEED` in which order.
@Suite(.serialized, .timeLimit(.minutes(60))) struct SoakTests {
    private static let seconds =
        ProcessInfo.processInfo.environment["SWIFTLET_SOAK_SECONDS"].flatMap { Int($0) } ?? 0
    private static let seed =
        ProcessInfo.processInfo.environment["SWIFTLET_SOAK_SEED"].flatMap { UInt64($0) }
        ?? 20_261_121

    /// What is known of one task, and what must not change once it has ended.
    private struct Seen: Equatable {
        var phase: String
        var attempt: Int
        var result: String
        var completion: String

        /// Reads a line of `columns`, behind the task's name.
        init?(_ words: ArraySlice<Substring>) {
            guard words.count == 4, let first = words.first else { return nil }
            let texts = words.dropFirst().map(String.init)
            phase = first == "<none>" ? "Pending" : String(first)
            (attempt, result, completion) = (Int(texts[0]) ?? 0, texts[1], texts[2])
        }

        var isOver: Bool { ["Succeeded", "Failed", "Cancelled"].contains(phase) }
    }

    @Test(.enabled(if: seconds > 0, "make soak runs it"))
    func `agents are killed at random, and no task is lost or done twice`() async throws {
        let (seconds, seed) = (Self.seconds, Self.seed)
        try await DevCluster.run { cluster in
            let ledger = cluster.folder + "/ledger"
            try await cluster.kubectl(
                "apply", "-f", "-",
                input: CrashPool.pool(
                    agents: 4, slots: 2, ledger: ledger, timeout: 15, budget: 100))
            let end = ContinuousClock.now + .seconds(seconds)
            var random = SeededNumbers(seed)
            var (submitted, killed, round) = (0, 0, 0)
            var seen: [String: Seen] = [:]
            while ContinuousClock.now < end {
                round += 1
                let count = 4 + Int(random.next() % 8)
                let tasks = (0..<count).map { number in
                    CrashPool.task(
                        "t\(submitted + number)",
                        "sleep \(random.next() % 4); "
                            + "echo $SWIFTLET_TASK $SWIFTLET_ATTEMPT >> $LEDGER; "
                            + "echo $SWIFTLET_ATTEMPT > $SWIFTLET_RESULT",
                        "retry: {maxRetries: 0}")
                }
                try await cluster.kubectl("apply", "-f", "-", input: tasks.joined())
                submitted += count
                try await Task.sleep(for: .seconds(2 + Int(random.next() % 3)))
                if random.next() % 3 == 0, try await Self.killOne(cluster, &random) { killed += 1 }
                try await Self.look(cluster, &seen)
            }
            print("soak: seed \(seed), \(submitted) tasks, \(killed) agents killed")
            let total = submitted
            try await cluster.eventually("every task has ended", within: 180) {
                let tasks = try await Self.tasks(of: cluster)
                return tasks.count == total && tasks.values.allSatisfy(\.isOver)
            }
            try await Self.look(cluster, &seen)
            #expect(seen.count == submitted)
            let failed = seen.filter { $0.value.phase != "Succeeded" }
            // A task that was on three agents which were killed counts as poison: that is its end.
            #expect(failed.count <= killed, "\(failed)")
            let lines = try String(contentsOfFile: ledger, encoding: .utf8).split(separator: "\n")
            #expect(Set(lines).count == lines.count, "an attempt did its work twice")
            let done = Set(lines.map(String.init))
            for (name, task) in seen where task.phase == "Succeeded" {
                #expect(done.contains("\(name) \(task.attempt)"), "\(name) was not done")
                #expect(task.result == String(task.attempt), "\(name): another's result")
            }
            #expect(killed > 0, "no agent was killed: the soak was too short")
        }
    }

    /// Kills the runner of one agent, as a lack of memory would; false where there is none.
    private static func killOne(
        _ cluster: DevCluster, _ random: inout SeededNumbers
    ) async throws -> Bool {
        let pods = try await cluster.object("pod")["items"]?.array ?? []
        let names = pods.compactMap { $0[path: ["metadata", "name"]]?.string }.sorted()
        guard !names.isEmpty else { return false }
        let name = names[Int(random.next() % UInt64(names.count))]
        guard let runner = CrashPool.process(ofPod: name) else { return false }
        return kill(runner, SIGKILL) == 0
    }

    /// All tasks by their names, a line of text each: minutes of work are thousands of tasks.
    private static func tasks(of cluster: DevCluster) async throws -> [String: Seen] {
        let columns =
            "custom-columns=NAME:.metadata.name,PHASE:.status.phase,ATTEMPT:.status.attempt,"
            + "RESULT:.status.result,COMPLETION:.status.completionTime"
        var tasks: [String: Seen] = [:]
        for line in try await cluster.kubectl("get", "bt", "--no-headers", "-o", columns)
            .split(separator: "\n")
        {
            let words = line.split(separator: " ")
            let name = String(try #require(words.first))
            let task: Seen = try #require(Seen(words.dropFirst()), "\(line)")
            tasks[name] = task
        }
        return tasks
    }

    /// Looks at every task: what has ended must stay as it was.
    private static func look(_ cluster: DevCluster, _ seen: inout [String: Seen]) async throws {
        for (name, now) in try await tasks(of: cluster) {
            if let before = seen[name] {
                #expect(now.attempt >= before.attempt, "\(name) went back")
                if before.isOver { #expect(now == before, "\(name) changed after its end") }
            }
            seen[name] = now
        }
        #expect(seen.values.allSatisfy { $0.phase != "Failed" || $0.attempt >= 3 })
    }
}
