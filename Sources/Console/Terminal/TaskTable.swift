public import KubernetesCore
public import SwiftletAPI

/// Tasks as `swiftlet get tasks` shows them.
public enum TaskTable {
    /// The table, as seen at `now`.
    /// - Parameters:
    ///   - namespaced: whether the namespace is shown.
    ///   - wide: whether the agent and the sentence behind the reason are shown.
    public static func of(
        _ tasks: [BackgroundTask], namespaced: Bool, wide: Bool, at now: Timestamp
    ) -> TextTable {
        let titles =
            (namespaced ? ["NAMESPACE"] : [])
            + [
                "NAME", "PHASE", "POOL", "TYPE", "PRIORITY", "ATTEMPT", "PROGRESS", "REASON",
                "AGE",
            ] + (wide ? ["AGENT", "PLACE", "TOOK", "MESSAGE"] : [])
        return TextTable(
            titles,
            rows: tasks.map { task in
                let line = TaskLine(task, at: now)
                return (namespaced ? [line.key.namespace] : []) + narrow(line, now)
                    + (wide ? more(line) : [])
            })
    }

    private static func narrow(_ line: TaskLine, _ now: Timestamp) -> [String] {
        [
            line.key.name, line.phase.rawValue, line.poolText ?? "", line.type,
            String(line.priority), line.attemptText, line.percent.map { "\($0)%" } ?? "",
            line.reason, AgeText.of(now - line.created),
        ]
    }

    private static func more(_ line: TaskLine) -> [String] {
        [
            line.agent ?? "", line.phase == .queued ? line.position.map(String.init) ?? "" : "",
            line.duration.map { AgeText.of($0) } ?? "",
            line.activity.isEmpty ? line.message : line.activity,
        ]
    }
}
