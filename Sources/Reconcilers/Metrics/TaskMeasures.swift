public import ControlLoop
public import KubernetesCore
public import SwiftletAPI

/// What changes of tasks add to the metrics: waits, attempts, ends, checkpoints. It counts what it
/// sees happen, and nothing that had happened before.
public struct TaskMeasures: Sendable {
    /// A task that can start and does not run yet.
    private struct Wait {
        var since: Instant
        /// Whether its queueing was worth a write: then no slot was free.
        var hasQueued = false
    }

    private var waits: [UID: Wait] = [:]

    /// Nothing has been seen yet.
    public init() {}

    /// Takes changes of tasks that became known at `now`.
    public mutating func take(
        _ changes: [Change<BackgroundTask>], at now: Instant
    ) -> [Measurement] {
        changes.flatMap { take($0, at: now) }
    }

    /// The values of the labels `namespace` and `pool`.
    public static func labels(of task: BackgroundTask) -> [String] {
        task.poolKey.map { [$0.namespace, $0.name] } ?? [task.metadata.namespace, ""]
    }

    private mutating func take(
        _ change: Change<BackgroundTask>, at now: Instant
    ) -> [Measurement] {
        guard let new = change.new else {
            if let old = change.old { waits[old.metadata.uid] = nil }
            return []
        }
        let uid = new.metadata.uid
        let old = change.old?.metadata.uid == uid ? change.old : nil
        if let gone = change.old, old == nil { waits[gone.metadata.uid] = nil }
        var result = wait(from: old, to: new, at: now)
        guard let old else { return result }
        let labels = TaskMeasures.labels(of: new)
        if !old.isFinished, new.isFinished {
            result.append(
                Measurement(ProductMetrics.finished, labels + [new.status.phase.rawValue]))
        }
        result += attempts(from: old, to: new, labels)
        if let checkpoint = new.status.checkpoint, checkpoint != old.status.checkpoint {
            result.append(Measurement(ProductMetrics.checkpoints, labels))
            result.append(
                Measurement(ProductMetrics.checkpointBytes, labels, Double(checkpoint.bytes)))
        }
        return result
    }

    private mutating func wait(
        from old: BackgroundTask?, to new: BackgroundTask, at now: Instant
    ) -> [Measurement] {
        let uid = new.metadata.uid
        guard !new.spec.fansOut else { return [] }
        switch new.status.phase {
        case .pending:
            // A task that is new, or that was there before this process and has not been touched.
            if waits[uid] == nil { waits[uid] = Wait(since: now) }
        case .queued:
            // Since when a task has queued that was queued when it was first seen, nobody knows.
            if waits[uid] == nil, old == nil { return [] }
            waits[uid, default: Wait(since: now)].hasQueued = true
        case .running:
            guard let wait = waits.removeValue(forKey: uid) else { return [] }
            let labels = TaskMeasures.labels(of: new)
            let seconds = (now - wait.since).inSeconds
            let isDirect = !wait.hasQueued && new.status.attempt == 1
            return [Measurement(ProductMetrics.wait, labels, seconds)]
                + (isDirect ? [Measurement(ProductMetrics.scheduling, labels, seconds)] : [])
        case .blocked, .scheduled, .succeeded, .failed, .cancelled: waits[uid] = nil
        }
        return []
    }

    private func attempts(
        from old: BackgroundTask, to new: BackgroundTask, _ labels: [String]
    ) -> [Measurement] {
        let seen = old.status.attempts.last?.number ?? 0
        return new.status.attempts.filter { $0.number > seen }.flatMap { attempt in
            let outcome = attempt.outcome.rawValue
            let kind = attempt.failure?.class.rawValue ?? "None"
            var result = [
                Measurement(ProductMetrics.attempts, labels + [outcome, kind])
            ]
            if let began = attempt.startTime, let ended = attempt.completionTime {
                let seconds = max(0, (ended - began).inSeconds)
                result.append(
                    Measurement(ProductMetrics.attemptTime, labels + [outcome], seconds))
            }
            return result
        }
    }
}
