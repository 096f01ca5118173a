import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// The lower bound that a pool's floors set at one moment.
struct ScheduledFloor: Hashable, Sendable {
    /// Fewest agents; 0 where no floor holds.
    var agents = 0
    /// When the next floor begins or ends within the hour; nil where none does.
    var next: Timestamp?
    /// The first time zone that is not known here; nil where all are.
    var unknownZone: String?

    /// Nothing holds.
    init() {}

    /// Looks at which floors hold at `now`. A floor whose zone is not known does not hold.
    init(_ floors: [BackgroundAgentPoolSpec.Floor], in zones: ZoneTable, at now: Timestamp) {
        for floor in floors {
            // An expression that is none has been found out as a fault of the spec.
            guard let cron = CronSchedule(floor.cron) else { continue }
            guard let zone = zones[floor.timeZone] else {
                unknownZone = unknownZone ?? floor.timeZone
                continue
            }
            let seconds = now.seconds
            let length = Int64(floor.durationSeconds)
            let began = cron.last(
                atOrBefore: seconds, notBefore: seconds - length + 1, in: zone)
            if let began {
                agents = max(agents, floor.minReplicas)
                note(began + length)
            }
            if let begins = cron.next(after: seconds, notAfter: seconds + 3_600, in: zone) {
                note(begins)
            }
        }
    }

    private mutating func note(_ seconds: Int64) {
        let time = Timestamp(seconds: seconds)
        next = next.map { min($0, time) } ?? time
    }
}
