import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@Suite struct PoolEndTests {
    @Test func `an emergency stop kills every agent without grace, also busy and leaving ones`()
        throws
    {
        var model = PoolModel()
        try model.settle()
        model.assign("t", to: try #require(model.names.first))
        model.pods[model.names[1]]?.metadata.deletionTime = model.now + .seconds(60)
        model.pool.spec.emergencyStop = true
        let plan = model.plan()
        let ends = plan.actions.compactMap { action -> Int? in
            if case .delete(_, let grace) = action { grace } else { nil }
        }
        #expect(ends == [0, 0, 0])
        try model.apply(plan)
        try model.settle()
        #expect(model.names.isEmpty)
        #expect(model.pool.status.conditions["Ready"]?.reason == "EmergencyStop")
        #expect(model.pool.status.desiredReplicas == 0)
        model.pool.spec.emergencyStop = false
        try model.settle()
        #expect(model.live.count == 3)
    }

    @Test func `a pool that is deleted lets busy agents finish and then goes`() throws {
        var model = PoolModel()
        try model.settle()
        let busy = try #require(model.names.first)
        model.assign("t", to: busy)
        model.pool.metadata.deletionTime = model.now
        for _ in 0..<10 {
            try model.apply(model.plan())
            model.now = model.now + .seconds(5)
            model.call(busy)
            model.sweep()
        }
        #expect(!model.isGone)
        #expect(model.live.map(\.metadata.name) == [busy])
        model.finish("t")
        try model.apply(model.plan())
        #expect(model.isGone)
    }

    @Test func `a pool that is deleted waits no longer than its drain limit`() throws {
        var model = PoolModel { $0.update.drainSeconds = 100 }
        try model.settle()
        let busy = try #require(model.names.first)
        model.assign("t", to: busy)
        model.pool.metadata.deletionTime = model.now
        let deadline = model.now + .seconds(100)
        while model.now < deadline {
            #expect(!model.isGone)
            model.call(busy)
            try model.apply(model.plan())
            model.now = model.now + .seconds(10)
        }
        try model.apply(model.plan())
        #expect(model.isGone)
    }

    @Test func `a pool without our finalizer that is being deleted is left alone`() {
        var model = PoolModel()
        model.pool.metadata.deletionTime = model.now
        #expect(model.plan() == .idle)
    }

    @Test func `a spec that cannot be followed is said to be so, and nothing is done`() throws {
        var model = PoolModel {
            $0.autoscaling.floors = [
                .init(cron: "61 * * * *", timeZone: "UTC", durationSeconds: 60, minReplicas: 1)
            ]
        }
        let plan = model.plan()
        #expect(plan.actions.isEmpty)
        try model.apply(plan)
        let ready = try #require(model.pool.status.conditions["Ready"])
        #expect(ready.reason == "InvalidSpec")
        #expect(ready.message.contains("spec.autoscaling.floors[0].cron"))
    }

    @Test func `the namespace's tenant counts, and a pool may only agree with it`() throws {
        var model = PoolModel { $0.tenant = "blue" }
        model.namespaceLabels = [SwiftletNames.Label.tenant: "red"]
        #expect(model.plan().actions.isEmpty)
        try model.apply(model.plan())
        #expect(model.pool.status.conditions["Ready"]?.message.contains("spec.tenant") == true)
        model.pool.spec.tenant = nil
        try model.settle()
        #expect(model.live.allSatisfy { $0.metadata.labels[SwiftletNames.Label.tenant] == "red" })
        #expect(model.pool.status.tenant == "red")
    }

    @Test func `a changed template replaces idle agents first and never too many at once`() throws {
        var model = PoolModel { $0.replicas = 4 }
        try model.settle()
        let busy = try #require(model.names.first)
        model.assign("t", to: busy)
        let old = Set(model.live.map(\.metadata.uid))
        model.pool.spec.template = [
            "spec": ["containers": [["name": "agent", "image": "qa:2"]]]
        ]
        model.pool.metadata.generation = 2
        for _ in 0..<60 {
            try model.apply(model.plan())
            for name in model.names { model.bringUp(name) }
            let running = model.pods.values.count { !$0.phase.isTerminal }
            #expect(running <= 5)
            #expect(model.live.count { $0.isAvailable && !$0.isDraining } >= 3)
            model.now = model.now + .seconds(5)
            model.sweep()
        }
        #expect(model.pods[busy] != nil)
        #expect(model.live.count { old.contains($0.metadata.uid) } == 1)
        #expect(model.pool.status.conditions["Progressing"]?.reason == "Updating")
        model.finish("t")
        try model.settle()
        #expect(model.live.allSatisfy { !old.contains($0.metadata.uid) })
        #expect(model.pool.status.updatedReplicas == 4)
    }

    @Test func `an update ends a busy agent only after its drain limit`() throws {
        var model = PoolModel {
            $0.replicas = 1
            $0.update.drainSeconds = 120
            $0.update.maxUnavailable = .count(1)
        }
        try model.settle()
        let busy = try #require(model.names.first)
        model.assign("t", to: busy)
        model.pool.spec.template = [
            "spec": ["containers": [["name": "agent", "image": "qa:2"]]]
        ]
        try model.apply(model.plan())
        let since = try #require(model.pods[busy]?.drainingSince)
        model.now = since + .seconds(119)
        model.call(busy)
        #expect(!model.deletes(model.plan()).contains(busy))
        model.now = since + .seconds(120)
        #expect(model.deletes(model.plan()).contains(busy))
    }
}
