extension SchedulingEngine {
    /// Tells of an agent, or that something about it has changed.
    public mutating func upsert(_ offer: AgentOffer) {
        let agent = Int(agentNumber(of: offer.id))
        let pool = poolNumber(of: offer.pool)
        let wasUsable = agents[agent].isUsable
        let room = agents[agent].room
        let hadSlot = agents[agent].isOpen
        let node = nodes.number(of: offer.node)
        let moved = !agents[agent].isPresent || agents[agent].pool != pool
        if moved {
            leavePool(agent)
            agents[agent].pool = Int32(pool)
            agents[agent].memberIndex = Int32(pools[pool].agents.count)
            pools[pool].agents.append(Int32(agent))
        }
        let sameNode = agents[agent].node == node
        let couldTake = (agents[agent].slots, agents[agent].capacity)
        agents[agent].isPresent = true
        agents[agent].takesWork = offer.takesWork
        countOnNode(agents[agent].node, -agents[agent].usedSlots)
        agents[agent].node = node
        countOnNode(node, agents[agent].usedSlots)
        agents[agent].slots = max(0, offer.slots)
        agents[agent].capacity = offer.capacity
        agents[agent].performance = min(max(0, offer.performance), 1)
        agents[agent].specialization = []
        for (type, score) in offer.specialization {
            agents[agent].specialization.append(
                (types.number(of: type), min(max(0, score), 1)))
        }
        refreshOpenness(agent)
        if moved || wasUsable != agents[agent].isUsable || !sameNode
            || couldTake != (agents[agent].slots, agents[agent].capacity)
        {
            noteAgents(ofPool: pool)
        }
        if moved || wasUsable != agents[agent].isUsable || !sameNode {
            dropReservation(of: agent)
            wakeThoseThatAvoid(inPool: pool)
        }
        if agents[agent].isOpen && (!hadSlot || agents[agent].room != room) {
            wake(byAgent: agent)
        }
    }

    /// Tells that agent `id` is gone. What runs on it stays until the caller says otherwise.
    public mutating func removeAgent(_ id: String) {
        guard let number = agentNumbers[id] else { return }
        let agent = Int(number)
        guard agents[agent].isPresent else { return }
        leavePool(agent)
        releaseIfUnused(number)
    }

    mutating func agentNumber(of id: String) -> Int32 {
        if let known = agentNumbers[id] { return known }
        let number = freeAgents.popLast() ?? Int32(agents.count)
        let record = AgentRecord(id: id, hash: StableHash.of(id))
        if Int(number) == agents.count {
            agents.append(record)
        } else {
            agents[Int(number)] = record
        }
        agentNumbers[id] = number
        return number
    }

    /// Forgets an agent that is not offered, holds nothing and is avoided by nobody.
    mutating func releaseIfUnused(_ number: Int32) {
        let agent = agents[Int(number)]
        guard !agent.isPresent, agent.usedSlots == 0, agent.references == 0,
            agentNumbers[agent.id] == number
        else { return }
        agentNumbers[agent.id] = nil
        freeAgents.append(number)
    }

    /// Counts the task against its agent.
    mutating func takeHold(_ row: Int, on number: Int32) {
        let agent = Int(number)
        hold(1, for: row)
        agents[agent].usedSlots += 1
        countOnNode(agents[agent].node, 1)
        agents[agent].used = agents[agent].used + tasks[row].requests
        agents[agent].holds.append(Int32(row))
        refreshOpenness(agent)
    }

    /// Gives back what the task held on its agent, and wakes those that fit now.
    mutating func releaseHold(_ row: Int, on number: Int32) {
        let agent = Int(number)
        hold(-1, for: row)
        agents[agent].usedSlots -= 1
        countOnNode(agents[agent].node, -1)
        agents[agent].used = agents[agent].used - tasks[row].requests
        if let index = agents[agent].holds.firstIndex(of: Int32(row)) {
            agents[agent].holds.remove(at: index)
        }
        refreshOpenness(agent)
        if agents[agent].isOpen { wake(byAgent: agent) }
    }

    /// How many attempts run on a node, of all pools together.
    func nodeUse(_ node: Int32) -> Int {
        nodeUses.indices.contains(Int(node)) ? nodeUses[Int(node)] : 0
    }

    private mutating func countOnNode(_ node: Int32, _ change: Int) {
        guard node >= 0, change != 0 else { return }
        while nodeUses.count <= Int(node) { nodeUses.append(0) }
        nodeUses[Int(node)] += change
    }

    /// Keeps the agent among its pool's open ones exactly while it can take something.
    private mutating func refreshOpenness(_ agent: Int) {
        let isOpen = agents[agent].isOpen
        let index = Int(agents[agent].openIndex)
        let pool = Int(agents[agent].pool)
        if isOpen && index < 0 {
            agents[agent].openIndex = Int32(pools[pool].open.count)
            pools[pool].open.append(Int32(agent))
            markDirty(pool)
        } else if !isOpen && index >= 0 {
            let last = pools[pool].open.removeLast()
            if last != Int32(agent) {
                pools[pool].open[index] = last
                agents[Int(last)].openIndex = Int32(index)
            }
            agents[agent].openIndex = -1
        }
    }

    private mutating func leavePool(_ agent: Int) {
        guard agents[agent].isPresent else { return }
        agents[agent].isPresent = false
        refreshOpenness(agent)
        let pool = Int(agents[agent].pool)
        let index = Int(agents[agent].memberIndex)
        let last = pools[pool].agents.removeLast()
        if last != Int32(agent) {
            pools[pool].agents[index] = last
            agents[Int(last)].memberIndex = Int32(index)
        }
        agents[agent].memberIndex = -1
        noteAgents(ofPool: pool)
        dropReservation(of: agent)
        wakeThoseThatAvoid(inPool: pool)
    }

    private mutating func dropReservation(of agent: Int) {
        let pool = Int(agents[agent].pool)
        guard pool >= 0, pools[pool].reservation?.agent == Int32(agent) else { return }
        endReservation(inPool: pool)
    }
}
