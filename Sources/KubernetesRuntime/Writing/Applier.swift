public import ControlLoop
public import KubernetesCore
public import Logging

/// The only code that writes to the cluster.
///
/// Before every request it checks that this process leads and will lead until the request has
/// ended, and that the access list names the write. Every patch and delete carries the UID it is
/// meant for.
public struct Applier: Sendable {
    let client: any KubernetesReading & KubernetesWriting
    let leadership: LeadershipState
    let time: any TimeSource
    let options: ApplierOptions
    let metrics: RuntimeMetrics?
    let logger: Logger

    /// An applier.
    /// - Parameter leadership: what every write of a plan needs.
    public init(
        client: any KubernetesReading & KubernetesWriting, leadership: LeadershipState,
        options: ApplierOptions = ApplierOptions(), time: any TimeSource = SystemTime(),
        metrics: RuntimeMetrics? = nil, logger: Logger
    ) {
        self.client = client
        self.leadership = leadership
        self.options = options
        self.time = time
        self.metrics = metrics
        self.logger = logger
    }

    /// Carries a plan out: its steps in order, the actions of a step together, then the status
    /// where it differs. Ends with the step in which something went wrong.
    public func apply(_ plan: Plan, root: ObjectRef, access: Access) async -> Outcome {
        var done: [Write] = []
        var steps = plan.steps.filter { !$0.isEmpty }
        if let status = plan.status, let difference = status.difference {
            steps.append([
                .patch(
                    root, ["status": difference], subresource: "status",
                    resourceVersion: status.resourceVersion)
            ])
        }
        for step in steps {
            let results = await carryOut(step, access)
            done += results.compactMap { if case .done(let write?) = $0 { write } else { nil } }
            if let outcome = Applier.outcome(of: results, done) { return outcome }
        }
        return .applied(done)
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

    /// Carries out the actions of one step together: few at first, more with every success, none
    /// after the first that failed. Results in the order of the actions that were begun.
    private func carryOut(_ step: [Action], _ access: Access) async -> [ActionResult] {
        var results: [Int: ActionResult] = [:]
        var window = 1
        var next = 0
        var isBroken = false
        await withTaskGroup(of: (Int, ActionResult).self) { group in
            var out = 0
            func begin() {
                while !isBroken, out < window, next < step.count {
                    let index = next
                    group.addTask { (index, await self.carryOut(step[index], access)) }
                    next += 1
                    out += 1
                }
            }
            begin()
            while let (index, result) = await group.next() {
                out -= 1
                results[index] = result
                if case .done = result {
                    window = min(options.concurrencyMax, window * 2)
                } else {
                    isBroken = true
                }
                begin()
            }
        }
        return results.sorted { $0.key < $1.key }.map(\.value)
    }

    private func carryOut(_ action: Action, _ access: Access) async -> ActionResult {
        let now = time.now.instant
        guard let leadership = leadership.current else { return .deposed }
        let rest = leadership.validUntil - now - options.leadershipMargin
        guard rest >= options.requestTimeMin else { return .deposed }
        return await perform(action, access: access, within: min(options.requestTimeout, rest))
    }
}
