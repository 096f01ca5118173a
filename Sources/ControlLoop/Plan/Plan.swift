public import KubernetesCore

/// What should be done now for one root object: the whole answer of a reconciler.
public struct Plan: Sendable, Equatable {
    /// Writes: outer elements in order, inner ones together. The first failure ends the plan after
    /// the step it happens in.
    public var steps: [[Action]]
    /// The root's status; written after all steps have succeeded, and only where it differs.
    public var status: StatusIntent?
    /// When to look again even if nothing changes; nil means only on a change.
    public var wake: Timestamp?
    /// What to tell people once the plan has been carried out.
    public var notes: [Note]

    /// A plan by all its parts.
    public init(
        steps: [[Action]] = [], status: StatusIntent? = nil, wake: Timestamp? = nil,
        notes: [Note] = []
    ) {
        self.steps = steps
        self.status = status
        self.wake = wake
        self.notes = notes
    }

    /// Nothing to do until something changes.
    public static let idle = Plan()

    /// Nothing to do until something changes or `time` has come.
    public static func waiting(until time: Timestamp) -> Plan { Plan(wake: time) }

    /// Whether carrying this plan out would write nothing.
    public var isIdle: Bool {
        steps.allSatisfy(\.isEmpty) && status?.isSettled != false
    }

    /// Every action of every step, in order; without the status.
    public var actions: [Action] { steps.flatMap { $0 } }

    /// Moves `wake` to `time` where that is earlier; nil changes nothing.
    public mutating func wake(at time: Timestamp?) {
        guard let time else { return }
        wake = wake.map { min($0, time) } ?? time
    }
}
