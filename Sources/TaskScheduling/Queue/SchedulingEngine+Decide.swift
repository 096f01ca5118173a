extension SchedulingEngine {
    /// Decides as much as can be decided now, at most `limit` assignments; what is left over is
    /// decided by the next call. Every decision is assumed to be carried out.
    ///
    /// Where several pools have work, they take turns, so that none waits for another's backlog.
    ///
    /// - Parameter now: nanoseconds since 1970; decides for whom an agent is kept free, and what
    ///   tenants have had.
    public mutating func decide(at now: Int64, limit: Int = .max) -> [Assignment] {
        advance(to: now)
        var result: [Assignment] = []
        guard limit > 0, !dirtyPools.isEmpty else { return result }
        var turn = dirtyPools
        if turn.count > 1 { turn.sort { pools[Int($0)].rules.id < pools[Int($1)].rules.id } }
        dirtyPools = []
        let share = limit == .max ? Int.max : max(1, limit / turn.count)
        while !turn.isEmpty {
            var unfinished: [Int32] = []
            for pool in turn {
                let most = min(share, limit - result.count)
                if !decide(pool: Int(pool), at: now, most: most, into: &result) {
                    unfinished.append(pool)
                } else {
                    pools[Int(pool)].isDirty = false
                }
            }
            turn = unfinished
            if result.count >= limit { break }
        }
        dirtyPools = turn + dirtyPools
        return result
    }

    /// Decides for one pool; false where `most` ended it before there was nothing left to do.
    private mutating func decide(
        pool: Int, at now: Int64, most: Int, into result: inout [Assignment]
    ) -> Bool {
        guard pools[pool].isPresent, pools[pool].rules.handsOutWork else { return true }
        reserveIfNeeded(pool, at: now)
        dropIdleShares(inPool: pool)
        var made = 0
        while !pools[pool].open.isEmpty, let share = nextShare(inPool: pool),
            let head = pools[pool].shares[share].candidates.first
        {
            guard made < most else { return false }
            let row = Int(head.row)
            let group = tasks[row].group
            looks += pools[pool].open.count
            guard let (agent, score) = bestAgent(for: row) else {
                park(group)
                reserveIfNeeded(pool, at: now)
                continue
            }
            noteProgress(of: share, inPool: pool)
            dequeue(row)
            tasks[row].state = .assumed(agent: agent)
            pools[pool].assumed += 1
            takeHold(row, on: agent)
            if pools[pool].reservation?.group == group { endReservation(inPool: pool) }
            result.append(
                Assignment(
                    task: head.id, agent: agents[Int(agent)].id, pool: pools[pool].rules.id,
                    score: score))
            made += 1
        }
        return true
    }

    /// The agent that suits the task best among those that can take it now.
    func bestAgent(for row: Int) -> (Int32, AgentScore)? {
        let task = tasks[row]
        let pool = pools[Int(task.pool)]
        let group = groups[Int(task.group)].identity
        let avoids = groups[Int(task.group)].avoidsSomething
        var best: (agent: Int32, score: AgentScore, avoided: Bool)?
        var hasAlternative: Bool?
        for number in pool.open {
            let agent = Int(number)
            guard task.requests.fits(in: agents[agent].room),
                !isKeptFree(number, from: row)
            else { continue }
            let avoided = avoids && isAvoided(number, by: group)
            if avoided {
                if let best, !best.avoided { continue }
                if group.needsFreshAgent {
                    let other = hasAlternative ?? self.hasAlternative(row)
                    hasAlternative = other
                    if other { continue }
                }
            }
            let score = score(of: agent, for: row, weights: pool.rules.weights)
            guard let current = best else {
                best = (number, score, avoided)
                continue
            }
            if current.avoided != avoided
                ? current.avoided
                : isBetter(number, score, than: current.agent, current.score)
            {
                best = (number, score, avoided)
            }
        }
        return best.map { ($0.agent, $0.score) }
    }

    private func isBetter(
        _ left: Int32, _ leftScore: AgentScore, than right: Int32, _ rightScore: AgentScore
    ) -> Bool {
        if leftScore.total != rightScore.total { return leftScore.total > rightScore.total }
        let (one, other) = (Int(left), Int(right))
        // Of agents that suit equally well the one on the node that has least to do.
        let (here, there) = (nodeUse(agents[one].node), nodeUse(agents[other].node))
        if here != there { return here < there }
        if agents[one].hash != agents[other].hash { return agents[one].hash < agents[other].hash }
        return agents[one].id < agents[other].id
    }

    func isAvoided(_ agent: Int32, by group: TaskGroup.Identity) -> Bool {
        group.avoidedAgents.contains(agent)
            || group.avoidedNodes.contains(agents[Int(agent)].node)
    }

    /// Whether the pool has an agent, busy or not, that the task does not avoid and that could take
    /// it if it ran nothing else.
    private func hasAlternative(_ row: Int) -> Bool {
        let group = groups[Int(tasks[row].group)].identity
        return pools[Int(tasks[row].pool)].agents.contains { agent in
            agents[Int(agent)].isUsable && !isAvoided(agent, by: group)
                && tasks[row].requests.fits(in: agents[Int(agent)].capacity)
        }
    }

    private func score(
        of agent: Int, for row: Int, weights: PoolRules.Weights
    ) -> AgentScore {
        let slots = Double(max(1, agents[agent].slots))
        let used = Double(agents[agent].usedSlots)
        let room = agents[agent].room - tasks[row].requests
        let capacity = agents[agent].capacity
        var share = max(0, slots - used - 1) / slots
        var parts = 1.0
        for (left, all) in [
            (room.milliCPU, capacity.milliCPU), (room.memory, capacity.memory),
            (room.ephemeralStorage, capacity.ephemeralStorage),
        ] where all > 0 && all < ResourceAmounts.limit {
            share += Double(left) / Double(all)
            parts += 1
        }
        let type = tasks[row].type
        return AgentScore(
            capacity: share / parts,
            specialization: agents[agent].specialization.first { $0.type == type }?.score ?? 0.5,
            performance: agents[agent].performance, workload: max(0, 1 - used / slots),
            weights: weights)
    }
}
