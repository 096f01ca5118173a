import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// How a changed template reaches the agents, and what people are told of it.
@Suite struct PoolRolloutTests {
    private static func template(_ image: String) -> JSONValue {
        ["spec": ["containers": [["name": "agent", "image": .string(image)]]]]
    }

    private func change(_ model: inout PoolModel, to image: String) {
        model.pool.spec.template = Self.template(image)
        model.pool.metadata.generation += 1
    }

    private func step(_ model: inout PoolModel) throws {
        try model.apply(model.plan())
        for name in model.names {
            if model.pods[name]?.isReady == true { model.call(name) } else { model.bringUp(name) }
        }
        model.now = model.now + .seconds(5)
        model.sweep()
    }

    @Test func `an update ends with every agent of the template, and says so once`() throws {
        var model = PoolModel { $0.replicas = 3 }
        try model.settle()
        change(&model, to: "qa:2")
        try model.apply(model.plan())
        #expect(model.pool.status.rollout?.outdated == 3)
        try model.settle()
        #expect(model.pool.status.rollout == nil && model.pool.status.updatedReplicas == 3)
        #expect(model.notes.count { $0.reason == "UpdateComplete" } == 1)
        #expect(!model.notes.contains { $0.reason == "ProgressDeadlineExceeded" })
    }

    @Test func `the deadline counts from the last progress, and an update may still end after it`()
        throws
    {
        var model = PoolModel {
            $0.replicas = 3
            $0.update.maxUnavailable = .count(3)
            $0.update.progressDeadlineSeconds = 100
            $0.update.drainSeconds = 100_000
        }
        try model.settle()
        let busy = try #require(model.names.last)
        model.assign("long", to: busy)
        change(&model, to: "qa:2")
        let start = model.now
        while model.now < start + .seconds(100) { try step(&model) }
        #expect(model.pool.status.rollout?.outdated == 1)
        #expect(model.pool.status.conditions["Progressing"]?.reason == "Updating")
        while model.now < start + .seconds(200) { try step(&model) }
        let stuck = try #require(model.pool.status.conditions["Progressing"])
        #expect(stuck.reason == "ProgressDeadlineExceeded" && stuck.status == .no)
        #expect(model.notes.count { $0.reason == "ProgressDeadlineExceeded" } == 1)
        model.finish("long")
        try model.settle()
        #expect(model.pool.status.conditions["Progressing"]?.reason == "Settled")
        #expect(model.notes.contains { $0.reason == "UpdateComplete" })
    }

    @Test func `a rollback keeps every agent that matches the old template again`() throws {
        var model = PoolModel {
            $0.replicas = 4
            $0.update.maxUnavailable = .count(1)
            $0.update.maxSurge = .count(1)
        }
        change(&model, to: "qa:1")
        try model.settle()
        let old = Set(model.pods.values.map(\.metadata.uid))
        change(&model, to: "qa:2")
        for _ in 0..<2 { try step(&model) }
        let kept = old.intersection(model.pods.values.map(\.metadata.uid))
        #expect(!kept.isEmpty)
        change(&model, to: "qa:1")
        try model.settle()
        let now = Set(model.live.map(\.metadata.uid))
        let survivors = kept.intersection(now)
        #expect(survivors.count >= 3, "\(survivors.count) of \(kept.count) were kept")
        #expect(model.live.count == 4 && model.pool.status.updatedReplicas == 4)
        #expect(model.live.allSatisfy { !$0.isDraining })
    }
}
