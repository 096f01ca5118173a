public import KubernetesCore
public import SwiftletAPI

/// A pool as `list_pools` tells of it: what somebody needs who looks for one, and no more.
public struct PoolAccount: Sendable {
    private let pool: BackgroundAgentPool

    /// An account of a pool.
    public init(of pool: BackgroundAgentPool) { self.pool = pool }

    /// The account in JSON.
    public var json: JSONValue {
        var result: JSONObject = [
            "name": .string(pool.metadata.name), "namespace": .string(pool.metadata.namespace),
            "taskTypes": .array(pool.spec.taskTypes.map(Self.type)),
            "takesAnyType": .bool(pool.spec.taskTypes.isEmpty),
            "paused": .bool(pool.spec.paused || pool.spec.emergencyStop),
            "agents": [
                "ready": .int(pool.status.readyReplicas), "idle": .int(pool.status.idleAgents),
                "slotsEach": .int(pool.spec.slotsPerAgent),
            ],
            "queue": [
                "queued": .int(pool.status.queue.queued),
                "running": .int(pool.status.queue.running),
            ],
        ]
        let personas = pool.personaNames
        if !personas.isEmpty { result["personas"] = .strings(personas) }
        return .object(result)
    }

    private static func type(_ type: BackgroundAgentPoolSpec.TaskType) -> JSONValue {
        var result: JSONValue = ["name": .string(type.name)]
        result["inputSchema"] = type.inputSchema?.json
        result["outputSchema"] = type.outputSchema?.json
        return result
    }
}
