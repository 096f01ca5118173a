import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

struct SchedulerMachineTests {
    private func leases(_ bench: TaskBench) -> [String] {
        bench.latest.values.compactMap { task in
            task.lease.map { "\(task.metadata.name) on \($0.agent)" }
        }.sorted()
    }

    @Test func `work goes by priority, then age, to agents that may take it, up to their slots`() {
        var bench = TaskBench()
        bench.pool("qa", slots: 2)
        bench.create("old")
        bench.advance(seconds: 5)
        bench.create("young")
        bench.create("urgent", spec: ["priority": 10])
        bench.agent("a")
        bench.sync("a", slots: 8)
        #expect(leases(bench) == ["old on uid-a", "urgent on uid-a"])
        bench.agent("b")
        bench.sync("b", slots: 8)
        #expect(leases(bench).contains("young on uid-b"))
        #expect(bench.problems.isEmpty)
    }

    @Test(arguments: [
        "unready", "draining", "runner-draining", "disrupted", "deleting", "pending", "silent",
        "stranger", "other-session",
    ])
    func `an agent that may not take work gets none`(why: String) {
        var bench = TaskBench()
        bench.pool()
        let now = bench.now
        bench.agent("a", pool: why == "stranger" ? "another" : "qa") { pod in
            switch why {
            case "unready": pod.isReady = false
            case "draining":
                pod.metadata.annotations[SwiftletNames.Annotation.draining] = "now"
            case "disrupted": pod.isDisruptionTarget = true
            case "deleting": pod.metadata.deletionTime = now
            case "pending": pod.phase = .pending
            default: break
            }
        }
        if why != "silent" {
            bench.sync(
                "a", uid: why == "other-session" ? "uid-before" : nil,
                draining: why == "runner-draining")
        }
        bench.create("t")
        bench.settle()
        #expect(leases(bench).isEmpty)
        bench.agent("a")
        bench.sync("a")
        #expect(leases(bench) == ["t on uid-a"])
    }

    @Test func `an agent that falls silent gets nothing more, and gets work again when it calls`() {
        var bench = TaskBench()
        bench.pool()
        bench.agent("a")
        bench.sync("a")
        bench.advance(seconds: 60)
        bench.create("t")
        bench.settle()
        #expect(leases(bench).isEmpty)
        bench.sync("a")
        #expect(leases(bench) == ["t on uid-a"])
    }

    @Test func `a paused pool hands out nothing until it goes on`() throws {
        var bench = TaskBench()
        bench.pool("qa") { $0.paused = true }
        bench.agent("a")
        bench.sync("a")
        bench.create("t")
        bench.advance(seconds: 3)
        #expect(try bench.task("t").status.reason == "PoolPaused")
        bench.sync("a")
        bench.pool("qa")
        bench.settle()
        #expect(leases(bench) == ["t on uid-a"])
    }

    @Test func `a task of notBefore starts at its time`() throws {
        var bench = TaskBench()
        bench.pool("qa") { $0.agent.heartbeatSeconds = 3_600 }
        bench.agent("a")
        bench.sync("a")
        let start = bench.now + .seconds(100)
        bench.create("t", spec: ["notBefore": .string(start.description)])
        bench.advance(seconds: 99)
        #expect(try bench.task("t").status.phase == .scheduled)
        #expect(try bench.task("t").status.reason == "NotBefore")
        bench.advance(seconds: 1)
        #expect(leases(bench) == ["t on uid-a"])
    }

    @Test func `a refused assignment is left alone for a while, and the slot goes to another`() {
        var bench = TaskBench()
        bench.pool("qa")
        bench.create("bad", spec: ["priority": 5])
        bench.create("good")
        bench.fate = { _, key in key.name == "bad" ? .refused : .happens }
        bench.agent("a")
        bench.sync("a")
        #expect(leases(bench) == ["good on uid-a"])
        #expect(bench.problems.isEmpty)
    }

    @Test func `what an agent holds takes its slots, though the cache does not show it yet`() {
        var bench = TaskBench()
        bench.pool("qa", slots: 2)
        bench.agent("a")
        let held = LeaseReport(
            id: LeaseID(taskUID: UID("of-the-leader-before"), attempt: 1), state: .running)
        bench.sync("a", slots: 2, reports: [held])
        bench.create("first", spec: ["priority": 5])
        bench.create("second")
        bench.settle()
        #expect(leases(bench) == ["first on uid-a"])
        // It has stopped.
        bench.sync("a", slots: 2, reports: [bench.report("first", attempt: 1)])
        #expect(leases(bench) == ["first on uid-a", "second on uid-a"])
        #expect(bench.problems.isEmpty)
    }

    @Test func `an assignment with a lost answer keeps its slot until the cache tells`() {
        for fate in [TaskBench.Fate.loses, .vanishes] {
            var bench = TaskBench()
            bench.pool("qa")
            bench.create("first", spec: ["priority": 5])
            bench.create("second")
            var isFirst = true
            bench.fate = { _, _ in
                defer { isFirst = false }
                return isFirst ? fate : .happens
            }
            bench.hearsAtOnce = { _ in false }
            bench.agent("a")
            bench.sync("a")
            for _ in 0..<5 {
                bench.advance(seconds: 2)
                bench.sync("a")
            }
            #expect(leases(bench) == ["first on uid-a"], "\(fate)")
            #expect(bench.problems.isEmpty)
        }
    }

    @Test func `a machine that does not lead decides nothing`() {
        var machine = SchedulerMachine()
        var bench = TaskBench()
        bench.pool()
        bench.agent("a")
        bench.sync("a")
        bench.fate = { _, _ in .vanishes }
        bench.create("t")
        let lead = Leadership(holder: "x", term: 1, validUntil: Instant(nanoseconds: .max))
        let inputs: [MachineInput] = [
            .changed([], in: bench.view), .leadership(lead), .leadership(nil),
        ]
        var made: [Int] = []
        for input in inputs {
            made.append(machine.handle(input, at: bench.moment).filter(\.isApply).count)
        }
        #expect(made == [0, 1, 0])
    }

    @Test func `a machine built anew from the same view decides the same`() {
        var bench = TaskBench()
        bench.pool("qa", slots: 2)
        for index in 0..<20 {
            bench.create("t\(index)", spec: ["priority": .int(index % 3)])
            bench.advance(seconds: 1)
        }
        bench.fate = { _, _ in .vanishes }
        for name in ["a", "b", "c"] {
            bench.agent(name)
            bench.sync(name)
        }
        let lead = Leadership(holder: "x", term: 1, validUntil: Instant(nanoseconds: .max))
        var decisions: [[String]] = []
        for _ in 0..<2 {
            var machine = SchedulerMachine()
            _ = machine.handle(.leadership(lead), at: bench.moment)
            let commands = machine.handle(
                .changed([], in: bench.view), at: bench.moment)
            decisions.append(commands.compactMap(\.assignment))
        }
        #expect(decisions[0] == decisions[1])
        #expect(decisions[0].count == 6)
    }
}

extension MachineCommand {
    fileprivate var isApply: Bool { assignment != nil }

    fileprivate var assignment: String? {
        guard case .apply(let plan, _, let root) = self else { return nil }
        return "\(root.name) on \(plan.status?.desired["agent"]?["uid"]?.string ?? "")"
    }
}
