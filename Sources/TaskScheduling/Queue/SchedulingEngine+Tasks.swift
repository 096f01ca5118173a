extension SchedulingEngine {
    /// Tells of a task that waits, or that what it needs has changed.
    ///
    /// A task that has been given to an agent keeps it: what arrives may be older than that
    /// decision. Its new needs count when the decision is rejected.
    public mutating func upsert(_ demand: TaskDemand) {
        guard let number = taskNumbers[demand.id] else {
            let slot = newTask(demand)
            enqueue(slot)
            return
        }
        let slot = Int(number)
        switch tasks[slot].state {
        case .waiting:
            guard !matches(tasks[slot], demand) else { return }
            dequeue(slot)
            reviewReservation(ofGroupOf: slot)
            leaveGroup(slot)
            fill(slot, from: demand)
            enqueue(slot)
        case .assumed(let agent):
            guard !matches(tasks[slot], demand) else { return }
            releaseHold(slot, on: agent)
            pools[Int(tasks[slot].pool)].assumed -= 1
            leaveGroup(slot)
            fill(slot, from: demand)
            pools[Int(tasks[slot].pool)].assumed += 1
            takeHold(slot, on: agent)
        case .running(let agent):
            releaseHold(slot, on: agent)
            pools[Int(tasks[slot].pool)].running -= 1
            fill(slot, from: demand)
            enqueue(slot)
            releaseIfUnused(agent)
        }
    }

    /// Tells that a task runs on an agent, whoever decided so.
    public mutating func place(_ demand: TaskDemand, onAgent id: String) {
        let agent = agentNumber(of: id)
        if let number = taskNumbers[demand.id],
            case .running(let current) = tasks[Int(number)].state, current == agent,
            tasks[Int(number)].requests == demand.requests
        {
            noteAttempt(Int(number), demand)
            return
        }
        // The agent must not be forgotten between the release of one hold and the next.
        agents[Int(agent)].references += 1
        remove(task: demand.id)
        let slot = newTask(demand)
        leaveGroup(slot)
        tasks[slot].state = .running(agent: agent)
        pools[Int(tasks[slot].pool)].running += 1
        takeHold(slot, on: agent)
        agents[Int(agent)].references -= 1
    }

    /// Tells that the decision about task `id` stands: it is running now.
    public mutating func confirm(task id: String) {
        guard let number = taskNumbers[id],
            case .assumed(let agent) = tasks[Int(number)].state
        else { return }
        leaveGroup(Int(number))
        tasks[Int(number)].state = .running(agent: agent)
        pools[Int(tasks[Int(number)].pool)].assumed -= 1
        pools[Int(tasks[Int(number)].pool)].running += 1
    }

    /// Tells that the decision about task `id` could not be carried out: it waits again.
    public mutating func reject(task id: String) {
        guard let number = taskNumbers[id],
            case .assumed(let agent) = tasks[Int(number)].state
        else { return }
        releaseHold(Int(number), on: agent)
        pools[Int(tasks[Int(number)].pool)].assumed -= 1
        enqueue(Int(number))
        releaseIfUnused(agent)
    }

    /// Tells that task `id` neither waits nor runs any more.
    public mutating func remove(task id: String) {
        guard let number = taskNumbers.removeValue(forKey: id) else { return }
        let slot = Int(number)
        var held: Int32?
        switch tasks[slot].state {
        case .waiting:
            dequeue(slot)
            reviewReservation(ofGroupOf: slot)
        case .assumed(let agent):
            held = agent
            releaseHold(slot, on: agent)
            pools[Int(tasks[slot].pool)].assumed -= 1
        case .running(let agent):
            held = agent
            releaseHold(slot, on: agent)
            pools[Int(tasks[slot].pool)].running -= 1
        }
        leaveGroup(slot)
        freeTasks.append(number)
        if let held { releaseIfUnused(held) }
    }

    private mutating func newTask(_ demand: TaskDemand) -> Int {
        let slot = freeTasks.popLast() ?? Int32(tasks.count)
        let record = TaskRecord(
            entry: QueueEntry(key: 0, queuedAt: 0, id: demand.id, slot: slot),
            requests: .none, pool: 0, tenant: 0, type: 0, group: -1, priority: 0,
            estimatedSeconds: 0, state: .waiting)
        if Int(slot) == tasks.count { tasks.append(record) } else { tasks[Int(slot)] = record }
        taskNumbers[demand.id] = slot
        fill(Int(slot), from: demand)
        return Int(slot)
    }

    /// Copies what `demand` says and joins the group of those that need the same.
    private mutating func fill(_ slot: Int, from demand: TaskDemand) {
        tasks[slot].entry = QueueEntry(
            key: key(of: demand), queuedAt: demand.queuedAt, id: tasks[slot].entry.id,
            slot: Int32(slot))
        tasks[slot].requests = demand.requests
        tasks[slot].pool = Int32(poolNumber(of: demand.pool))
        tasks[slot].tenant = tenants.number(of: demand.tenant)
        tasks[slot].type = types.number(of: demand.type)
        tasks[slot].priority = Int32(clamping: demand.priority)
        tasks[slot].estimatedSeconds = Int32(clamping: max(0, demand.estimatedSeconds))
        tasks[slot].group = joinGroup(demand, pool: tasks[slot].pool)
        noteAttempt(slot, demand)
    }

    /// Copies what decides whether the task may be asked to give way.
    private mutating func noteAttempt(_ slot: Int, _ demand: TaskDemand) {
        tasks[slot].startedAt = demand.startedAt
        tasks[slot].isCheckpointable = demand.isCheckpointable
        tasks[slot].isStopping = demand.isStopping
        tasks[slot].preemptions = Int16(clamping: demand.preemptions)
    }

    private func key(of demand: TaskDemand) -> Int64 {
        let priority = Int64(min(max(-1_000_000, demand.priority), 1_000_000))
        let (head, overflow) = priority.multipliedReportingOverflow(by: agingNanoseconds)
        let (key, carried) = demand.queuedAt.subtractingReportingOverflow(head)
        guard overflow || carried else { return key }
        return priority > 0 ? .min : .max
    }

    private func matches(_ record: TaskRecord, _ demand: TaskDemand) -> Bool {
        guard record.group >= 0 else { return false }
        let identity = groups[Int(record.group)].identity
        return record.entry.queuedAt == demand.queuedAt
            && record.priority == Int32(clamping: demand.priority)
            && record.requests == demand.requests
            && record.estimatedSeconds == Int32(clamping: max(0, demand.estimatedSeconds))
            && poolNumbers[demand.pool] == record.pool
            && tenants.existing(demand.tenant) == record.tenant
            && types.existing(demand.type) == record.type
            && identity.needsFreshAgent == demand.needsFreshAgent
            && identity.avoidedAgents.count == demand.avoidedAgents.count
            && identity.avoidedNodes.count == demand.avoidedNodes.count
            && demand.avoidedAgents.allSatisfy {
                identity.avoidedAgents.contains(agentNumbers[$0] ?? -1)
            }
            && demand.avoidedNodes.allSatisfy {
                identity.avoidedNodes.contains(nodes.existing($0) ?? -1)
            }
    }

    private mutating func joinGroup(_ demand: TaskDemand, pool: Int32) -> Int32 {
        var avoidedAgents: [Int32] = []
        for id in Set(demand.avoidedAgents).sorted() { avoidedAgents.append(agentNumber(of: id)) }
        var avoidedNodes: [Int32] = []
        for node in Set(demand.avoidedNodes).sorted() {
            avoidedNodes.append(nodes.number(of: node))
        }
        let identity = TaskGroup.Identity(
            pool: pool, tenant: tenants.number(of: demand.tenant), requests: demand.requests,
            avoidedAgents: avoidedAgents.sorted(),
            avoidedNodes: avoidedNodes.sorted(), needsFreshAgent: demand.needsFreshAgent)
        if let known = groupNumbers[identity] {
            groups[Int(known)].members += 1
            return known
        }
        var group = TaskGroup(identity: identity)
        group.members = 1
        for agent in identity.avoidedAgents { agents[Int(agent)].references += 1 }
        let number = freeGroups.popLast() ?? Int32(groups.count)
        if Int(number) == groups.count {
            groups.append(group)
        } else {
            groups[Int(number)] = group
        }
        groupNumbers[identity] = number
        return number
    }

    /// Leaves the task's group; the last one to leave takes the group away.
    private mutating func leaveGroup(_ slot: Int) {
        let number = tasks[slot].group
        guard number >= 0 else { return }
        tasks[slot].group = -1
        groups[Int(number)].members -= 1
        guard groups[Int(number)].members == 0 else { return }
        let identity = groups[Int(number)].identity
        groupNumbers[identity] = nil
        let pool = Int(identity.pool)
        if pools[pool].reservation?.group == number { endReservation(inPool: pool) }
        freeGroups.append(number)
        for agent in identity.avoidedAgents {
            agents[Int(agent)].references -= 1
            releaseIfUnused(agent)
        }
    }

    /// Puts the task into its group's queue and makes it a candidate, unless the group is parked.
    private mutating func enqueue(_ slot: Int) {
        tasks[slot].state = .waiting
        let group = Int(tasks[slot].group)
        let pool = Int(tasks[slot].pool)
        groups[group].queue.insert(tasks[slot].entry)
        pools[pool].waiting += 1
        beginWaiting(slot)
        pools[pool].waitingSeconds += Int(tasks[slot].estimatedSeconds)
        let leads = groups[group].queue.first == tasks[slot].entry
        refreshHead(group)
        // Of a group that others go before, a new first task may go before those.
        if leads, groups[group].isHeldBack { unpark([Int32(group)], inPool: pool) }
        if !groups[group].isParked { markDirty(pool) }
    }

    /// Takes the task out of its group's queue.
    mutating func dequeue(_ slot: Int) {
        let group = Int(tasks[slot].group)
        let pool = Int(tasks[slot].pool)
        groups[group].queue.remove(tasks[slot].entry)
        pools[pool].waiting -= 1
        endWaiting(slot)
        pools[pool].waitingSeconds -= Int(tasks[slot].estimatedSeconds)
        refreshHead(group)
    }

    /// Keeps the group's entry among its pool's candidates, or among its parked groups, equal to
    /// the head of its queue.
    mutating func refreshHead(_ group: Int) {
        let pool = Int(groups[group].identity.pool)
        let first = groups[group].queue.first
        if first == nil, groups[group].isParked { leaveParking(group) }
        let aside = groups[group].isParked ? first : nil
        if aside != groups[group].aside {
            if let old = groups[group].aside { pools[pool].parked.remove(old) }
            if let aside {
                pools[pool].parked.insert(aside)
                expectReservation(for: group, aside)
            }
            groups[group].aside = aside
        }
        let wanted = groups[group].isParked ? nil : first
        guard wanted != groups[group].head else { return }
        let share = share(of: groups[group].identity.tenant, inPool: pool)
        if let old = groups[group].head { pools[pool].shares[share].candidates.remove(old) }
        if let wanted { pools[pool].shares[share].candidates.insert(wanted) }
        groups[group].head = wanted
    }
}
