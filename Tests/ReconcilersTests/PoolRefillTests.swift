import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// How agents come back that were lost in numbers.
@Suite struct PoolRefillTests {
    private static func settled(
        _ agents: Int, _ change: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) throws -> PoolModel {
        var model = PoolModel {
            $0.replicas = agents
            change(&$0)
        }
        try model.settle()
        return model
    }

    /// Lets time pass in small steps; how many agents each plan made, and when.
    private static func refill(
        _ model: inout PoolModel, seconds: Int
    ) throws -> [(at: Duration, count: Int)] {
        let start = model.now
        var batches: [(at: Duration, count: Int)] = []
        for _ in 0..<(seconds * 10) {
            let plan = model.plan()
            let made = model.creates(plan).count
            if made > 0 { batches.append((model.now - start, made)) }
            try model.apply(plan)
            for name in model.names where model.pods[name]?.isReady == true { model.call(name) }
            model.now = model.now + .milliseconds(100)
            model.sweep()
        }
        return batches
    }

    @Test func `a pool that grows gets its agents at once, in steps of 1, 2, 4`() throws {
        let model = PoolModel { $0.replicas = 20 }
        let steps = model.plan().steps.map { step in
            step.count { if case .create(_, .pod) = $0 { true } else { false } }
        }
        #expect(steps.filter { $0 > 0 } == [1, 2, 4, 8, 5])
    }

    @Test func `agents lost in numbers come back in growing batches, with pauses between`() throws {
        var model = try Self.settled(20)
        for name in model.names { model.end(name) }
        let batches = try Self.refill(&model, seconds: 40)
        #expect(batches.map(\.count).reduce(0, +) == 20)
        #expect(batches.map(\.count) == [1, 1, 2, 4, 8, 4], "\(batches)")
        for (before, after) in zip(batches, batches.dropFirst()) {
            let pause = after.at - before.at
            #expect(pause >= .milliseconds(100) && pause <= .milliseconds(2_100), "\(batches)")
        }
        #expect(model.live.count == 20)
    }

    @Test func `pools that lost their agents together do not come back in step`() throws {
        var times: Set<Duration> = []
        for number in 0..<8 {
            var model = try Self.settled(20)
            // Each pool's agents have UIDs of their own.
            for _ in 0..<number {
                model.end(model.names[0])
                try model.apply(model.plan())
            }
            for name in model.names { model.end(name) }
            let batches = try Self.refill(&model, seconds: 40)
            if let last = batches.last { times.insert(last.at) }
        }
        #expect(times.count >= 3, "\(times)")
    }

    @Test func `one or two that are lost come back at once`() throws {
        var model = try Self.settled(5)
        for name in model.names.prefix(2) { model.end(name) }
        #expect(model.creates(model.plan()).count == 2)
    }

    @Test func `spares of an ephemeral pool are never slowed down`() throws {
        var model = try Self.settled(6) { $0.agent.recycle.mode = .ephemeral }
        for name in model.names { model.end(name) }
        #expect(model.creates(model.plan()).count == 6)
    }

    @Test func `what ends agents at their start ends few of them`() throws {
        var model = try Self.settled(20) { $0.agent.restartBudget.restarts = 5 }
        for name in model.names { model.pods[name]?.phase = .failed }
        var made = 0
        for _ in 0..<300 {
            let plan = model.plan()
            made += model.creates(plan).count
            try model.apply(plan)
            for name in model.names where model.pods[name]?.phase != .failed {
                model.pods[name]?.node = "n"
                model.pods[name]?.phase = .failed
            }
            model.now = model.now + .milliseconds(200)
            model.sweep()
        }
        #expect(made <= 8, "\(made) agents were made for nothing in a minute")
    }
}
