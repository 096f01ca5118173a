import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@Suite struct PoolAutoscalerTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private static func spec(
        _ change: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) -> BackgroundAgentPoolSpec {
        var spec = BackgroundAgentPoolSpec(template: [:])
        change(&spec)
        return spec
    }

    private static func memory(_ replicas: Int) -> BackgroundAgentPoolStatus.Autoscaling {
        .init(observedReplicas: replicas, reason: "ReplicasChanged")
    }

    @Test(arguments: [
        // replicas, min, max → desired
        (5, 2, 20, 5), (30, 2, 20, 20), (0, 2, 20, 2), (0, 0, 20, 0),
    ])
    func `a changed spec.replicas counts at once, inside the bounds`(
        replicas: Int, low: Int, high: Int, desired: Int
    ) {
        let spec = Self.spec {
            $0.replicas = replicas
            $0.autoscaling.minReplicas = low
            $0.autoscaling.maxReplicas = high
        }
        let decision = Autoscaler.decide(
            spec, current: 7, memory: Self.memory(9),
            reading: .init(queued: 100, running: 0, queuedSeconds: 6_000), at: Self.start)
        #expect(decision.desired == desired)
        #expect((decision.limit != nil) == (replicas != desired))
        #expect(decision.memory.observedReplicas == replicas)
    }

    @Test(arguments: [
        // queued, running, seconds of backlog, slots, minIdle → agents
        (0, 0, 0, 1, 0, 2), (10, 0, 600, 1, 0, 13), (10, 0, 60, 1, 0, 2),
        (100, 20, 6_000, 1, 0, 20),
        (6, 6, 360, 3, 0, 5), (0, 4, 0, 1, 3, 7), (3, 0, 100_000, 1, 0, 4),
    ])
    func `the size follows the backlog, the utilisation and the agents that stay free`(
        queued: Int, running: Int, seconds: Int, slots: Int, idle: Int, agents: Int
    ) {
        let spec = Self.spec {
            $0.replicas = 2
            $0.slotsPerAgent = slots
            $0.autoscaling.minIdle = idle
        }
        let decision = Autoscaler.decide(
            spec, current: 2, memory: Self.memory(2),
            reading: .init(queued: queued, running: running, queuedSeconds: seconds),
            at: Self.start)
        #expect(decision.desired == agents)
    }

    @Test func `fewer agents must have been enough for a while, and then the most needed stay`() {
        let spec = Self.spec { $0.replicas = 10 }
        func decide(
            _ running: Int, _ memory: BackgroundAgentPoolStatus.Autoscaling, _ seconds: Int
        ) -> Autoscaler.Decision {
            Autoscaler.decide(
                spec, current: 10, memory: memory,
                reading: .init(queued: 0, running: running, queuedSeconds: 0),
                at: Self.start + .seconds(seconds))
        }
        var decision = decide(0, Self.memory(10), 0)
        #expect(decision.desired == 10 && decision.wake == Self.start + .seconds(300))
        decision = decide(4, decision.memory, 100)
        #expect(decision.desired == 10 && decision.memory.belowPeak == 5)
        decision = decide(0, decision.memory, 299)
        #expect(decision.desired == 10)
        decision = decide(0, decision.memory, 300)
        #expect(decision.desired == 5 && decision.memory.reason == "LowLoad")
        #expect(decision.memory.belowPeak == 2)
        let busy = decide(9, decide(0, Self.memory(10), 0).memory, 10)
        #expect(busy.desired == 12 && busy.memory.belowSince == nil)
    }

    @Test func `without a reading that can be trusted the size stays`() {
        let spec = Self.spec { $0.replicas = 4 }
        let decision = Autoscaler.decide(
            spec, current: 9, memory: Self.memory(4), reading: nil, at: Self.start)
        #expect(decision.desired == 9)
    }

    @Test func `while tasks cannot be followed a pool neither grows nor shrinks, and says so`()
        throws
    {
        var model = PoolModel {
            $0.replicas = 3
            $0.autoscaling.enabled = true
            $0.autoscaling.scaleDownStabilizationSeconds = 0
        }
        for number in 0..<8 { model.add("t\(number)") }
        try model.settle()
        #expect(model.pool.status.desiredReplicas == 10)
        // What the cache shows of the queue is from a moment in which it was empty.
        model.areTasksStale = true
        for name in model.tasks.keys.sorted() { model.finish(name) }
        for _ in 0..<10 {
            model.now = model.now + .seconds(60)
            for name in model.names { model.call(name) }
            try model.apply(model.plan())
        }
        #expect(model.pool.status.desiredReplicas == 10)
        let limited = model.pool.status.conditions["ScalingLimited"]
        #expect(limited?.status == .yes && limited?.reason == "LoadStale")
        model.areTasksStale = false
        try model.settle()
        #expect(model.pool.status.desiredReplicas == 2)
        #expect(model.pool.status.conditions["ScalingLimited"]?.reason == "WithinBounds")
    }

    @Test func `a changed spec.replicas moves the pool also while the load is not known`() {
        let spec = Self.spec { $0.replicas = 7 }
        let decision = Autoscaler.decide(
            spec, current: 3, memory: Self.memory(3), reading: nil, at: Self.start)
        #expect(decision.desired == 7)
    }

    @Test func `between two steps down, and after a step up, the stabilisation passes anew`() {
        let spec = Self.spec {
            $0.replicas = 4
            $0.autoscaling.scaleDownStabilizationSeconds = 300
        }
        var memory = Self.memory(4)
        var current = 4
        var steps: [(at: Int64, size: Int)] = []
        // The load flaps between much and nothing every minute, then is gone.
        for second in stride(from: Int64(0), to: 3_600, by: 10) {
            let isBusy = second < 1_800 && second / 60 % 2 == 0
            let decision = Autoscaler.decide(
                spec, current: current, memory: memory,
                reading: .init(
                    queued: isBusy ? 12 : 0, running: 0, queuedSeconds: isBusy ? 720 : 0),
                at: Self.start + .seconds(second))
            if decision.desired != current { steps.append((second, decision.desired)) }
            (current, memory) = (decision.desired, decision.memory)
        }
        #expect(steps.first?.size == 15 && current == 2, "\(steps)")
        for (before, after) in zip(steps, steps.dropFirst()) where after.size < before.size {
            #expect(after.at - before.at >= 300, "\(steps)")
        }
        #expect(steps.count <= 3, "\(steps)")
    }

    @Test func `without autoscaling spec.replicas alone counts`() {
        let spec = Self.spec {
            $0.replicas = 50
            $0.autoscaling.enabled = false
        }
        let decision = Autoscaler.decide(
            spec, current: 3, memory: nil,
            reading: .init(queued: 900, running: 0, queuedSeconds: 9_000), at: Self.start)
        #expect(decision.desired == 50 && decision.limit == nil)
    }

    @Test func `no reading makes it overflow or leave its bounds`() {
        let spec = Self.spec { $0.slotsPerAgent = 1 }
        for extreme in [Int.min, -1, 0, 1, Int.max] {
            let decision = Autoscaler.decide(
                spec, current: extreme, memory: Self.memory(5),
                reading: .init(queued: extreme, running: 0, queuedSeconds: extreme),
                at: Self.start)
            #expect((2...20).contains(decision.desired))
        }
    }
}
