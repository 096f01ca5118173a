extension SchedulingEngine {
    /// Tells of a task that waits, or that what it needs has changed.
    ///
    /// A task that has been given to an agent keeps it: what arrives may be older than that
    /// decision. Its new needs count when the decision is rejected.
    public mutating func upsert(_ demand: TaskDemand) {
        guard let number = taskNumbers[demand.id] else {
            let row = newTask(demand)
            enqueue(row)
            return
        }
        let row = Int(number)
        switch tasks[row].state {
        case .waiting:
            guard !matches(tasks[row], demand) else { return }
            dequeue(row)
            reviewReservation(ofGroupOf: row)
            leaveGroup(row)
            fill(row, from: demand)
            enqueue(row)
        case .assumed(let agent):
            guard !matches(tasks[row], demand) else { return }
            releaseHold(row, on: agent)
            pools[Int(tasks[row].pool)].assumed -= 1
            leaveGroup(row)
            fill(row, from: demand)
            pools[Int(tasks[row].pool)].assumed += 1
            takeHold(row, on: agent)
        case .running(let agent):
            releaseHold(row, on: agent)
            pools[Int(tasks[row].pool)].running -= 1
            fill(row, from: demand)
            enqueue(row)
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
        let row = newTask(demand)
        leaveGroup(row)
        tasks[row].state = .running(agent: agent)
        pools[Int(tasks[row].pool)].running += 1
        takeHold(row, on: agent)
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
        let row = Int(number)
        var held: Int32?
        switch tasks[row].state {
        case .waiting:
            dequeue(row)
            reviewReservation(ofGroupOf: row)
        case .assumed(let agent):
            held = agent
            releaseHold(row, on: agent)
            pools[Int(tasks[row].pool)].assumed -= 1
        case .running(let agent):
            held = agent
            releaseHold(row, on: agent)
            pools[Int(tasks[row].pool)].running -= 1
        }
        leaveGroup(row)
        freeTasks.append(number)
        if let held { releaseIfUnused(held) }
    }

    private mutating func newTask(_ demand: TaskDemand) -> Int {
        let row = freeTasks.popLast() ?? Int32(tasks.count)
        let record = TaskRecord(
            entry: QueueEntry(key: 0, queuedAt: 0, id: demand.id, row: row),
            requests: .none, pool: 0, tenant: 0, type: 0, group: -1, priority: 0,
            estimatedSeconds: 0, state: .waiting)
        if Int(row) == tasks.count { tasks.append(record) } else { tasks[Int(row)] = record }
        taskNumbers[demand.id] = row
        fill(Int(row), from: demand)
        return Int(row)
    }

    /// Copies what `demand` says and joins the group of those that need the same.
    private mutating func fill(_ row: Int, from demand: TaskDemand) {
        tasks[row].entry = QueueEntry(
            key: key(of: demand), queuedAt: demand.queuedAt, id: tasks[row].entry.id,
            row: Int32(row))
        tasks[row].requests = demand.requests
        tasks[row].pool = Int32(poolNumber(of: demand.pool))
        tasks[row].tenant = tenants.number(of: demand.tenant)
        tasks[row].type = types.number(of: demand.type)
        tasks[row].priority = Int32(clamping: demand.priority)
        tasks[row].estimatedSeconds = Int32(clamping: max(0, demand.estimatedSeconds))
        tasks[row].group = joinGroup(demand, pool: tasks[row].pool)
        noteAttempt(row, demand)
    }

    /// Copies what decides whether the task may be asked to give way.
    private mutating func noteAttempt(_ row: Int, _ demand: TaskDemand) {
        tasks[row].startedAt = demand.startedAt
        tasks[row].isCheckpointable = demand.isCheckpointable
        tasks[row].isStopping = demand.isStopping
        tasks[row].preemptions = Int16(clamping: demand.preemptions)
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
    private mutating func leaveGroup(_ row: Int) {
        let number = tasks[row].group
        guard number >= 0 else { return }
        tasks[row].group = -1
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
    private mutating func enqueue(_ row: Int) {
        tasks[row].state = .waiting
        let group = Int(tasks[row].group)
        let pool = Int(tasks[row].pool)
        groups[group].queue.insert(tasks[row].entry)
        pools[pool].waiting += 1
        beginWaiting(row)
        pools[pool].waitingSeconds += Int(tasks[row].estimatedSeconds)
        let leads = groups[group].queue.first == tasks[row].entry
        refreshHead(group)
        // Of a group that others go before, a new first task may go before those.
        if leads, groups[group].isHeldBack { unpark([Int32(group)], inPool: pool) }
        if !groups[group].isParked { markDirty(pool) }
    }

    /// Takes the task out of its group's queue.
    mutating func dequeue(_ row: Int) {
        let group = Int(tasks[row].group)
        let pool = Int(tasks[row].pool)
        groups[group].queue.remove(tasks[row].entry)
        pools[pool].waiting -= 1
        endWaiting(row)
        pools[pool].waitingSeconds -= Int(tasks[row].estimatedSeconds)
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
