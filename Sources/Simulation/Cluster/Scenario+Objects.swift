import KubernetesCore
import SwiftletAPI

/// What users make.
extension Scenario {
    /// What sets a pool apart from a plain one.
    enum Trait: Sendable, Equatable {
        case plain
        /// Every attempt gets a fresh agent.
        case ephemeral
        /// Agents are replaced after so many attempts.
        case tires(attempts: Int)
        /// Agents are replaced after a minute.
        case ages
        /// More agents are kept from this minute on.
        case floor(minute: Int, seconds: Int, agents: Int)

        static func drawn(_ dice: inout Dice) -> Trait {
            let attempts = dice.number(1...3)
            let floor = Trait.floor(
                minute: dice.below(2), seconds: dice.number(70...110),
                agents: dice.number(2...3))
            switch dice.below(100) {
            case 0..<52: return .plain
            case 52..<66: return .ephemeral
            case 66..<76: return .tires(attempts: attempts)
            case 76..<84: return .ages
            default: return floor
            }
        }
    }

    func pool(_ index: Int, _ dice: inout Dice, _ features: inout Dice) -> ModelObject {
        var object = plainPool(index, &dice)
        switch Trait.drawn(&features) {
        case .plain: break
        case .ephemeral:
            object.value[path: ["spec", "agent", "recycle"]] = ["mode": "Ephemeral"]
            object.value[path: ["spec", "slotsPerAgent"]] = 1
            let slots = ["spec", "template", "metadata", "annotations", "simulation/slots"]
            object.value[path: slots] = "1"
        case .tires(let attempts):
            object.value[path: ["spec", "agent", "recycle"]] = ["afterTasks": .int(attempts)]
        case .ages:
            object.value[path: ["spec", "agent", "recycle"]] = ["afterSeconds": 60]
        case .floor(let minute, let seconds, let agents):
            object.value[path: ["spec", "autoscaling", "enabled"]] = true
            object.value[path: ["spec", "autoscaling", "floors"]] = [
                [
                    "cron": .string("\(minute) 0 * * *"), "durationSeconds": .int(seconds),
                    "minReplicas": .int(agents),
                ]
            ]
        }
        if preempts { object.value[path: ["spec", "preemption"]] = "LowerPriority" }
        return object
    }

    private func plainPool(_ index: Int, _ dice: inout Dice) -> ModelObject {
        let slots = dice.number(1...2)
        let replicas = dice.number(1...2)
        let scales = dice.happens(250)
        let drain = dice.number(45...70)
        let hasQuota = dice.happens(80)
        var value: JSONValue = [
            "apiVersion": .string(BackgroundAgentPool.type.apiVersion),
            "kind": .string(BackgroundAgentPool.type.kind),
            "metadata": [
                "name": .string("pool-\(index)"), "namespace": .string(Scenario.home),
            ],
            "spec": [
                "replicas": .int(replicas), "slotsPerAgent": .int(slots),
                "autoscaling": [
                    "enabled": .bool(scales), "minReplicas": 1, "maxReplicas": 4,
                    "scaleDownStabilizationSeconds": 20,
                ],
                "agent": [
                    "heartbeatSeconds": 8, "timeoutSeconds": 30, "startupTimeoutSeconds": 60,
                    "restartBudget": ["restarts": .int(dice.number(2...8)), "windowSeconds": 60],
                ],
                "update": [
                    "maxSurge": .int(dice.number(0...1)), "maxUnavailable": 1,
                    "drainSeconds": .int(drain),
                ],
                "template": [
                    "metadata": [
                        "annotations": ["simulation/slots": .string(String(slots))]
                    ],
                    "spec": [
                        "terminationGracePeriodSeconds": 10,
                        "containers": [["name": "agent", "image": "simulated"]],
                    ],
                ],
            ],
        ]
        if isShared { value[path: ["spec", "allowedNamespaces"]] = ["from": "All"] }
        if hasQuota { value[path: ["spec", "quota"]] = ["hard": ["pods": "2"]] }
        return ModelObject(value, .backgroundAgentPool)
    }

    func task(_ index: Int, pools: Int, _ dice: inout Dice) -> ModelObject {
        var order = WorkOrder()
        order.seconds = dice.number(1...25)
        order.failures = dice.happens(350) ? dice.number(1...3) : 0
        order.code = dice.pick([1, 2, 75, 137]) ?? 1
        order.takesAgentDown = dice.happens(150)
        order.hangs = dice.happens(100)
        order.isStubborn = dice.happens(120)
        order.saves = dice.happens(300)
        if preempts {
            // Long enough for somebody to be in more of a hurry.
            order.seconds = max(order.seconds, 14)
            order.saves = true
        }
        if isLong { order.seconds += 30 }
        let isGuest = dice.happens(isShared ? 650 : 80)
        let guest = dice.pick(Scenario.guests) ?? Scenario.home
        var spec: JSONValue = [
            "poolRef": [
                "name": .string("pool-\(dice.below(pools))"), "namespace": .string(Scenario.home),
            ],
            "command": ["work"], "args": .strings(order.arguments),
            "priority": .int(dice.number(-2...2) * (preempts ? 100 : 10)),
            "timeoutSeconds": .int(dice.number(20...60) + (isLong ? 40 : 0)),
            "retry": [
                "maxRetries": .int(dice.number(0...3)),
                "backoff": [
                    "initialSeconds": .int(dice.number(1...4)), "factor": 2, "maxSeconds": 12,
                ],
            ],
        ]
        if index > 0, dice.happens(300) {
            let other = dice.below(index)
            spec["dependsOn"] = [
                [
                    "name": .string("task-\(other)"),
                    "condition": dice.happens(700) ? "Succeeded" : "Finished",
                ]
            ]
        }
        return ModelObject(
            [
                "apiVersion": .string(BackgroundTask.type.apiVersion),
                "kind": .string(BackgroundTask.type.kind),
                "metadata": [
                    "name": .string("task-\(index)"),
                    "namespace": .string(isGuest ? guest : Scenario.home),
                ],
                "spec": spec,
            ], .backgroundTask)
    }

    /// With what users put right at the end what they have stopped.
    func amends(_ history: History) -> [APIRequest] {
        var requests: [APIRequest] = []
        for pool in history.pools where pool.spec.paused || pool.spec.emergencyStop {
            requests.append(
                .mergePatch(
                    pool.reference, ["spec": ["paused": false, "emergencyStop": false]]))
        }
        // Agents that grow old are replaced for ever.
        for pool in history.pools where pool.spec.agent.recycle.afterSeconds != nil {
            requests.append(
                .mergePatch(
                    pool.reference, ["spec": ["agent": ["recycle": ["afterSeconds": .null]]]]))
        }
        for task in history.tasks where task.spec.state == .suspended {
            requests.append(.mergePatch(task.reference, ["spec": ["state": "Active"]]))
        }
        return requests
    }
}
