import ControlLoop
import KubernetesCore

/// The shell around a `PlanningMachine`, as `Controller` is one: tells it what happened, in the
/// same order.
struct MachineShell: Sendable {
    var machine: any PlanningMachine
    let name: String
    let access: Access
    private let watched: Set<ObjectIdentifier>
    private var pending = PendingChanges()
    private var ended: [(token: PlanToken, outcome: Outcome)] = []
    private var wakeAt: Instant?
    private var plannedAt: Instant?
    private var term: Int?
    /// Whether a turn is planned.
    var isQueued = false

    init(_ machine: any PlanningMachine) {
        self.machine = machine
        name = type(of: machine).name
        access = type(of: machine).access
        watched = Set(machine.watched.map { ObjectIdentifier($0) })
    }

    /// Whether the machine wants to hear of a kind.
    func watches(_ kind: any ClusterObject.Type) -> Bool {
        watched.contains(ObjectIdentifier(kind))
    }

    /// Puts changes aside until the machine's next turn.
    mutating func post(_ changes: [AnyChange], in view: ClusterView) {
        pending.add(changes, in: view)
    }

    /// Puts the end of a plan aside until the machine's next turn.
    mutating func post(_ token: PlanToken, _ outcome: Outcome) {
        ended.append((token, outcome))
    }

    /// Tells the machine everything that happened.
    mutating func turn(
        _ leadership: Leadership?, _ defects: Defects, at now: Moment
    ) -> [MachineCommand] {
        isQueued = false
        var commands: [MachineCommand] = []
        if case .changed(let changes, let view)? = pending.take() {
            let seen = defects.isEmpty ? view : defects.distorted(view, for: name)
            commands += machine.handle(.changed(changes, in: seen), at: now)
        }
        if leadership?.term != term {
            term = leadership?.term
            commands += machine.handle(.leadership(leadership), at: now)
        }
        let done = ended
        ended = []
        for end in done { commands += machine.handle(.finished(end.token, end.outcome), at: now) }
        if let due = wakeAt, due <= now.instant {
            wakeAt = nil
            plannedAt = nil
            commands += machine.handle(.timer, at: now)
        }
        for case .wake(let at) in commands { wakeAt = at }
        return commands
    }

    /// When the machine wants to look at the clock, where that was not planned before: a turn that
    /// planned the same again would come twice, and then four times.
    mutating func takeNewDue() -> Instant? {
        guard let wakeAt, wakeAt != plannedAt else { return nil }
        plannedAt = wakeAt
        return wakeAt
    }
}
