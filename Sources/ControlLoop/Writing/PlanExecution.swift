public import KubernetesCore

/// A plan on its way: which actions may go out now, and what came of the whole.
///
/// The steps in order, the actions of a step together, then the status where it differs. Few
/// actions at first, more with every success, none after the first that failed; the plan ends with
/// the step in which something went wrong.
public struct PlanExecution: Sendable {
    /// An action to be carried out now.
    public struct Begun: Sendable {
        /// Names the action when its result is told.
        public let number: Int
        /// What to do.
        public let action: Action
    }

    private let steps: [[Action]]
    private let concurrencyMax: Int
    private var step = 0
    private var next = 0
    private var open = 0
    private var window = 1
    private var isBroken = false
    private var results: [Int: ActionResult] = [:]
    private var done: [Write] = []

    /// What became of the plan; nil while anything is still to be done.
    public private(set) var outcome: Outcome?

    /// The execution of `plan` for the object `root`, of which nothing has been done.
    /// - Parameter concurrencyMax: most actions of one step that are out at the same time.
    public init(_ plan: Plan, root: ObjectRef, concurrencyMax: Int) {
        var steps = plan.steps.filter { !$0.isEmpty }
        if let status = plan.status, let difference = status.difference {
            steps.append([
                .patch(
                    root, ["status": difference], subresource: "status",
                    resourceVersion: status.resourceVersion)
            ])
        }
        self.steps = steps
        self.concurrencyMax = max(1, concurrencyMax)
    }

    /// The actions to carry out now, each once. Where there are none and none is out, there is an
    /// outcome.
    public mutating func begin() -> [Begun] {
        var begun: [Begun] = []
        while outcome == nil, begun.isEmpty {
            guard step < steps.count else {
                outcome = .applied(done)
                break
            }
            let actions = steps[step].map(current)
            while !isBroken, open < window, next < actions.count {
                begun.append(Begun(number: next, action: actions[next]))
                next += 1
                open += 1
            }
            guard open == 0 else { break }
            endStep()
        }
        return begun
    }

    /// Takes the result of an action that was begun. Results of a step that is over are ignored.
    public mutating func finished(_ number: Int, _ result: ActionResult) {
        guard open > 0, results[number] == nil else { return }
        open -= 1
        results[number] = result
        if case .done = result {
            window = min(concurrencyMax, window * 2)
        } else {
            isBroken = true
        }
    }

    /// The action at the version that this plan itself has brought its object to: who wrote an
    /// object knows it, and must not be stopped by that write.
    private func current(_ action: Action) -> Action {
        guard case .patch(let target, let patch, let subresource, let version?) = action,
            version != .unknown,
            let write = done.last(where: { $0.object == target && $0.version != .unknown })
        else { return action }
        return .patch(
            target, patch, subresource: subresource, resourceVersion: write.version)
    }

    private mutating func endStep() {
        let ended = results.sorted { $0.key < $1.key }.map(\.value)
        done += ended.compactMap { if case .done(let write?) = $0 { write } else { nil } }
        outcome = PlanExecution.outcome(of: ended, done)
        step += 1
        next = 0
        window = 1
        isBroken = false
        results = [:]
    }

    /// The outcome of a step that did not go well: what ends leadership weighs most, then what a
    /// new look can cure, then the first failure in the order of the step.
    private static func outcome(of results: [ActionResult], _ done: [Write]) -> Outcome? {
        if results.contains(.deposed) { return .deposed(done: done) }
        var failure: WriteFailure?
        for result in results {
            switch result {
            case .stale(let object): return .stale(object, done: done)
            case .failed(let found): failure = failure ?? found
            case .done, .deposed: break
            }
        }
        return failure.map { .failed($0, done: done) }
    }
}
