import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@Suite struct PoolReconcilerTests {
    @Test func `a new pool gets finalizer, CA, bounds, and agents in growing steps`() throws {
        var model = PoolModel { $0.replicas = 7 }
        let plan = model.plan()
        #expect(plan.steps.map(\.count) == [1, 1, 3, 1, 2, 4])
        guard case .patch(let target, _, _, let version) = try #require(plan.actions.first) else {
            Issue.record("the finalizer comes first")
            return
        }
        #expect(target.type == .backgroundAgentPool && version == ResourceVersion("1"))
        #expect(Set(model.creates(plan)).count == 7)
        try model.apply(plan)
        #expect(model.pool.metadata.finalizers == [SwiftletNames.Finalizer.pool])
        #expect(model.authority?.certificates == "PEM")
        #expect(model.pool.status.conditions["Ready"]?.reason == "WaitingForAgents")
        try model.settle()
        #expect(model.pool.status.readyReplicas == 7)
        #expect(model.pool.status.idleAgents == 7)
        #expect(model.pool.status.updatedReplicas == 7)
        #expect(model.pool.status.conditions.holds("Ready"))
        #expect(model.pool.status.conditions["Progressing"]?.reason == "Settled")
        #expect(model.notes.contains { $0.reason == "AgentCreated" })
    }

    @Test func `the first status says every count, also those that are zero`() {
        let model = PoolModel()
        let written = model.plan().status?.difference
        #expect(written?["queue"]?["queued"]?.integer == 0)
        #expect(written?["busyAgents"]?.integer == 0)
        #expect(written?["totals"]?["succeeded"]?.integer == 0)
    }

    @Test func `at rest nothing is written, however often agents call`() throws {
        var model = PoolModel()
        try model.settle()
        let writes = model.statusWrites
        for _ in 0..<200 {
            model.now = model.now + .seconds(10)
            for name in model.names { model.call(name) }
            let plan = model.plan()
            #expect(plan.isIdle)
            #expect(plan.wake.map { $0 > model.now } == true)
        }
        #expect(model.statusWrites == writes)
    }

    @Test func `an agent that is lost is replaced under a free index`() throws {
        var model = PoolModel()
        try model.settle()
        let lost = try #require(model.names.first)
        model.end(lost)
        let plan = model.plan()
        #expect(model.creates(plan) == [lost])
        try model.settle()
        #expect(model.live.count == 3)
    }

    @Test(arguments: [
        ("Evicted", false), ("OOMKilled", true), ("", true),
    ])
    func `a pod that has ended is replaced and counted only where it is to blame`(
        reason: String, isFault: Bool
    ) throws {
        var model = PoolModel()
        try model.settle()
        let name = try #require(model.names.first)
        model.pods[name]?.phase = .failed
        model.pods[name]?.reason = reason.isEmpty ? nil : reason
        let plan = model.plan()
        #expect(model.deletes(plan) == [name])
        #expect(model.creates(plan).count == 1)
        try model.apply(plan)
        #expect(model.pool.status.restarts.times.count == (isFault ? 1 : 0))
        #expect(model.notes.last { $0.reason == "AgentReplaced" } != nil)
    }

    @Test func `a foreign pod is neither touched nor counted, and its name is passed over`() throws
    {
        var model = PoolModel { $0.replicas = 2 }
        let taken = AgentPodTemplate.name(of: model.pool, index: 0)
        var foreign = PodView(
            metadata: ObjectMeta(
                name: taken, namespace: "team", uid: UID("foreign"),
                labels: [SwiftletNames.Label.pool: "qa"],
                owners: [
                    OwnerReference(
                        apiVersion: "swiftlet.dev/v1alpha1", kind: "BackgroundAgentPool",
                        name: "qa", uid: UID("another-pool"))
                ]), phase: .running, node: "n")
        foreign.isReady = true
        model.pods[taken] = foreign
        try model.settle()
        #expect(model.pods[taken] == foreign)
        #expect(model.live.count == 3)
        #expect(model.pool.status.replicas == 2)
        model.pool.spec.replicas = 0
        try model.settle()
        #expect(model.names == [taken])
    }

    @Test func `scaling down ends idle agents and only marks busy ones`() throws {
        var model = PoolModel { $0.replicas = 4 }
        try model.settle()
        for (index, name) in model.names.prefix(3).enumerated() {
            model.assign("task-\(index)", to: name)
        }
        let idle = try #require(model.names.last)
        model.pool.spec.replicas = 2
        let first = model.plan()
        #expect(model.deletes(first).isEmpty)
        try model.apply(first)
        #expect(model.pods[idle]?.isDraining == true)
        #expect(model.live.count { $0.isDraining } == 2)
        try model.settle(20)
        #expect(model.live.count == 3)
        #expect(model.pods[idle] == nil)
        let marked = try #require(model.live.first { $0.isDraining }?.metadata.name)
        let held = try #require(
            model.tasks.values.first { $0.status.agent?.name == marked }?.metadata.name)
        model.finish(held)
        try model.settle()
        #expect(model.live.count == 2)
        #expect(model.pods[marked] == nil)
    }

    @Test func `an agent that is wanted after all loses its mark instead of being replaced`() throws
    {
        var model = PoolModel { $0.replicas = 2 }
        try model.settle()
        for (index, name) in model.names.enumerated() { model.assign("t\(index)", to: name) }
        model.pool.spec.replicas = 1
        try model.apply(model.plan())
        #expect(model.live.count { $0.isDraining } == 1)
        model.pool.spec.replicas = 2
        let plan = model.plan()
        #expect(model.creates(plan).isEmpty)
        try model.apply(plan)
        #expect(model.live.count { $0.isDraining } == 0)
        #expect(model.live.count == 2)
    }

    @Test func `an agent that stays silent for too long is replaced, and not before`() throws {
        var model = PoolModel { $0.agent.timeoutSeconds = 60 }
        try model.settle()
        let silent = try #require(model.names.first)
        let last = try #require(model.sessions[silent]?.lastSync)
        model.now = last + .seconds(59)
        for name in model.names where name != silent { model.call(name) }
        #expect(model.deletes(model.plan()).isEmpty)
        model.now = last + .seconds(60)
        let plan = model.plan()
        #expect(model.deletes(plan) == [silent])
        try model.apply(plan)
        #expect(model.pool.status.agents.first { $0.name == silent }?.state == .unhealthy)
    }

    @Test func `a restarted operator gives agents their time to call again`() throws {
        var model = PoolModel { $0.agent.timeoutSeconds = 60 }
        try model.settle()
        model.assign("t", to: try #require(model.names.first))
        try model.settle()
        model.sessions = [:]
        model.now = model.now + .seconds(3_600)
        model.startedAt = model.now
        let plan = model.plan()
        #expect(plan.actions.isEmpty)
        #expect(plan.status?.desired["readyReplicas"] == 3)
        model.now = model.now + .seconds(61)
        #expect(model.deletes(model.plan()).count == 3)
    }

    @Test func `an agent that no node takes is kept`() throws {
        var model = PoolModel { $0.replicas = 1 }
        try model.apply(model.plan())
        let name = try #require(model.names.first)
        model.pods[name]?.unschedulableMessage = "0/1 nodes are available"
        model.now = model.now + .seconds(3_600)
        let plan = model.plan()
        #expect(plan.actions.isEmpty)
        try model.apply(plan)
        #expect(model.pool.status.agents.first?.health == "Unschedulable")
        #expect(
            model.pool.status.conditions["Ready"]?.message.contains("0/1 nodes") == true)
    }

    @Test func `when agents keep failing to start the budget ends and one at a time is tried`()
        throws
    {
        var model = PoolModel {
            $0.replicas = 3
            $0.agent.restartBudget.restarts = 4
            $0.agent.restartBudget.windowSeconds = 4_000
        }
        var created = 0
        for _ in 0..<400 {
            let plan = model.plan()
            created += model.creates(plan).count
            try model.apply(plan)
            for name in model.names {
                model.pods[name]?.node = "n"
                model.pods[name]?.containers = [
                    PodContainerView(
                        name: "agent", state: .waiting(reason: "ImagePullBackOff", message: ""))
                ]
            }
            model.now = model.now + .seconds(10)
            model.sweep()
        }
        let degraded = try #require(model.pool.status.conditions["Degraded"])
        #expect(degraded.reason == "RestartBudgetExhausted")
        #expect(degraded.message.contains("ImagePullBackOff"))
        // 3 at first, 4 from the budget, then at most one for each quarter of the window.
        #expect((7...12).contains(created))
        #expect(model.notes.count { $0.reason == "RestartBudgetExhausted" } == 1)
        for _ in 0..<300 {
            try model.apply(model.plan())
            for name in model.names {
                model.pods[name]?.containers = []
                model.bringUp(name)
            }
            model.now = model.now + .seconds(10)
            model.sweep()
        }
        #expect(model.pool.status.conditions["Degraded"]?.reason == "AsExpected")
        #expect(model.pool.status.readyReplicas == 3)
    }

    @Test func `a refusal for lack of quota is shown, and the pool goes on when there is room`()
        throws
    {
        var model = PoolModel()
        model.refusesCreates = true
        #expect(try model.apply(model.plan()) == false)
        try model.writeStatus(model.plan())
        #expect(model.pool.status.conditions["QuotaExceeded"]?.status == .yes)
        #expect(model.pool.status.conditions["Degraded"]?.status == .no)
        #expect(try model.apply(model.plan()) == false)
        #expect(model.pool.status.conditions["QuotaExceeded"]?.status == .yes)
        model.refusesCreates = false
        try model.settle()
        #expect(model.pool.status.conditions["QuotaExceeded"]?.status == .no)
        #expect(model.live.count == 3)
    }

    @Test func `names that hidden pods hold are got past, however many there are`() throws {
        var model = PoolModel()
        model.hiddenNames = Set(
            [0, 1, 2, 4, 7].map { AgentPodTemplate.name(of: model.pool, index: $0) })
        try model.settle()
        #expect(model.live.count == 3)
        #expect(model.pool.status.conditions["Degraded"]?.status == .no)
    }

    @Test func `with autoscaling the pool follows its backlog up and down and then rests`() throws {
        var model = PoolModel {
            $0.autoscaling.enabled = true
            $0.autoscaling.maxReplicas = 6
            $0.replicas = 3
        }
        try model.settle(4)
        for index in 0..<40 { model.add("t\(index)") }
        try model.settle(6)
        #expect(model.pool.status.desiredReplicas == 6)
        #expect(model.pool.status.conditions["ScalingLimited"]?.reason == "AboveMaximum")
        #expect(model.pool.status.queue.queued == 40)
        #expect(model.notes.contains { $0.reason == "ScaledUp" })
        model.tasks = [:]
        for _ in 0..<80 {
            try model.apply(model.plan())
            for name in model.names { model.call(name) }
            model.now = model.now + .seconds(5)
            model.sweep()
        }
        #expect(model.live.count == 2)
        #expect(model.pool.status.desiredReplicas == 2)
        #expect(model.notes.contains { $0.reason == "ScaledDown" })
        for _ in 0..<100 {
            model.now = model.now + .seconds(10)
            for name in model.names { model.call(name) }
            #expect(model.plan().isIdle)
        }
    }

    @Test func `counts that move with every task are written at most every two seconds`() throws {
        var model = PoolModel()
        try model.settle()
        model.now = model.now + .seconds(10)
        let writes = model.statusWrites
        for index in 0..<100 {
            model.add("t\(index)")
            try model.apply(model.plan())
            model.now = model.now + .milliseconds(100)
        }
        #expect((4...6).contains(model.statusWrites - writes))
        model.now = model.now + .seconds(2)
        try model.apply(model.plan())
        #expect(model.pool.status.queue.queued == 100)
    }
}
