/// Which tenant's turn it is in a pool that several share.
///
/// Every tenant is owed slot-time in proportion to its weight. The next slot goes to the tenant
/// that has had the least for its weight, where each slot that it holds counts `quantum` in
/// advance: so slots given out in the same moment are shared out as well, and what a long task
/// turns out to take is made up for afterwards. A tenant that comes back after it had nothing to do
/// starts where the others stand; it neither saves up turns nor pays for having been alone.
///
/// This is start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996) with service measured instead
/// of announced. Pinned by `FairSharingTests`.
extension SchedulingEngine {
    /// The most that a tenant can weigh.
    public static let weightMax = 1_000

    /// How much service a slot counts for as soon as it is given out, in microseconds.
    static let quantum: Int64 = 30_000_000

    /// Sets how much of a shared pool a tenant is owed, against others; 1 for those never named.
    ///
    /// - Parameter weight: held inside 1 … `weightMax`.
    public mutating func setWeight(_ weight: Int, ofTenant id: String) {
        let tenant = tenants.number(of: id)
        let weight = Int64(min(max(1, weight), Self.weightMax))
        guard self.weight(of: tenant) != weight else { return }
        for pool in pools.indices {
            guard let share = pools[pool].shareOfTenant[tenant] else { continue }
            settle(share, inPool: pool)
            markDirty(pool)
        }
        weights[tenant] = weight == 1 ? nil : weight
    }

    /// Tells the time, in nanoseconds since 1970: what is held from now on counts from now on. A
    /// clock that goes back is waited for.
    public mutating func advance(to now: Int64) {
        let time = now / 1_000
        guard let clock else {
            self.clock = time
            for pool in pools.indices {
                for share in pools[pool].shares.indices {
                    pools[pool].shares[share].settledAt = time
                }
            }
            return
        }
        self.clock = max(clock, time)
    }

    /// The share whose turn it is among those that have candidates; nil where none has.
    mutating func nextShare(inPool pool: Int) -> Int? {
        looks += pools[pool].shares.count
        var best: (share: Int, turn: Int64, head: QueueEntry)?
        for share in pools[pool].shares.indices {
            guard let head = pools[pool].shares[share].candidates.first else { continue }
            let turn = turn(of: share, inPool: pool)
            guard let current = best else {
                best = (share, turn, head)
                continue
            }
            if turn != current.turn ? turn < current.turn : head < current.head {
                best = (share, turn, head)
            }
        }
        return best?.share
    }

    /// What decides whose turn it is: the smallest goes first.
    func turn(of share: Int, inPool pool: Int) -> Int64 {
        let record = pools[pool].shares[share]
        let weight = weight(of: record.tenant)
        let service = record.service(at: clock ?? 0, weight: weight)
        return Self.adding(service, slots: record.held, weight: weight)
    }

    /// Whether the queue of `entry` in `group` has its turn before the task in `row`.
    func goesFirst(_ entry: QueueEntry, of group: Int32, before row: Int) -> Bool {
        let pool = Int(tasks[row].pool)
        let tenant = groups[Int(group)].identity.tenant
        guard tenant != tasks[row].tenant,
            let one = pools[pool].shareOfTenant[tenant],
            let other = pools[pool].shareOfTenant[tasks[row].tenant]
        else { return entry < tasks[row].entry }
        return turn(of: one, inPool: pool) <= turn(of: other, inPool: pool)
    }

    /// The tenant's share of the pool, made where there is none.
    mutating func share(of tenant: Int32, inPool pool: Int) -> Int {
        if let known = pools[pool].shareOfTenant[tenant] { return known }
        let share = pools[pool].shares.count
        pools[pool].shares.append(TenantShare(tenant: tenant, at: clock ?? 0))
        pools[pool].shareOfTenant[tenant] = share
        return share
    }

    /// Counts one more task that waits. A tenant that had nothing to do starts where those stand
    /// that have had least.
    mutating func beginWaiting(_ row: Int) {
        let pool = Int(tasks[row].pool)
        let share = share(of: tasks[row].tenant, inPool: pool)
        if pools[pool].shares[share].isIdle { catchUp(share, inPool: pool) }
        pools[pool].shares[share].waiting += 1
    }

    /// Counts one task less that waits.
    mutating func endWaiting(_ row: Int) {
        let pool = Int(tasks[row].pool)
        pools[pool].shares[share(of: tasks[row].tenant, inPool: pool)].waiting -= 1
    }

    /// Counts `change` slots more or less from now on.
    mutating func hold(_ change: Int64, for row: Int) {
        let pool = Int(tasks[row].pool)
        let share = share(of: tasks[row].tenant, inPool: pool)
        if pools[pool].shares[share].isIdle { catchUp(share, inPool: pool) }
        settle(share, inPool: pool)
        pools[pool].shares[share].held += change
    }

    /// Remembers how far the pool's tenants have got, so that who comes later starts there.
    mutating func noteProgress(of share: Int, inPool pool: Int) {
        let record = pools[pool].shares[share]
        let service = record.service(at: clock ?? 0, weight: weight(of: record.tenant))
        pools[pool].progress = max(pools[pool].progress, service)
    }

    /// Forgets tenants that have nothing here and are owed nothing: made anew they start the same.
    mutating func dropIdleShares(inPool pool: Int) {
        let most = 32
        guard pools[pool].shares.count > most else { return }
        let progress = pools[pool].progress
        pools[pool].shares.removeAll { $0.isIdle && $0.service <= progress }
        pools[pool].shareOfTenant = [:]
        for (index, share) in pools[pool].shares.enumerated() {
            pools[pool].shareOfTenant[share.tenant] = index
        }
    }

    /// The first `most` of a pool's waiting tasks in the order in which free slots would take them
    /// now, if each fitted.
    func order(ofPool pool: Int, _ most: Int) -> [QueueEntry] {
        var queues: [(turn: Int64, weight: Int64, entries: ArraySlice<QueueEntry>)] = []
        var ofTenant: [Int32: [QueueEntry]] = [:]
        for group in groupsWithWork(inPool: Int32(pool)) {
            ofTenant[groups[Int(group)].identity.tenant, default: []] +=
                groups[Int(group)].queue.first(most)
        }
        for share in pools[pool].shares.indices {
            let tenant = pools[pool].shares[share].tenant
            guard let entries = ofTenant[tenant] else { continue }
            queues.append(
                (turn(of: share, inPool: pool), weight(of: tenant), entries.sorted()[...]))
        }
        var result: [QueueEntry] = []
        while result.count < most {
            var next: (queue: Int, head: QueueEntry)?
            for queue in queues.indices {
                guard let head = queues[queue].entries.first else { continue }
                guard let current = next else {
                    next = (queue, head)
                    continue
                }
                let (one, other) = (queues[queue].turn, queues[current.queue].turn)
                if one != other ? one < other : head < current.head { next = (queue, head) }
            }
            guard let next else { break }
            result.append(next.head)
            queues[next.queue].entries.removeFirst()
            queues[next.queue].turn = Self.adding(
                queues[next.queue].turn, slots: 1, weight: queues[next.queue].weight)
        }
        return result
    }

    private func weight(of tenant: Int32) -> Int64 { weights[tenant] ?? 1 }

    /// Brings a share that was idle up to where the pool's tenants stand.
    private mutating func catchUp(_ share: Int, inPool pool: Int) {
        var least: Int64?
        for other in pools[pool].shares where !other.isIdle {
            let service = other.service(at: clock ?? 0, weight: weight(of: other.tenant))
            least = least.map { min($0, service) } ?? service
        }
        let start = max(pools[pool].progress, least ?? 0)
        pools[pool].shares[share].service = max(pools[pool].shares[share].service, start)
        pools[pool].shares[share].settledAt = clock ?? 0
    }

    private mutating func settle(_ share: Int, inPool pool: Int) {
        let record = pools[pool].shares[share]
        pools[pool].shares[share].service = record.service(
            at: clock ?? 0, weight: weight(of: record.tenant))
        pools[pool].shares[share].settledAt = max(record.settledAt, clock ?? 0)
    }

    /// `service` and a quantum for each of `slots`, held inside the range.
    private static func adding(_ service: Int64, slots: Int64, weight: Int64) -> Int64 {
        let (ahead, full) = slots.multipliedReportingOverflow(by: quantum)
        let (turn, over) = service.addingReportingOverflow((full ? .max : ahead) / weight)
        return over ? .max : turn
    }
}
