import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// Agents that are replaced although nothing is wrong with them, and floors that follow a clock.
@Suite struct PoolRecycleTests {
    /// The task ends and is kept, as tasks are until their time is up.
    private func finish(_ task: String, in model: inout PoolModel) {
        model.tasks[task]?.status.phase = .succeeded
    }

    /// Agents come up, and call from then on.
    private func keepUp(_ name: String, in model: inout PoolModel) {
        if model.pods[name]?.isReady == true { model.call(name) } else { model.bringUp(name) }
    }

    @Test func `agents that are too old are replaced a few at a time, and not all at once`() throws
    {
        var model = PoolModel {
            $0.replicas = 4
            $0.agent.recycle.afterSeconds = 3_600
            $0.update.maxUnavailable = .count(1)
            $0.update.maxSurge = .count(0)
        }
        try model.settle()
        let old = Set(model.pods.values.map(\.metadata.uid))
        model.now = model.now + .seconds(3_500)
        for name in model.names { model.call(name) }
        #expect(model.plan().actions.isEmpty, "nobody is old yet")
        model.now = model.now + .seconds(600)
        var least = 4
        for _ in 0..<120 {
            for name in model.names {
                keepUp(name, in: &model)
            }
            try model.apply(model.plan())
            least = min(least, model.pool.status.readyReplicas)
            model.now = model.now + .seconds(5)
            model.sweep()
        }
        #expect(old.isDisjoint(with: model.pods.values.map(\.metadata.uid)))
        #expect(least == 3 && model.live.count == 4)
        #expect(model.pool.status.updatedReplicas == 4)
    }

    @Test func `a busy agent that is too old finishes what it has, however long that takes`() throws
    {
        var model = PoolModel {
            $0.replicas = 1
            $0.agent.recycle.afterSeconds = 60
            $0.update.drainSeconds = 30
        }
        try model.settle()
        let name = try #require(model.names.first)
        let uid = try #require(model.pods[name]?.metadata.uid)
        model.assign("long", to: name)
        for _ in 0..<200 {
            model.now = model.now + .seconds(10)
            for name in model.names {
                keepUp(name, in: &model)
            }
            try model.apply(model.plan())
            model.sweep()
        }
        #expect(model.pods[name]?.metadata.uid == uid && model.pods[name]?.isDraining == true)
        #expect(model.pods.count == 2, "its successor is there already")
        model.finish("long")
        try model.settle()
        #expect(!model.pods.values.contains { $0.metadata.uid == uid })
    }

    @Test func `an agent that has had its number of attempts is replaced`() throws {
        var model = PoolModel {
            $0.replicas = 1
            $0.agent.recycle.afterTasks = 2
        }
        try model.settle()
        let uid = try #require(model.pods.values.first?.metadata.uid)
        for number in 1...2 {
            #expect(model.pods.values.contains { $0.metadata.uid == uid }, "after \(number - 1)")
            model.assign("t\(number)", to: try #require(model.names.first))
            try model.apply(model.plan())
            finish("t\(number)", in: &model)
            try model.settle()
        }
        #expect(!model.pods.values.contains { $0.metadata.uid == uid })
        #expect(model.live.count == 1)
    }

    /// A pool of agents for one attempt each, and the agent that has just been given one.
    private func ephemeral(
        _ agents: Int
    ) throws -> (model: PoolModel, name: String, uid: UID) {
        var model = PoolModel {
            $0.replicas = agents
            $0.agent.recycle.mode = .ephemeral
        }
        try model.settle()
        let name = try #require(model.names.first)
        let uid = try #require(model.pods[name]?.metadata.uid)
        model.assign("one", to: name)
        try model.apply(model.plan())
        return (model, name, uid)
    }

    @Test func `an ephemeral agent has one attempt, and others stand ready meanwhile`() throws {
        var (model, name, uid) = try ephemeral(3)
        #expect(model.pods[name]?.isDraining == true, "it gets no second one")
        try model.settle(20)
        #expect(model.pods[name]?.metadata.uid == uid, "it is not ended while it works")
        #expect(model.live.count == 3)
        finish("one", in: &model)
        try model.settle()
        #expect(!model.pods.values.contains { $0.metadata.uid == uid })
        #expect(model.live.count == 3 && model.live.allSatisfy { !$0.isDraining })
        #expect(model.pool.status.idleAgents == 3)
    }

    @Test func `the scheduler gives an ephemeral agent nothing after its attempt`() throws {
        var bench = TaskBench()
        bench.pool("qa") { $0.agent.recycle.mode = .ephemeral }
        bench.agent("a")
        bench.sync("a")
        bench.create("first")
        bench.settle()
        #expect(bench.phase("first") == .running)
        bench.create("second")
        bench.sync("a", reports: [bench.report("first", attempt: 1, .init(.exited(0)))])
        #expect(bench.phase("first") == .succeeded)
        bench.sync("a")
        #expect(bench.phase("second") != .running)
        bench.restart()
        bench.sync("a")
        #expect(bench.phase("second") != .running, "a new process knows it too")
        bench.agent("b")
        bench.sync("b")
        #expect(bench.phase("second") == .running)
    }

    @Test func `an agent for one attempt is not given another when its task is deleted`() throws {
        var bench = TaskBench()
        bench.pool("qa") { $0.agent.recycle.mode = .ephemeral }
        bench.agent("a")
        bench.sync("a")
        bench.create("first")
        bench.settle()
        #expect(bench.phase("first") == .running)
        bench.delete("first")
        bench.sync("a")
        bench.create("second")
        bench.settle()
        bench.advance(seconds: 3)
        #expect(bench.phase("second") != .running)
    }

    @Test func `an agent for one attempt keeps its mark when its task is deleted`() throws {
        var (model, name, uid) = try ephemeral(1)
        #expect(model.pods[name]?.isDraining == true)
        model.tasks["one"] = nil
        model.call(name)
        try model.settle()
        #expect(!model.pods.values.contains { $0.metadata.uid == uid })
        #expect(model.live.count == 1)
    }

    @Test func `a busy agent for one attempt does not make agents come and go`() throws {
        var model = PoolModel {
            $0.replicas = 1
            $0.update.maxSurge = .count(1)
            $0.agent.recycle.mode = .ephemeral
        }
        try model.settle()
        let name = try #require(model.names.first)
        model.assign("one", to: name)
        try model.settle(2)
        model.pool.spec.template[path: ["metadata", "labels", "v"]] = "2"
        model.pool.metadata.generation += 1
        let before = model.notes.count { $0.reason == "AgentCreated" }
        try model.settle(20)
        let created = model.notes.count { $0.reason == "AgentCreated" } - before
        #expect(created <= 1)
    }

    // MARK: - Floors

    @Test(arguments: [
        // seconds after 2027-01-15T08:00Z, a Friday → agents
        (-1, 1), (0, 6), (3_599, 6), (3_600, 1), (3 * 86_400, 6), (86_400, 1),
    ])
    func `a floor holds from its time on for as long as it says`(offset: Int, agents: Int) throws {
        let friday = try #require(Timestamp("2027-01-15T08:00:00Z"))
        var model = PoolModel {
            $0.autoscaling.enabled = true
            $0.autoscaling.minReplicas = 1
            $0.autoscaling.maxReplicas = 10
            $0.autoscaling.scaleDownStabilizationSeconds = 0
            $0.autoscaling.floors = [
                .init(
                    cron: "0 8 * * MON-FRI", timeZone: "UTC", durationSeconds: 3_600,
                    minReplicas: 6)
            ]
            $0.replicas = 1
        }
        model.now = friday + .seconds(offset)
        model.startedAt = model.now
        model.pool.status.autoscaling = .init(observedReplicas: 1, reason: "ReplicasChanged")
        model.pool.status.desiredReplicas = 1
        let plan = model.plan()
        try model.writeStatus(plan)
        #expect(model.pool.status.desiredReplicas == agents)
        if agents == 6 {
            #expect(model.pool.status.autoscaling?.reason == "Floor")
            #expect(plan.notes.contains { $0.message.contains("a schedule keeps 6 agents") })
        }
        #expect(plan.wake.map { $0 <= model.now + .seconds(30) } == true)
    }

    @Test func `a floor in a zone that is not known does not hold, and says so`() throws {
        var model = PoolModel {
            $0.autoscaling.enabled = true
            $0.autoscaling.floors = [
                .init(
                    cron: "* * * * *", timeZone: "Mars/Olympus", durationSeconds: 60,
                    minReplicas: 9)
            ]
        }
        try model.apply(model.plan())
        #expect(model.pool.status.desiredReplicas == 3)
        #expect(model.pool.status.conditions["ScalingLimited"]?.reason == "TimeZoneUnknown")
    }

    @Test func `a paused pool keeps its size and says so`() throws {
        var model = PoolModel {
            $0.autoscaling.enabled = true
            $0.paused = true
        }
        try model.settle()
        for index in 0..<50 { model.add("t\(index)") }
        try model.apply(model.plan())
        #expect(model.pool.status.desiredReplicas == 3)
        #expect(model.pool.status.conditions["ScalingLimited"]?.reason == "Paused")
    }
}
