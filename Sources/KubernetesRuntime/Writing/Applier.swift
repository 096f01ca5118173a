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

    var rules: WriteRules { WriteRules(options) }

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
        var execution = PlanExecution(
            plan, root: root, concurrencyMax: options.concurrencyMax)
        await withTaskGroup(of: (Int, ActionResult).self) { group in
            func begin() {
                for begun in execution.begin() {
                    group.addTask { (begun.number, await self.carryOut(begun.action, access)) }
                }
            }
            begin()
            while let (number, result) = await group.next() {
                execution.finished(number, result)
                begin()
            }
        }
        return execution.outcome ?? .applied([])
    }

    private func carryOut(_ action: Action, _ access: Access) async -> ActionResult {
        guard let limit = rules.limit(under: leadership.current, at: time.now.instant) else {
            return .deposed
        }
        return await perform(action, access: access, within: limit)
    }
}
