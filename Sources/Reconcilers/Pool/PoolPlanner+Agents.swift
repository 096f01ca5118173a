import ControlLoop
import KubernetesCore
import SwiftletAPI

/// What is done about the agents of a pool that is kept at its size.
extension PoolPlanner {
    /// How long an agent is marked before it is ended: whoever gave it a task in ignorance of the
    /// mark has been seen by then.
    static let settling = Duration.seconds(2)
    /// How far the clocks of two processes may be apart.
    static let clockSlack = Duration.seconds(60)

    mutating func keep() {
        if !holdsFinalizer { result.steps.append([finalizerPatch(holding: true)]) }
        keepAuthority()
        keepObjects()
        noteRecovery()
        replaceBroken()
        let present = members.filter { $0.standing.isPresent && !ended.contains($0.name) }
        let leaving = membersToLeave(present)
        drain(leaving.surplus, because: "the pool has more agents than it wants", until: nil)
        drain(
            leaving.outdated.filter { !$0.isCurrent }, because: "the pool's template has changed",
            limit: .seconds(pool.spec.update.drainSeconds))
        // Nothing is wrong with them: they finish what they have, however long that takes.
        for (wear, members) in worn(leaving.outdated) { drain(members, because: wear) }
        drain(leaving.spent, because: "every attempt gets a fresh agent")
        let all = leaving.surplus + leaving.outdated + leaving.spent
        keepOn(present, without: Set(all.map(\.name)))
        create(present)
        keepBusyMarks()
    }

    /// Gives the pool's agents the certificates that they check the gateway's with.
    private mutating func keepAuthority() {
        let roots = world.roots ?? settings.gatewayCA
        guard !roots.isEmpty else { return }
        guard let authority = world.authority else {
            let object = AgentPodTemplate.authority(of: pool, certificates: roots)
            result.steps.append([.create(object, of: .configMap)])
            return
        }
        guard authority.metadata.controller?.uid == pool.metadata.uid,
            authority.certificates != roots
        else { return }
        result.steps.append([
            .patch(
                authority.reference,
                ["data": [AuthorityView.key: .string(roots)]])
        ])
    }

    // MARK: - Broken agents

    /// Whether an agent is on its way of which it is not yet known whether it will be well.
    private var isProbing: Bool {
        members.contains { member in
            switch member.standing {
            case .starting, .unscheduled: true
            default: false
            }
        }
    }

    private mutating func noteRecovery() {
        guard let since = budget.memory.probingSince else { return }
        if budget.isQuiet, !members.contains(where: \.standing.isBroken) {
            budget.recover()
            return
        }
        let isWell = members.contains { member in
            member.standing.isAvailable && member.agent.session != nil
                && member.pod.metadata.creationTime >= Timestamp(seconds: since.seconds)
        }
        guard isWell else { return }
        budget.recover()
        note(.normal, "AgentsRecovered", "A fresh agent is well; agents are replaced again.")
    }

    /// Ends agents that are broken, as far as the restart budget allows. Agents that ended for
    /// reasons outside themselves do not count against it.
    private mutating func replaceBroken() {
        var faulty: [Member] = []
        var blameless: [Member] = []
        for member in members where member.standing.isBroken {
            if case .ended(_, let isFault) = member.standing, !isFault {
                blameless.append(member)
            } else {
                faulty.append(member)
            }
        }
        let allowed = Array(faulty.prefix(budget.allowance(at: now, isProbing: isProbing)))
        let wasExhausted = budget.isExhausted
        budget.spend(allowed.count, at: now)
        if faulty.count > allowed.count { result.wake(at: budget.nextProbe) }
        end(blameless + allowed)
        for member in blameless + allowed {
            note(
                .warning, "AgentReplaced",
                "Replaced agent \(member.name): \(member.standing.explanation).")
        }
        if budget.isExhausted && !wasExhausted {
            note(
                .warning, "RestartBudgetExhausted",
                "\(pool.spec.agent.restartBudget.restarts) agents broke within "
                    + "\(pool.spec.agent.restartBudget.windowSeconds) s; from now on one is "
                    + "replaced at a time.")
        }
    }

    private mutating func end(_ targets: [Member]) {
        guard !targets.isEmpty else { return }
        result.steps.append(targets.map { .delete($0.pod.reference) })
        ended.formUnion(targets.map(\.name))
    }

    // MARK: - Too many and outdated agents

    /// Agents to recycle, by why.
    private func worn(_ members: [Member]) -> [(wear: String, members: [Member])] {
        let ripe = members.filter(\.isCurrent)
        return Set(ripe.compactMap(\.wear)).sorted().map { wear in
            (wear, ripe.filter { $0.wear == wear })
        }
    }

    /// Which agents should go: those beyond the wanted number, those that have had their one
    /// attempt, and, as fast as the update's bounds allow, those of an older template and those
    /// that have served long enough.
    private func membersToLeave(
        _ present: [Member]
    ) -> (surplus: [Member], outdated: [Member], spent: [Member]) {
        let ranked = present.sorted { PoolPlanner.goesFirst($0, $1) }
        // An agent is only given up for one that may come to be.
        let outdated =
            policies.allowsAgents ? ranked.filter(\.deservesSurge) : []
        let extra = min(surge, outdated.count)
        let surplus = Array(ranked.prefix(max(0, present.count - wanted - extra)))
        let gone = Set(surplus.map(\.name))
        let least =
            wanted - pool.spec.update.maxUnavailable.resolved(of: wanted, roundingUp: false)
        var room = present.count { $0.standing.isAvailable && !gone.contains($0.name) } - least
        var leaving: [Member] = []
        for member in outdated where !gone.contains(member.name) {
            if member.standing.isAvailable {
                guard room > 0 else { continue }
                room -= 1
            }
            leaving.append(member)
        }
        return (surplus, leaving, ranked.filter { $0.isSpent && !gone.contains($0.name) })
    }

    /// Agents that may be there beyond the wanted number.
    var surge: Int {
        min(pool.spec.update.maxSurge.resolved(of: wanted, roundingUp: true), 1_000)
    }

    /// Which of two agents the pool can spare sooner: those that are no use yet, then those already
    /// marked, then old templates, then idle before busy, then the youngest.
    private static func goesFirst(_ left: Member, _ right: Member) -> Bool {
        func rank(_ member: Member) -> (Int, Int, Int, Int) {
            let use: Int =
                switch member.standing {
                case .ended, .stalled, .lost, .stranded, .terminating: 0
                case .unscheduled: 1
                case .starting: 2
                default: 3
                }
            return (
                use, member.standing.tasks == 0 ? 0 : 1, member.pod.isDraining ? 0 : 1,
                member.isOutdated ? 0 : 1
            )
        }
        let (a, b) = (rank(left), rank(right))
        if a != b { return a < b }
        if left.standing.tasks != right.standing.tasks {
            return left.standing.tasks < right.standing.tasks
        }
        if left.pod.metadata.creationTime != right.pod.metadata.creationTime {
            return left.pod.metadata.creationTime > right.pod.metadata.creationTime
        }
        return left.name < right.name
    }

    /// Marks agents so that they get no more tasks, and ends those that have none. A busy agent is
    /// ended only after `limit` since its mark, or at `deadline`; without either, never.
    mutating func drain(
        _ targets: [Member], because reason: String, until deadline: Timestamp? = nil,
        limit: Duration? = nil
    ) {
        var marks: [Action] = []
        var finished: [Member] = []
        for member in targets {
            guard canGetTasks(member) else {
                finished.append(member)
                continue
            }
            guard let since = member.pod.drainingSince else {
                marks.append(mark(member.pod, draining: now))
                result.wake(at: now + PoolPlanner.settling)
                continue
            }
            let due = [limit.map { since + $0 }, deadline].compactMap { $0 }.min()
            if member.standing.tasks == 0 {
                // A mark from far ahead was made by a clock that was wrong.
                if now >= since + PoolPlanner.settling || since > now + PoolPlanner.clockSlack {
                    finished.append(member)
                }
                result.wake(at: since + PoolPlanner.settling)
            } else if let due {
                if now >= due { finished.append(member) }
                result.wake(at: due)
            }
        }
        if !marks.isEmpty { result.steps.append(marks) }
        end(finished)
        if !finished.isEmpty {
            note(
                .normal, "AgentRemoved",
                "Ended \(PoolPlanner.list(finished.map(\.name))): \(reason).")
        }
    }

    /// Whether the scheduler may give the agent a task: it has called, or the operator is too young
    /// to know.
    private func canGetTasks(_ member: Member) -> Bool {
        switch member.standing {
        case .idle, .busy, .draining, .silent: true
        case .starting: member.agent.session != nil
        default: false
        }
    }

    /// Takes the mark off agents that are wanted after all.
    private mutating func keepOn(_ present: [Member], without leaving: Set<String>) {
        let back = present.filter { $0.pod.isDraining && !leaving.contains($0.name) }
        guard !back.isEmpty else { return }
        result.steps.append(back.map { mark($0.pod, draining: nil) })
    }

    private func mark(_ pod: PodView, draining time: Timestamp?) -> Action {
        .patch(
            pod.reference,
            [
                "metadata": [
                    "annotations": [
                        SwiftletNames.Annotation.draining:
                            time.map { .string($0.milliText) } ?? JSONValue.null
                    ]
                ]
            ])
    }

    // MARK: - New agents

    /// Creates the agents that are missing: never more than the wanted number and the surge
    /// together with all that may still run, and in steps of 1, 2, 4…, of which the first refusal
    /// is the last.
    private mutating func create(_ present: [Member]) {
        guard policies.allowsAgents else { return }
        let staying = present.count { !ended.contains($0.name) }
        let waiting = members.count {
            $0.standing.isBroken && !$0.standing.isPresent && !ended.contains($0.name)
        }
        // The same as those that may stay beyond the wanted number, or what is made here would be
        // too many in the next plan, and so on for ever.
        let outdated = present.count { $0.deservesSurge && !ended.contains($0.name) }
        let target = wanted + min(surge, outdated)
        let alive = members.count { $0.standing.mayRun }
        var missing = min(target - staying - waiting, wanted + surge - alive)
        if budget.isExhausted { missing = min(missing, isProbing ? 0 : 1) }
        if outdated == 0 { missing = refill(missing, at: now) }
        guard missing > 0 else { return }
        let taken = Set(world.takenIndexes)
        let indexes = (firstIndex...).lazy.filter { !taken.contains($0) }.prefix(missing)
        var batch: [Action] = []
        var size = 1
        for index in indexes {
            batch.append(.create(template.pod(index: index), of: .pod))
            created += 1
            if batch.count == size {
                result.steps.append(batch)
                batch = []
                size *= 2
            }
        }
        if !batch.isEmpty { result.steps.append(batch) }
        let names = indexes.map { AgentPodTemplate.name(of: pool, index: $0) }
        note(.normal, "AgentCreated", "Created \(PoolPlanner.list(names)).")
    }

    /// Where the search for a free name begins. Pods that the cache does not show may hold names,
    /// too: after a refusal for that reason the search goes on behind the name that was refused, so
    /// that it gets past any number of them.
    private var firstIndex: Int {
        guard let failure = context.lastFailure, failure.target.type == .pod,
            failure.reason == "AlreadyExists"
        else { return 0 }
        let most = 4 * Bounds.replicas.upperBound
        let refused = (0..<most).first {
            AgentPodTemplate.name(of: pool, index: $0) == failure.target.name
        }
        return refused.map { $0 + 1 } ?? 0
    }
}

extension AgentStanding {
    /// What is wrong, as the end of a sentence.
    var explanation: String {
        switch self {
        case .ended(let reason, _): "its pod ended (\(reason))"
        case .stalled(let reason): "it did not become ready in time (\(reason))"
        case .lost: "it has not called for too long"
        default: shown.health
        }
    }
}
