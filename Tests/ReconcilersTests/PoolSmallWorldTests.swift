import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// Pools of at most three agents, each in every state that an agent can be in: one plan keeps the
/// bounds, and from there on plans lead to where the pool should be.
@Suite struct PoolSmallWorldTests {
    /// What an agent can be at.
    private enum State: CaseIterable {
        case starting
        case idle
        case idleOutdated
        case busy
        case busyOutdated
        case marked
        case markedBusy
        case terminating
        case failed
        case unschedulable
    }

    private struct World: CustomStringConvertible {
        var wanted: Int
        var surge: Int
        var unavailable: Int
        var states: [State]

        var description: String {
            let states = states.map { "\($0)" }
            return "wanted \(wanted), surge \(surge), unavailable \(unavailable), \(states)"
        }
    }

    /// Every way to choose `count` states, their order apart.
    private static func choices(_ count: Int, from first: Int = 0) -> [[State]] {
        guard count > 0 else { return [[]] }
        let all = State.allCases
        return (first..<all.count).flatMap { index in
            choices(count - 1, from: index).map { [all[index]] + $0 }
        }
    }

    private static func worlds(agents: ClosedRange<Int>, wanted: ClosedRange<Int>) -> [World] {
        var worlds: [World] = []
        for count in agents {
            for states in choices(count) {
                for wanted in wanted {
                    for (surge, unavailable) in [(0, 1), (1, 0), (1, 1)] {
                        worlds.append(
                            World(
                                wanted: wanted, surge: surge, unavailable: unavailable,
                                states: states))
                    }
                }
            }
        }
        return worlds
    }

    /// A pool in this world: its agents are made by the planner itself, and then put where they
    /// are.
    private static func model(of world: World) throws -> PoolModel {
        var model = PoolModel {
            $0.replicas = world.states.count
            $0.update.maxSurge = .count(world.surge)
            $0.update.maxUnavailable = .count(world.unavailable)
            $0.update.drainSeconds = 300
        }
        try model.apply(model.plan())
        for (name, state) in zip(model.names, world.states) {
            if ![.starting, .unschedulable].contains(state) { model.bringUp(name) }
            switch state {
            case .starting: model.pods[name]?.node = "node-1"
            case .idle, .unschedulable: break
            case .idleOutdated: outdate(name, &model)
            case .busy: model.assign("t-\(name)", to: name)
            case .busyOutdated:
                model.assign("t-\(name)", to: name)
                outdate(name, &model)
            case .marked, .markedBusy:
                if state == .markedBusy { model.assign("t-\(name)", to: name) }
                model.pods[name]?.metadata.annotations[SwiftletNames.Annotation.draining] =
                    (model.now - .seconds(10)).milliText
            case .terminating:
                model.pods[name]?.metadata.deletionTime = model.now + .seconds(30)
                model.pods[name]?.metadata.deletionGraceSeconds = 30
            case .failed: model.pods[name]?.phase = .failed
            }
        }
        model.pool.spec.replicas = world.wanted
        return model
    }

    private static func outdate(_ name: String, _ model: inout PoolModel) {
        model.pods[name]?.metadata.labels[SwiftletNames.Label.templateRevision] = "older"
    }

    @Test func `one plan never makes too many agents, and ends nobody who works`() throws {
        let small = Self.worlds(agents: 0...2, wanted: 0...3)
        // Of three agents a pool of two is looked at: there is one too many, and work to move.
        let large = Self.worlds(agents: 3...3, wanted: 2...2).filter { $0.unavailable == 0 }
        for world in small + large {
            let model = try Self.model(of: world)
            let plan = model.plan()
            let created = model.creates(plan).count
            let alive = model.pods.values.count { !$0.phase.isTerminal }
            #expect(
                created == 0 || created + alive <= world.wanted + world.surge,
                "\(world): \(created) beside \(alive)")
            let ended = Set(model.deletes(plan))
            for name in ended {
                let uid = model.pods[name]?.metadata.uid
                #expect(
                    !model.tasks.values.contains { $0.status.agent?.uid == uid },
                    "\(world): busy \(name) is ended")
            }
            let well = model.names.filter {
                model.sessions[$0] != nil && model.pods[$0]?.isAvailable == true
            }
            let marks = Self.marks(plan)
            let wellNow = well.count { model.pods[$0]?.isDraining == false }
            let wellThen = well.count { name in
                let isMarked = marks[name] ?? model.pods[name]?.isDraining ?? false
                return !isMarked && !ended.contains(name)
            }
            #expect(
                wellThen >= min(wellNow, world.wanted - world.unavailable),
                "\(world): only \(wellThen) of \(wellNow) stay")
        }
    }

    /// Which agents the plan marks as going, and from which it takes the mark.
    private static func marks(_ plan: Plan) -> [String: Bool] {
        var marks: [String: Bool] = [:]
        for case .patch(let target, let patch, _, _) in plan.actions where target.type == .pod {
            let annotations = patch[path: ["metadata", "annotations"]]
            guard let mark = annotations?[SwiftletNames.Annotation.draining] else { continue }
            marks[target.name] = mark.string != nil
        }
        return marks
    }

    @Test func `from every small world the pool gets where it should and rests there`() throws {
        let worlds =
            Self.worlds(agents: 0...1, wanted: 0...2) + Self.worlds(agents: 2...2, wanted: 2...2)
        for world in worlds where world.surge == 1 && world.unavailable == 0 {
            var model = try Self.model(of: world)
            for name in model.tasks.keys.sorted() { model.finish(name) }
            try model.settle(80)
            #expect(model.live.count == world.wanted, "\(world)")
            #expect(model.pool.status.readyReplicas == world.wanted, "\(world)")
            #expect(model.pool.status.updatedReplicas == world.wanted, "\(world)")
            #expect(model.live.allSatisfy { !$0.isDraining }, "\(world)")
        }
    }

    @Test func `an emergency stop ends everybody in every small world, and makes nobody`() throws {
        for world in Self.worlds(agents: 0...2, wanted: 0...3) where world.surge == 1 {
            var model = try Self.model(of: world)
            model.pool.spec.emergencyStop = true
            let plan = model.plan()
            #expect(model.creates(plan).isEmpty, "\(world)")
            #expect(Set(model.deletes(plan)) == Set(model.names), "\(world)")
            try model.settle(20)
            #expect(model.pods.isEmpty, "\(world)")
            #expect(model.pool.status.conditions["Ready"]?.reason == "EmergencyStop", "\(world)")
        }
    }

    @Test func `a paused pool does in every small world what it would do otherwise`() throws {
        for world in Self.worlds(agents: 0...2, wanted: 0...3) {
            var model = try Self.model(of: world)
            let plan = model.plan()
            model.pool.spec.paused = true
            #expect(model.plan().steps == plan.steps, "\(world)")
        }
    }

    @Test func `from every small world a floor is reached, and left when it ends`() throws {
        for world in Self.worlds(agents: 0...2, wanted: 0...1) where world.surge == 1 {
            for floor in 0...3 {
                var model = try Self.model(of: world)
                for name in model.tasks.keys.sorted() { model.finish(name) }
                model.pool.spec.autoscaling.enabled = true
                model.pool.spec.autoscaling.minReplicas = 0
                model.pool.spec.autoscaling.scaleDownStabilizationSeconds = 0
                model.pool.spec.autoscaling.floors = [
                    .init(
                        cron: "* * * * *", timeZone: "UTC", durationSeconds: 3_600,
                        minReplicas: floor)
                ]
                let plan = model.plan()
                let alive = model.pods.values.count { !$0.phase.isTerminal }
                let created = model.creates(plan).count
                let most = max(world.wanted, floor) + world.surge
                #expect(created == 0 || created + alive <= most, "\(world), floor \(floor)")
                try model.settle(80)
                #expect(model.live.count == floor, "\(world), floor \(floor)")
                model.pool.spec.autoscaling.floors = []
                try model.settle(80)
                #expect(model.live.isEmpty, "\(world), floor \(floor)")
            }
        }
    }

    @Test func `in every small world agents that are worn go one by one, and busy ones stay`()
        throws
    {
        for world in Self.worlds(agents: 0...2, wanted: 1...2) {
            var model = try Self.model(of: world)
            model.pool.spec.agent.recycle.afterSeconds = 60
            model.now = model.now + .seconds(90)
            for name in model.names { model.call(name) }
            let well = model.names.filter {
                model.sessions[$0] != nil && model.pods[$0]?.isAvailable == true
                    && model.pods[$0]?.isDraining == false
            }
            let plan = model.plan()
            let marks = Self.marks(plan)
            let ended = Set(model.deletes(plan))
            let kept = well.count { marks[$0] != true && !ended.contains($0) }
            #expect(
                kept >= min(well.count, world.wanted - world.unavailable), "\(world): \(kept)")
            for name in ended {
                let uid = model.pods[name]?.metadata.uid
                #expect(
                    !model.tasks.values.contains { $0.status.agent?.uid == uid },
                    "\(world): busy \(name) is ended")
            }
        }
    }
}
