/// Groups of tasks that nothing fits now: they are set aside together, and made candidates again by
/// what changes that. Of a change that helps none of them nearly nothing is noticed, however many
/// they are: rooms in which none fits are remembered.
extension SchedulingEngine {
    /// How many rooms are remembered for each pool.
    private static let barrenMax = 8

    /// Sets the group aside: nothing of its pool fits now.
    mutating func park(_ group: Int32) {
        let number = Int(group)
        let pool = Int(groups[number].identity.pool)
        let requests = groups[number].identity.requests
        looks += pools[pool].open.count
        groups[number].isParked = true
        groups[number].isHeldBack = pools[pool].open.contains {
            requests.fits(in: agents[Int($0)].room)
        }
        if groups[number].isHeldBack {
            pools[pool].heldBack += 1
        } else {
            pools[pool].barren.removeAll { requests.fits(in: $0) }
        }
        refreshHead(number)
    }

    /// Makes the groups candidates again.
    mutating func unpark(_ woken: [Int32], inPool pool: Int) {
        guard !woken.isEmpty else { return }
        for group in woken {
            leaveParking(Int(group))
            refreshHead(Int(group))
        }
        markDirty(pool)
    }

    /// Notes that the group is not parked any more; its entries are brought up to that by
    /// `refreshHead`.
    mutating func leaveParking(_ group: Int) {
        groups[group].isParked = false
        guard groups[group].isHeldBack else { return }
        groups[group].isHeldBack = false
        pools[Int(groups[group].identity.pool)].heldBack -= 1
    }

    /// Makes those groups candidates again that this agent could take now.
    mutating func wake(byAgent agent: Int) {
        let pool = Int(agents[agent].pool)
        guard agents[agent].isOpen, !pools[pool].parked.isEmpty else { return }
        let room = agents[agent].room
        let isBarren = pools[pool].barren.contains { room.isWithin($0) }
        if isBarren, pools[pool].heldBack == 0 { return }
        var woken: [Int32] = []
        looks += pools[pool].parked.count
        for entry in pools[pool].parked.all {
            let group = tasks[Int(entry.row)].group
            guard groups[Int(group)].identity.requests.fits(in: room) else { continue }
            if !isKeptFree(Int32(agent), from: Int(entry.row)) {
                woken.append(group)
            } else if !groups[Int(group)].isHeldBack {
                groups[Int(group)].isHeldBack = true
                pools[pool].heldBack += 1
            }
        }
        unpark(woken, inPool: pool)
        if !isBarren { noteBarren(room, inPool: pool) }
    }

    /// Makes those groups candidates again whose choice depends on which agents there are.
    mutating func wakeThoseThatAvoid(inPool pool: Int) {
        guard pools[pool].heldBack > 0 else { return }
        looks += pools[pool].parked.count
        let parked = pools[pool].parked.all.map { tasks[Int($0.row)].group }
        unpark(parked.filter { groups[Int($0)].avoidsSomething }, inPool: pool)
    }

    private mutating func noteBarren(_ room: ResourceAmounts, inPool pool: Int) {
        pools[pool].barren.removeAll { $0.isWithin(room) }
        if pools[pool].barren.count >= Self.barrenMax { pools[pool].barren.removeFirst() }
        pools[pool].barren.append(room)
    }
}

// MARK: - Reservations

/// One agent of a pool may be kept free for a group that waits long, so that a task which needs
/// much is not passed for ever by tasks which need little.
extension SchedulingEngine {
    /// Whether the agent is kept free for a group whose turn is before this task's.
    func isKeptFree(_ agent: Int32, from row: Int) -> Bool {
        guard let reservation = pools[Int(tasks[row].pool)].reservation,
            reservation.agent == agent, reservation.group != tasks[row].group,
            let first = groups[Int(reservation.group)].queue.first
        else { return false }
        return goesFirst(first, of: reservation.group, before: row)
    }

    /// Keeps an agent free for the first group that is set aside, has waited long, and could be
    /// taken by an agent if that ran nothing else.
    mutating func reserveIfNeeded(_ pool: Int, at now: Int64) {
        guard pools[pool].reservation == nil, now >= pools[pool].reserveFrom else { return }
        var from = Int64.max
        for entry in pools[pool].parked.all {
            looks += 1
            let group = tasks[Int(entry.row)].group
            guard couldFit(Int(group)) else { continue }
            let due = reservationTime(of: entry)
            guard due <= now else {
                from = min(from, due)
                continue
            }
            guard let agent = agentToKeepFree(for: Int(entry.row)) else { continue }
            pools[pool].reservation = .init(group: group, agent: agent)
            return
        }
        pools[pool].reserveFrom = from
    }

    /// Notes that a parked group may get a reservation when its first task has waited long.
    mutating func expectReservation(for group: Int, _ entry: QueueEntry) {
        let pool = Int(groups[group].identity.pool)
        guard couldFit(group) else { return }
        pools[pool].reserveFrom = min(pools[pool].reserveFrom, reservationTime(of: entry))
    }

    /// Notes that what the pool's agents could ever take has changed.
    mutating func noteAgents(ofPool pool: Int) {
        pools[pool].agentsVersion += 1
        pools[pool].reserveFrom = .min
    }

    /// Keeps no agent free any more, and wakes those that were held back for it.
    mutating func endReservation(inPool pool: Int) {
        guard let reservation = pools[pool].reservation else { return }
        pools[pool].reservation = nil
        pools[pool].reserveFrom = .min
        wake(byAgent: Int(reservation.agent))
    }

    /// Ends the reservation of the task's group where its first task has gone: what comes after it
    /// may have to wait for others.
    mutating func reviewReservation(ofGroupOf row: Int) {
        let pool = Int(tasks[row].pool)
        guard let reservation = pools[pool].reservation,
            reservation.group == tasks[row].group
        else { return }
        if let first = groups[Int(reservation.group)].queue.first, first < tasks[row].entry {
            return
        }
        endReservation(inPool: pool)
    }

    private func reservationTime(of entry: QueueEntry) -> Int64 {
        let (time, overflow) = entry.queuedAt.addingReportingOverflow(reservationNanoseconds)
        return overflow ? .max : time
    }

    /// Whether an agent of the pool could take the group's tasks if it ran nothing else; found out
    /// once for each change of the pool's agents.
    private mutating func couldFit(_ group: Int) -> Bool {
        let pool = Int(groups[group].identity.pool)
        if groups[group].fitVersion != pools[pool].agentsVersion {
            groups[group].fitVersion = pools[pool].agentsVersion
            looks += pools[pool].agents.count
            let identity = groups[group].identity
            groups[group].fitsSomeAgent = pools[pool].agents.contains {
                couldTake($0, identity)
            }
        }
        return groups[group].fitsSomeAgent
    }

    private func couldTake(_ agent: Int32, _ group: TaskGroup.Identity) -> Bool {
        agents[Int(agent)].isUsable && agents[Int(agent)].slots > 0 && !isAvoided(agent, by: group)
            && group.requests.fits(in: agents[Int(agent)].capacity)
    }

    /// The least loaded agent that could take the task if it ran nothing else.
    private func agentToKeepFree(for row: Int) -> Int32? {
        let group = groups[Int(tasks[row].group)].identity
        var best: Int32?
        for agent in pools[Int(tasks[row].pool)].agents where couldTake(agent, group) {
            guard let current = best else {
                best = agent
                continue
            }
            let (one, other) = (Int(agent), Int(current))
            if (agents[one].usedSlots, agents[one].hash)
                < (agents[other].usedSlots, agents[other].hash)
            {
                best = agent
            }
        }
        return best
    }
}
