public import KubernetesCore
public import SwiftletAPI

/// Agents as `swiftlet get agents` shows them, from the status of their pools.
public enum AgentTable {
    /// The table, as seen at `now`.
    public static func of(
        _ pools: [BackgroundAgentPool], namespaced: Bool, wide: Bool, at now: Timestamp
    ) -> TextTable {
        let titles =
            (namespaced ? ["NAMESPACE"] : [])
            + ["NAME", "POOL", "STATE", "HEALTH", "TASKS", "CPU", "MEMORY", "RESTARTS"]
            + (wide ? ["HEARD"] : [])
        var rows: [[String]] = []
        for pool in pools {
            for agent in pool.status.agents {
                var row = namespaced ? [pool.metadata.namespace] : []
                row += [
                    agent.name, pool.metadata.name, agent.state.rawValue, agent.health,
                    "\(agent.tasks)/\(pool.spec.slotsPerAgent)", agent.cpu ?? "",
                    agent.memory ?? "", String(agent.restarts),
                ]
                if wide {
                    row.append(
                        AgeText.between(agent.lastHeartbeatTime, now).map { $0 + " ago" } ?? "")
                }
                rows.append(row)
            }
        }
        return TextTable(titles, rows: rows)
    }
}
