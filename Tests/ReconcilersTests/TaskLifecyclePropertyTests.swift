import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SeededTesting
import SwiftletAPI
import Testing

/// Whole lives of tasks under faults: lost answers, late caches, dying agents, zombies, changes of
/// mind and restarts. Safety is checked on every stored change; then the faults stop, and all of it
/// must come to its end and fall silent.
struct TaskLifecyclePropertyTests {
    /// An agent that runs what it is told, as a runner would.
    private struct Agent {
        struct Run {
            var ends: Timestamp
            var outcome: AttemptOutcome
            var desired = DesiredState.run
        }

        let name: String
        let uid: String
        var isAlive = true
        var runs: [LeaseID: Run] = [:]

        func reports(at now: Timestamp) -> [LeaseReport] {
            runs.sorted { $0.key < $1.key }.map { id, run in
                LeaseReport(
                    id: id, state: run.ends <= now ? .finished : .running, desired: run.desired,
                    progress: TaskProgress(percent: 50),
                    outcome: run.ends <= now ? run.outcome : nil)
            }
        }
    }

    private struct Run {
        var bench = TaskBench()
        var random: SeededNumbers
        var agents: [Agent] = []
        var created = 0
        var hasFaults = true
        let slots: Int
        /// Whether tasks of much more priority come, for which others give way.
        let preempts: Bool

        init(_ seed: UInt64) {
            random = SeededNumbers(seed)
            slots = 1 + random.number(below: 3)
            preempts = seed % 2 == 0
            let preemption: BackgroundAgentPoolSpec.Preemption = preempts ? .lowerPriority : .never
            bench.pool("qa", slots: slots) {
                $0.agent.timeoutSeconds = 120
                $0.preemption = preemption
            }
            var fates = SeededNumbers(seed &+ 1_000)
            bench.fate = { _, _ in
                switch fates.number(below: 12) {
                case 0: .loses
                case 1: .vanishes
                case 2: .refused
                default: .happens
                }
            }
            var hearing = SeededNumbers(seed &+ 2_000)
            bench.hearsAtOnce = { _ in hearing.chance(1, in: 2) }
            let most = slots
            bench.onStore = { bench, task in
                guard let lease = task.lease else { return }
                let held = bench.latest.values.filter { $0.lease?.agent == lease.agent }.count
                if held > most { bench.problems.append("\(lease.agent) has \(held) leases") }
            }
            for _ in 0..<3 { addAgent() }
        }

        mutating func addAgent() {
            let number = agents.count
            let agent = Agent(name: "a\(number % 4)", uid: "uid-\(number)")
            agents.append(agent)
            bench.agent(agent.name, uid: agent.uid)
        }

        mutating func step() {
            switch random.number(below: 20) {
            case 0...3: createTask()
            case 4...11: call(random.number(below: agents.count))
            case 12: editTask()
            case 13 where random.chance(1, in: 3): killAgent()
            case 14 where random.chance(1, in: 4): bench.restart()
            case 15: drainAgent()
            default: break
            }
            bench.advance(seconds: Double(random.number(below: 8)))
        }

        mutating func createTask() {
            created += 1
            var spec: JSONValue = [
                "priority": .int(
                    random.number(below: 3) + (preempts && random.chance(1, in: 4) ? 300 : 0)),
                "retry": [
                    "maxRetries": .int(random.number(below: 3)),
                    "backoff": ["initialSeconds": 1, "maxSeconds": 20],
                ],
                "timeoutSeconds": 60, "ttlSecondsAfterFinished": 100_000_000,
            ]
            if created > 2, random.chance(1, in: 3) {
                spec["dependsOn"] = [
                    [
                        "name": .string("t\(1 + random.number(below: created - 1))"),
                        "condition": random.chance(1, in: 2) ? "Finished" : "Succeeded",
                    ]
                ]
            }
            bench.create("t\(created)", spec: spec)
        }

        mutating func editTask() {
            guard created > 0 else { return }
            let state = ["Active", "Suspended", "Cancelled"][random.number(below: 3)]
            let name = "t\(1 + random.number(below: created))"
            let key = Key<BackgroundTask>(namespace: "ns", name: name)
            // Nobody takes a cancellation back.
            guard bench.latest[key]?.spec.state != .cancelled else { return }
            bench.edit(name, ["spec": ["state": .string(state)]])
        }

        mutating func killAgent() {
            let index = random.number(below: agents.count)
            guard agents[index].isAlive else { return }
            agents[index].isAlive = false
            bench.remove(Key<PodView>(namespace: "ns", name: agents[index].name))
            let stays = random.chance(1, in: 2)
            if !stays { agents[index].runs = [:] }
            addAgent()
        }

        mutating func drainAgent() {
            let index = random.number(below: agents.count)
            guard agents[index].isAlive else { return }
            for id in agents[index].runs.keys.sorted() {
                agents[index].runs[id] = Agent.Run(
                    ends: bench.now, outcome: AttemptOutcome(.exited(0), stop: .drained))
            }
        }

        /// One call of an agent; dead ones call too, as zombies do.
        mutating func call(_ index: Int) {
            let agent = agents[index]
            let current = bench.view[Key<PodView>(namespace: "ns", name: agent.name)]
            guard current?.metadata.uid.text == agent.uid || random.chance(1, in: 3) else {
                return
            }
            let reply = bench.sync(
                agent.name, uid: agent.uid, slots: slots, reports: agent.reports(at: bench.now))
            var runs = agents[index].runs
            for id in reply.stored + reply.refused.map(\.id) { runs[id] = nil }
            for order in reply.leases {
                if var run = runs[order.id] {
                    if order.desired != .run, run.ends > bench.now {
                        run.ends = bench.now + .seconds(1)
                        run.outcome = AttemptOutcome(
                            .signalled(15),
                            stop: order.desired == .cancel ? .cancelled : .checkpointed)
                    }
                    run.desired = order.desired
                    runs[order.id] = run
                } else {
                    let takes = Double(random.number(below: hasFaults ? 100 : 5))
                    let outcome: AttemptOutcome =
                        takes > 60
                        ? AttemptOutcome(.signalled(15), stop: .timedOut)
                        : AttemptOutcome(.exited(random.chance(1, in: 4) ? 1 : 0))
                    runs[order.id] = Agent.Run(
                        ends: bench.now + .seconds(Int64(min(takes, 61))), outcome: outcome)
                }
            }
            agents[index].runs = runs
        }

        mutating func heal() {
            hasFaults = false
            bench.fate = { _, _ in .happens }
            bench.hearsAtOnce = { _ in true }
            for number in 1...max(1, created) {
                let name = "t\(number)"
                let key = Key<BackgroundTask>(namespace: "ns", name: name)
                if bench.latest[key]?.spec.state == .suspended {
                    bench.edit(name, ["spec": ["state": "Active"]])
                }
            }
            for _ in 0..<2_000 {
                for index in agents.indices where agents[index].isAlive { call(index) }
                bench.advance(seconds: 3)
                if bench.latest.values.allSatisfy(\.isFinished) { return }
            }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `every task ends once, under its lease, within its retries, and then there is silence`(
        seed: UInt64
    ) throws {
        var run = Run(seed)
        for _ in 0..<120 { run.step() }
        run.heal()
        #expect(run.bench.problems.isEmpty, "seed \(seed): \(run.bench.problems.prefix(5))")
        for task in run.bench.latest.values.sorted(by: { $0.key < $1.key }) {
            let status = task.status
            #expect(task.isFinished, "seed \(seed): \(task.key) is \(status.phase) \(status)")
            #expect(status.retries <= task.spec.retry.maxRetries, "seed \(seed): \(task.key)")
            #expect(status.infrastructureLosses < 3, "seed \(seed): \(task.key)")
            #expect(status.preemptions <= 3 && status.preemptedBy == nil, "seed \(seed)")
            if status.phase == .succeeded {
                #expect(status.attempts.last?.outcome == .succeeded, "seed \(seed): \(task.key)")
                #expect(status.attempts.last?.number == status.attempt, "seed \(seed)")
            }
        }
        let writes = run.bench.writes
        for _ in 0..<50 {
            for index in run.agents.indices where run.agents[index].isAlive { run.call(index) }
            run.bench.advance(seconds: 60)
        }
        #expect(run.bench.writes == writes, "seed \(seed): it goes on writing at rest")
    }
}
