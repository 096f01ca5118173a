public import KubernetesCore
import Reconcilers
public import SwiftletAPI

/// Which pod has the log of an attempt.
public struct AttemptPlace: Hashable, Sendable {
    /// The attempt's number.
    public var attempt: Int
    /// The pod.
    public var pod: ObjectRef
    /// Whether the attempt runs: more lines may come.
    public var isRunning: Bool

    /// Where attempt `number` of `task` is or was; the last one where no number is given; nil where
    /// there has been none, or where it is not kept any more.
    public init?(_ number: Int?, of task: BackgroundTask) {
        let status = task.status
        let wanted = number ?? status.attempt
        guard wanted > 0 else { return nil }
        let isCurrent = wanted == status.attempt
        let old = status.attempts.last { $0.number == wanted }?.agent
        guard let agent = isCurrent ? status.agent ?? old : old else { return nil }
        attempt = wanted
        pod = ObjectRef(
            type: .pod,
            namespace: agent.namespace ?? task.metadata.namespace,
            name: agent.name)
        isRunning = isCurrent && status.phase == .running
    }

    /// The first attempt after `shown` whose place is known; the last one of all where nothing has
    /// been shown yet. What somebody who follows a task is shown next.
    public static func next(after shown: Int?, of task: BackgroundTask) -> AttemptPlace? {
        guard let shown else { return AttemptPlace(nil, of: task) }
        let numbers = task.status.attempts.map(\.number) + [task.status.attempt]
        return numbers.filter { $0 > shown }.sorted().lazy
            .compactMap { AttemptPlace($0, of: task) }.first
    }
}
