public import KubernetesCore
public import SwiftletAPI
import TaskScheduling

/// Where a task stands that does not run: the one answer on which the scheduler's queue and the
/// status that people see both rest.
public enum TaskStanding: Hashable, Sendable {
    /// It runs.
    case running
    /// It has ended.
    case finished
    /// It was called off, or is being deleted, before it ran.
    case calledOff
    /// It can never run: one CamelCase word, and a sentence.
    case hopeless(reason: String, message: String)
    /// Something keeps it from being queued: one CamelCase word, a sentence, and what it waits for.
    case blocked(reason: String, message: String, by: [String])
    /// It waits for a time.
    case scheduled(until: Timestamp)
    /// Its children may be made: it is cut into several tasks and does not run itself.
    case dividable
    /// It may run as soon as an agent of this pool is free.
    case eligible(Key<BackgroundAgentPool>)

    /// How many names of tasks a status lists.
    static let namesMax = 10

    /// Where `task` stands at `now`.
    public static func of(
        _ task: BackgroundTask, _ surroundings: TaskSurroundings, at now: Timestamp
    ) -> TaskStanding {
        if task.isFinished { return .finished }
        if task.status.phase == .running { return .running }
        if task.spec.state == .cancelled || task.metadata.isDeleting { return .calledOff }
        if let standing = ofSpec(task) { return standing }
        // What a task waited for may have been cleaned up since its first attempt began.
        if task.status.attempt == 0, let standing = ofDependencies(surroundings) {
            return standing
        }
        if task.spec.state == .suspended {
            return .blocked(
                reason: "Suspended", message: "The task is suspended (spec.state).", by: [])
        }
        if task.spec.fansOut {
            if let until = task.earliestStart, until > now { return .scheduled(until: until) }
            return .dividable
        }
        switch surroundings.placement {
        case .none(let reason, let message):
            return .blocked(reason: reason, message: message, by: [])
        case .pool(let pool):
            if surroundings.isPoolStopped {
                return .blocked(
                    reason: "EmergencyStop", message: "Pool \(pool) is stopped.", by: [])
            }
            if let until = task.earliestStart, until > now { return .scheduled(until: until) }
            return .eligible(pool)
        }
    }

    /// What is wrong with the spec itself. A spec that is only half understood is not run.
    private static func ofSpec(_ task: BackgroundTask) -> TaskStanding? {
        // A task that waits for itself is a cycle, and fails as such.
        let faults = task.spec.faults(name: task.metadata.name)
        if let fault = faults.first(where: { !$0.field.hasPrefix("spec.dependsOn") }) {
            return .blocked(reason: "InvalidSpec", message: fault.description, by: [])
        }
        return nil
    }

    private static func ofDependencies(_ surroundings: TaskSurroundings) -> TaskStanding? {
        if let cycle = surroundings.cycle {
            let path = (cycle + cycle.prefix(1)).prefix(namesMax).joined(separator: " → ")
            return .hopeless(
                reason: "DependencyCycle", message: "The task waits for itself: \(path).")
        }
        switch DependencyGraph.verdict(surroundings.dependencies) {
        case .satisfied: return nil
        case .waiting(let names):
            let listed = Array(names.prefix(namesMax))
            return .blocked(
                reason: "WaitingForDependencies",
                message: "Waiting for " + listed.joined(separator: ", ")
                    + (names.count > listed.count
                        ? " and \(names.count - listed.count) more." : "."),
                by: listed)
        case .missing(let names):
            let listed = Array(names.prefix(namesMax))
            return .blocked(
                reason: "DependencyNotFound",
                message: "There is no task " + listed.joined(separator: ", ") + " yet.",
                by: listed)
        case .impossible(let edge):
            return .hopeless(
                reason: "DependencyNotMet",
                message: "Task \(edge.name) should have \(edge.condition.past),"
                    + " but has \(edge.state.past).")
        }
    }
}

extension BackgroundTask {
    /// Before when it is not started: what its spec asks for, or the delay before a retry.
    public var earliestStart: Timestamp? {
        [spec.notBefore, status.notBefore].compactMap { $0 }.max()
    }

    /// Since when it has been its turn to be queued, as far as can be told.
    func queueable(_ surroundings: TaskSurroundings) -> Timestamp {
        [
            metadata.creationTime, earliestStart, surroundings.dependenciesEnded,
            status.attempts.last?.completionTime,
        ].compactMap { $0 }.max() ?? metadata.creationTime
    }
}

extension DependencyCondition {
    fileprivate var past: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .finished: "finished"
        }
    }
}

extension DependencyState {
    fileprivate var past: String {
        switch self {
        case .missing: "not been created"
        case .unfinished: "not finished"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "been cancelled"
        }
    }
}
