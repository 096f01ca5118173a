public import ControlLoop
import KubernetesCore
public import SwiftletAPI

/// The spans that tell the story of a task: the task, its wait for the first agent, and each
/// attempt that the status still knows.
public enum TaskSpans {
    /// Most bytes of a text in a span.
    private static let textMax = 256

    /// The spans of tasks that have just ended.
    public static func ended(_ changes: [Change<BackgroundTask>]) -> [Span] {
        changes.flatMap { change -> [Span] in
            guard let old = change.old, let new = change.new,
                old.metadata.uid == new.metadata.uid, !old.isFinished, new.isFinished
            else { return [] }
            return spans(of: new)
        }
    }

    /// All spans of a task that has ended; none where its submitter does not record the trace, or
    /// where it has not ended.
    public static func spans(of task: BackgroundTask) -> [Span] {
        let trace = task.trace
        guard trace.isSampled, task.isFinished, let end = task.status.completionTime else {
            return []
        }
        let start = task.metadata.creationTime
        var spans = [
            Span(
                name: "swiftlet.task", context: trace, parent: task.parentTrace?.spanID,
                start: start, end: max(start, end), attributes: attributes(of: task),
                fault: fault(of: task))
        ]
        let attempts = task.status.attempts
        if let first = attempts.first, first.number == 1, let began = first.startTime {
            spans.append(
                Span(
                    name: "swiftlet.queue", context: task.queueTrace, parent: trace.spanID,
                    start: start, end: max(start, began), attributes: [], fault: nil))
        }
        spans += attempts.compactMap { attempt(of: task, $0) }
        return spans
    }

    private static func attempt(
        of task: BackgroundTask, _ attempt: BackgroundTaskStatus.Attempt
    ) -> Span? {
        guard let start = attempt.startTime, let end = attempt.completionTime else { return nil }
        var attributes = [
            Span.Attribute("swiftlet.attempt.number", .int(attempt.number)),
            Span.Attribute("swiftlet.attempt.outcome", .string(attempt.outcome.rawValue)),
        ]
        if let agent = attempt.agent {
            attributes.append(Span.Attribute("k8s.pod.name", .string(agent.name)))
            attributes.append(Span.Attribute("k8s.pod.uid", .string(agent.uid.text)))
        }
        var fault: String?
        if let failure = attempt.failure {
            attributes.append(
                Span.Attribute("error.type", .string(failure.class.rawValue)))
            fault = cut(failure.message ?? failure.reason)
        }
        return Span(
            name: "swiftlet.attempt", context: task.trace(ofAttempt: attempt.number),
            parent: task.trace.spanID, start: start, end: max(start, end),
            attributes: attributes, fault: fault)
    }

    private static func attributes(of task: BackgroundTask) -> [Span.Attribute] {
        var result = [
            Span.Attribute("k8s.namespace.name", .string(task.metadata.namespace)),
            Span.Attribute("swiftlet.task.name", .string(task.metadata.name)),
            Span.Attribute("swiftlet.task.uid", .string(task.metadata.uid.text)),
            Span.Attribute("swiftlet.task.phase", .string(task.status.phase.rawValue)),
            Span.Attribute("swiftlet.task.attempts", .int(task.status.attempt)),
            Span.Attribute("swiftlet.task.retries", .int(task.status.retries)),
        ]
        if let pool = task.poolKey {
            result.append(Span.Attribute("swiftlet.pool.name", .string(pool.name)))
        }
        if !task.spec.type.isEmpty {
            result.append(Span.Attribute("swiftlet.task.type", .string(task.spec.type)))
        }
        return result
    }

    private static func fault(of task: BackgroundTask) -> String? {
        guard task.status.phase == .failed else { return nil }
        return cut(task.status.failure?.message ?? task.status.message ?? "")
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > textMax else { return text }
        return String(text.prefix(textMax))
    }
}
