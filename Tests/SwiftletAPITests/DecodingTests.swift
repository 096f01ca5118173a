import KubernetesCore
import SeededTesting
import SwiftletAPI
import Testing

@Suite struct DecodingTests {
    private static func pool(_ spec: JSONValue) throws -> BackgroundAgentPool {
        try BackgroundAgentPool(
            reading: JSONDocument(parsing: SchemaTests.pool(spec).encoded()).root)
    }

    private static func task(_ spec: JSONValue) throws -> BackgroundTask {
        try BackgroundTask(reading: JSONDocument(parsing: SchemaTests.task(spec).encoded()).root)
    }

    @Test func `every field of a pool is read`() throws {
        let spec = try Self.pool([
            "replicas": 7, "slotsPerAgent": 3, "tenant": "blue", "paused": true,
            "emergencyStop": true, "preemption": "LowerPriority",
            "autoscaling": [
                "enabled": false, "minReplicas": 1, "maxReplicas": 9, "targetUtilization": 50,
                "queueDrainSeconds": 30, "scaleDownStabilizationSeconds": 10, "minIdle": 2,
                "floors": [
                    [
                        "cron": "0 8 * * MON-FRI", "timeZone": "Europe/Berlin",
                        "durationSeconds": 3_600, "minReplicas": 5,
                    ]
                ],
            ],
            "taskTypes": [["name": "lint", "weight": 2.5, "inputSchema": ["type": "object"]]],
            "persona": ["name": "personas", "key": "qa.md"],
            "agent": [
                "heartbeatSeconds": 5, "timeoutSeconds": 50, "startupTimeoutSeconds": 60,
                "healthCheckIntervalSeconds": 15,
                "recycle": ["afterTasks": 10, "afterSeconds": 600, "mode": "Reuse"],
                "restartBudget": ["restarts": 3, "windowSeconds": 60],
            ],
            "update": [
                "maxUnavailable": 2, "maxSurge": "50%", "drainSeconds": 20,
                "progressDeadlineSeconds": 30,
            ],
            "quota": ["hard": ["cpu": 4, "memory": "8Gi"]],
            "isolation": [
                "networkPolicy": "None", "runtimeClassName": "gvisor",
                "serviceAccountName": "agents",
                "egress": [
                    [
                        "cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"],
                        "ports": [["port": 443], ["port": 53, "protocol": "UDP"]],
                    ]
                ],
            ],
            "policies": [
                "failureAction": "Audit",
                "exceptions": [["policyName": "p", "ruleNames": ["r"]]],
            ],
            "allowedNamespaces": ["from": "Selector", "selector": ["matchLabels": ["a": "b"]]],
            "scoring": ["capacity": 1, "specialization": 0, "performance": 0.5, "workload": 0],
        ]).spec
        #expect(spec.replicas == 7 && spec.slotsPerAgent == 3 && spec.tenant == "blue")
        #expect(spec.paused && spec.emergencyStop && spec.preemption == .lowerPriority)
        #expect(spec.autoscaling.floors.first?.timeZone == "Europe/Berlin")
        #expect(spec.autoscaling.minIdle == 2 && !spec.autoscaling.enabled)
        #expect(spec.taskTypes.first?.weight == 2.5)
        #expect(spec.taskTypes.first?.inputSchema == TaskContract(["type": "object"]))
        #expect(spec.persona == .init(name: "personas", key: "qa.md"))
        #expect(spec.agent.recycle.afterTasks == 10 && spec.agent.restartBudget.restarts == 3)
        #expect(spec.update.maxUnavailable == .count(2) && spec.update.maxSurge == .percent(50))
        #expect(spec.quota?.hard == ["cpu": "4", "memory": "8Gi"])
        #expect(spec.isolation.egress.first?.ports.last == .init(port: 53, protocol: .udp))
        #expect(spec.policies.exceptions.first?.ruleNames == ["r"])
        #expect(spec.allowedNamespaces.from == .selector && spec.scoring.performance == 0.5)
        #expect(spec.faults == [])
    }

    @Test func `a pool's workspace is read with its bounds, and its claim has to be a name`() throws
    {
        let given = try Self.pool([
            "workspace": [
                "claimName": "work", "checkpointBytesMax": 2_097_152, "retentionSeconds": 7_200,
            ]
        ]).spec
        #expect(given.workspace?.claimName == "work")
        #expect(given.workspace?.checkpointBytesMax == 2_097_152)
        #expect(given.workspace?.retentionSeconds == 7_200)
        #expect(given.faults == [])
        #expect(try Self.pool([:]).spec.workspace == nil)
        let wild = try Self.pool([
            "workspace": ["claimName": "../x", "checkpointBytesMax": 1, "retentionSeconds": 1]
        ]).spec
        #expect(wild.workspace?.checkpointBytesMax == 1 << 20)
        #expect(wild.workspace?.retentionSeconds == 3_600)
        #expect(wild.faults.contains { $0.field == "spec.workspace.claimName" })
    }

    @Test func `every field of a task is read`() throws {
        let spec = try Self.task([
            "poolRef": ["name": "qa", "namespace": "shared"], "type": "lint", "priority": -5,
            "command": ["make"], "args": ["lint"], "input": ["deep": [1, 2.5, "x"]],
            "env": [
                ["name": "A", "value": "1"],
                [
                    "name": "B",
                    "valueFrom": [
                        "secretKeyRef": ["name": "s", "key": "k", "optional": true]
                    ],
                ],
            ],
            "resources": ["requests": ["cpu": "500m"]],
            "dependsOn": [["name": "build"], ["name": "x", "condition": "Finished"]],
            "estimatedDurationSeconds": 5, "timeoutSeconds": 50, "queueTimeoutSeconds": 60,
            "notBefore": "2026-03-01T09:30:00Z",
            "retry": [
                "maxRetries": 1,
                "backoff": ["initialSeconds": 1, "factor": 1.5, "maxSeconds": 9],
                "rules": [
                    [
                        "exitCodes": [3], "classes": ["Timeout"], "messagePattern": "no space",
                        "action": "RetryAfterDelay",
                    ]
                ],
            ],
            "checkpoint": ["enabled": false], "matrix": ["os": ["a", "b"]],
            "state": "Suspended", "ttlSecondsAfterFinished": 60,
        ]).spec
        #expect(spec.poolRef == .init(name: "qa", namespace: "shared") && spec.priority == -5)
        #expect(spec.command == ["make"] && spec.args == ["lint"])
        #expect(spec.input == ["deep": [1, 2.5, "x"]])
        #expect(
            spec.env.last?.source == .secretKey(.init(name: "s", key: "k", isOptional: true)))
        #expect(spec.dependsOn.map(\.condition) == [.succeeded, .finished])
        #expect(spec.notBefore == Timestamp("2026-03-01T09:30:00Z"))
        #expect(spec.retry.rules.first?.action == .retryAfterDelay)
        #expect(spec.retry.rules.first?.classes == [.timeout] && spec.retry.backoff.factor == 1.5)
        #expect(!spec.checkpoint.enabled && spec.matrix == ["os": ["a", "b"]])
        #expect(spec.state == .suspended && spec.ttlSecondsAfterFinished == 60)
        #expect(spec.faults(name: "lint") == [])
    }

    @Test(arguments: [
        (#"{"replicas":"x"}"#, "spec.replicas"), (#"{"autoscaling":[]}"#, "spec.autoscaling"),
        (#"{"taskTypes":[{}]}"#, "spec.taskTypes[0]"), (#"{"template":3}"#, "spec.template"),
        (#"{"autoscaling":{"floors":{}}}"#, "spec.autoscaling.floors"),
    ])
    func `a value of another type is an error with its path`(spec: String, path: String) throws {
        let error = #expect(throws: JSONError.self) {
            try Self.pool(JSONValue(parsing: spec))
        }
        #expect(error?.place == path)
    }

    @Test func `what lies outside its bounds is held inside them and noted`() throws {
        let spec = try Self.pool([
            "replicas": .integer(.max), "slotsPerAgent": .integer(.min), "preemption": "Ever",
            "update": ["maxSurge": "900%"], "scoring": ["capacity": 1e300],
        ]).spec
        #expect(spec.replicas == 1_000 && spec.slotsPerAgent == 1 && spec.preemption == .never)
        #expect(
            spec.readingFaults.map(\.field) == [
                "spec.replicas", "spec.slotsPerAgent", "spec.update.maxSurge",
                "spec.scoring.capacity", "spec.preemption",
            ])
        #expect(spec.faults.count >= 5)
    }

    @Test(arguments: UInt64(1)...200)
    func `no input traps`(seed: UInt64) throws {
        var random = Random(numbers: SeededNumbers(seed))
        let spec = random.value(depth: 0, of: Self.words)
        for object in [SchemaTests.task(spec), SchemaTests.pool(spec)] {
            var object = object
            object["status"] = random.value(depth: 0, of: Self.words)
            let node = try JSONDocument(parsing: object.encoded()).root
            if let task = try? BackgroundTask(reading: node) {
                _ = task.spec.faults(name: "x")
                _ = task.status.json
            }
            if let pool = try? BackgroundAgentPool(reading: node) {
                _ = pool.spec.faults
                _ = pool.status.json
            }
        }
    }

    private static let words: [String] = {
        func names(_ schema: StructuralSchema) -> [String] {
            schema.properties.flatMap { [$0.0] + names($0.1) }
                + (schema.items.map { names($0) } ?? [])
        }
        return Array(
            Set(
                names(CustomResourceDefinitions.poolSchema)
                    + names(CustomResourceDefinitions.taskSchema))
        ).sorted()
    }()

    /// Random JSON out of the words of our schemas.
    private struct Random {
        var numbers: SeededNumbers

        mutating func below(_ bound: Int) -> Int { numbers.number(below: bound) }

        mutating func value(depth: Int, of words: [String]) -> JSONValue {
            switch depth == 0 ? 8 : below(depth > 4 ? 7 : 11) {
            case 0: return .null
            case 1: return .bool(below(2) == 0)
            case 2: return .integer([.min, -1, 0, 1, 17, 5_000, .max][below(7)])
            case 3: return .double([0.5, -1e300, 1e300, 3.0][below(4)])
            case 4: return .string("")
            case 5: return .string(words[below(words.count)])
            case 6:
                return .string(
                    ["99999999999999999999%", "1e400", "2026-13-01T00:00:00Z", "a\u{0}b"][below(4)])
            case 7, 8, 9:
                var object = JSONObject()
                for _ in 0..<below(20) {
                    object[words[below(words.count)]] = value(depth: depth + 1, of: words)
                }
                return .object(object)
            default:
                return .array((0..<below(5)).map { _ in value(depth: depth + 1, of: words) })
            }
        }
    }
}
