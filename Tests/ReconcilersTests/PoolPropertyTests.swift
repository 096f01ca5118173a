import ControlLoop
import KubernetesCore
import Reconcilers
import SeededTesting
import SwiftletAPI
import Testing

/// Random histories of a pool: agents come up, crash, hang and vanish, tasks come and go, people
/// scale and change things, the operator restarts, creates are refused and replies are lost.
@Suite struct PoolPropertyTests {
    @Test(arguments: UInt64(1)...16)
    func `whatever happens, bounds hold, and when it stops the pool gets where it should`(
        seed: UInt64
    ) throws {
        var random = SeededNumbers(seed)
        var model = PoolModel {
            $0.replicas = random.number(below: 6)
            $0.slotsPerAgent = 1 + random.number(below: 3)
            if seed % 4 == 0 {
                $0.slotsPerAgent = 1
                $0.agent.recycle.mode = .ephemeral
            }
            $0.update.maxSurge = .count(random.number(below: 3))
            $0.update.maxUnavailable = .count(1 + random.number(below: 2))
            $0.update.drainSeconds = 300
            $0.agent.timeoutSeconds = 60
            $0.agent.restartBudget.windowSeconds = 120
        }
        for _ in 0..<120 {
            disturb(&model, &random)
            model.sweep()
            let plan = model.plan()
            #expect(plan == model.plan(), "seed \(seed): the same world gives another plan")
            check(plan, model, seed)
            if random.chance(1, in: 10) {
                // A crash after some of the writes, without the status.
                let steps = Array(plan.steps.prefix(random.number(below: plan.steps.count + 1)))
                try model.apply(Plan(steps: steps))
            } else {
                try model.apply(plan)
            }
            model.now = model.now + .milliseconds(random.number(below: 8_000))
            model.sweep()
        }
        try converge(&model, seed)
    }

    /// No more agents than wanted and surge; nothing foreign; no busy agent before its time.
    private func check(_ plan: Plan, _ model: PoolModel, _ seed: UInt64) {
        let spec = model.pool.spec
        let wanted = spec.emergencyStop ? 0 : spec.replicas
        let created = model.creates(plan).filter { model.pods[$0] == nil }
        let running = model.names.count { name in
            guard model.owns(name), let pod = model.pods[name] else { return false }
            return !pod.phase.isTerminal
        }
        if !created.isEmpty {
            let surge = spec.update.maxSurge.resolved(of: wanted, roundingUp: true)
            #expect(
                created.count + running <= wanted + surge,
                "seed \(seed): \(created.count) created beside \(running), wanted \(wanted)")
        }
        for name in model.deletes(plan) {
            #expect(model.owns(name), "seed \(seed): \(name) is not ours")
            guard !spec.emergencyStop, let pod = model.pods[name],
                let session = model.sessions[name],
                model.tasks.values.contains(where: { $0.status.agent?.uid == pod.metadata.uid })
            else { continue }
            let silence = max(session.lastSync, model.startedAt) + .seconds(60)
            let drained = pod.drainingSince.map { $0 + .seconds(300) }
            #expect(
                pod.phase.isTerminal || model.now >= silence
                    || drained.map { model.now >= $0 } ?? false,
                "seed \(seed): busy \(name) is ended before its time")
        }
    }

    private func disturb(_ model: inout PoolModel, _ random: inout SeededNumbers) {
        for name in model.names where random.chance(3, in: 4) {
            if model.pods[name]?.isReady == true { model.call(name) } else { model.bringUp(name) }
        }
        let names = model.names
        let name = names.isEmpty ? "" : names[random.number(below: names.count)]
        let task = "t\(random.number(below: 12))"
        switch random.number(below: 24) {
        case 0...5 where model.tasks[task] == nil: model.assign(task, to: name)
        case 6...9:
            if model.tasks[task]?.status.phase == .running { model.finish(task) }
            if model.tasks[task]?.isFinished == true { model.tasks[task] = nil }
        case 10: model.pods[name]?.phase = .failed
        case 11: model.end(name)
        case 12: model.pods[name]?.isReady = false
        case 13: model.pool.spec.replicas = random.number(below: 8)
        case 14:
            model.pool.metadata.generation += 1
            model.pool.spec.template = [
                "spec": [
                    "containers": [
                        ["name": "agent", "image": .string("qa:\(random.number(below: 3))")]
                    ]
                ]
            ]
        case 15: model.refusesCreates.toggle()
        case 16: model.pool.spec.paused.toggle()
        case 17:
            model.sessions = [:]
            model.startedAt = model.now
        case 18: model.pool.spec.emergencyStop = random.chance(1, in: 3)
        case 19: model.now = model.now + .seconds(90)
        case 20:
            model.pods[name]?.metadata.annotations[SwiftletNames.Annotation.draining] = "soon"
        default: break
        }
    }

    private func converge(_ model: inout PoolModel, _ seed: UInt64) throws {
        model.refusesCreates = false
        model.pool.spec.emergencyStop = false
        model.pool.spec.paused = false
        for name in model.tasks.keys.sorted() { model.tasks[name] = nil }
        try model.settle(400)
        #expect(model.live.count == model.pool.spec.replicas, "seed \(seed)")
        #expect(model.pool.status.readyReplicas == model.pool.spec.replicas, "seed \(seed)")
        #expect(model.pool.status.updatedReplicas == model.pool.spec.replicas, "seed \(seed)")
        #expect(model.live.allSatisfy { !$0.isDraining }, "seed \(seed)")
        // The window of the restart budget passes; from then on nothing is written.
        for _ in 0..<20 {
            model.now = model.now + .seconds(10)
            for name in model.names { model.call(name) }
            try model.apply(model.plan())
        }
        for _ in 0..<25 {
            model.now = model.now + .seconds(10)
            for name in model.names { model.call(name) }
            let plan = model.plan()
            #expect(plan.isIdle, "seed \(seed): \(plan.actions) \(plan.status?.difference as Any)")
        }
    }
}
