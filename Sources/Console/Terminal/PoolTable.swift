public import KubernetesCore
public import SwiftletAPI

/// Pools as `swiftlet get pools` shows them.
public enum PoolTable {
    /// The table, as seen at `now`.
    public static func of(
        _ pools: [BackgroundAgentPool], namespaced: Bool, wide: Bool, at now: Timestamp
    ) -> TextTable {
        let titles =
            (namespaced ? ["NAMESPACE"] : [])
            + [
                "NAME", "STATE", "READY", "DESIRED", "IDLE", "BUSY", "QUEUED", "RUNNING",
                "UPDATED", "AGE",
            ] + (wide ? ["MIN", "MAX", "SLOTS", "TENANT", "MESSAGE"] : [])
        return TextTable(
            titles,
            rows: pools.map { pool in
                let line = PoolLine(
                    pool,
                    tasks: [
                        .queued: pool.status.queue.queued, .running: pool.status.queue.running,
                    ])
                return (namespaced ? [line.key.namespace] : []) + narrow(line, now)
                    + (wide ? more(line) : [])
            })
    }

    private static func narrow(_ line: PoolLine, _ now: Timestamp) -> [String] {
        let numbers = [
            line.ready, line.desired, line.idle, line.busy, line.count(.queued),
            line.count(.running), line.updated,
        ]
        return [line.key.name, line.stateText] + numbers.map { String($0) }
            + [AgeText.of(now - line.created)]
    }

    private static func more(_ line: PoolLine) -> [String] {
        [
            line.scaling.map { "\($0.lowerBound)" } ?? "",
            line.scaling.map { "\($0.upperBound)" } ?? "",
            "\(line.slots)", line.tenant ?? "", line.message,
        ]
    }
}

extension PoolLine {
    /// How it is, in one word: the reason where something is not as it should be.
    var stateText: String { reason.isEmpty ? health.rawValue : reason }
}
