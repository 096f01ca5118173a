/// A tenant's part in one pool: the work it has waiting there, and what it has had so far.
struct TenantShare: Sendable {
    let tenant: Int32
    /// The heads of the tenant's groups that are not parked, in order.
    var candidates = SortedEntries()
    /// Tasks that wait, parked ones included.
    var waiting = 0
    /// Slots that the tenant holds: tasks given out and running.
    var held: Int64 = 0
    /// What the tenant had up to `settledAt`: slot-microseconds divided by its weight.
    var service: Int64 = 0
    /// Up to when `service` counts, in microseconds since 1970.
    var settledAt: Int64 = 0

    init(tenant: Int32, at now: Int64) {
        self.tenant = tenant
        settledAt = now
    }

    var isIdle: Bool { waiting == 0 && held == 0 }

    /// What the tenant has had at `now`; it never goes down, whatever the clock does.
    func service(at now: Int64, weight: Int64) -> Int64 {
        guard held > 0, now > settledAt else { return service }
        let (lapse, late) = now.subtractingReportingOverflow(settledAt)
        let (slots, full) = held.multipliedReportingOverflow(by: late ? .max : lapse)
        let (sum, over) = service.addingReportingOverflow((full ? .max : slots) / weight)
        return over ? .max : sum
    }
}
