import KubernetesCore
import SwiftletAPI

/// What the users of one run do, and when.
struct Scenario: Sendable {
    /// One thing that a user does.
    enum Deed: Sendable {
        case create(ModelObject)
        case patch(ObjectRef, JSONValue)
        case delete(ObjectRef)
        /// Deletes an agent by hand, without grace.
        case killAgent(pool: String, Int)
        /// Creates a pod that looks like an agent of the pool and is none.
        case impostor(pool: String, Int)

        /// The deed in words, for traces.
        var text: String {
            switch self {
            case .create(let object):
                "creates \(object.type.kind) "
                    + (object.value[path: ["metadata", "name"]]?.string ?? "") + " "
                    + (object.value["spec"]?.text ?? "")
            case .patch(let object, let patch): "changes \(object) with \(patch.text)"
            case .delete(let object): "deletes \(object)"
            case .killAgent(let pool, let index): "kills agent \(index) of \(pool)"
            case .impostor(let pool, let index): "makes impostor \(index) of \(pool)"
            }
        }
    }

    /// A deed and its time.
    struct Step: Sendable {
        let after: Duration
        let deed: Deed
    }

    static let home = "team-a"
    static let abroad = "team-b"

    var nodes = 2
    var length = Duration.seconds(90)
    var steps: [Step] = []
    /// The tasks that users delete, by name.
    var deletedTasks: Set<String> = []

    var namespaces: [ModelObject] {
        [Scenario.home, Scenario.abroad].map { name in
            ModelObject(
                [
                    "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)],
                ],
                ResourceType(
                    group: "", version: "v1", kind: "Namespace", plural: "namespaces",
                    scope: .cluster))
        }
    }

    /// The scenario of one run.
    static func drawn(_ dice: inout Dice) -> Scenario {
        var scenario = Scenario()
        scenario.nodes = dice.number(1...3)
        scenario.length = dice.seconds(20...55)
        let length = Int(scenario.length.components.seconds)
        let pools = dice.happens(150) ? 2 : 1
        for index in 0..<pools {
            scenario.add(.create(pool(index, &dice)), 0...2, &dice)
        }
        let tasks = dice.number(2...6)
        for index in 0..<tasks {
            let object = task(index, of: tasks, pools: pools, &dice)
            scenario.add(.create(object), 0...(length * 2 / 3), &dice)
        }
        for _ in 0..<dice.number(0...4) {
            scenario.addDeed(pools: pools, tasks: tasks, length, &dice)
        }
        return scenario
    }

    private mutating func add(_ deed: Deed, _ seconds: ClosedRange<Int>, _ dice: inout Dice) {
        steps.append(Step(after: dice.seconds(seconds), deed: deed))
    }

    static func poolReference(_ index: Int) -> ObjectRef {
        ObjectRef(type: .backgroundAgentPool, namespace: home, name: "pool-\(index)")
    }

    static func taskReference(_ index: Int) -> ObjectRef {
        ObjectRef(type: .backgroundTask, namespace: home, name: "task-\(index)")
    }

    private mutating func addDeed(pools: Int, tasks: Int, _ length: Int, _ dice: inout Dice) {
        let pool = Scenario.poolReference(dice.below(pools))
        let task = Scenario.taskReference(dice.below(tasks))
        let when = 3...max(4, length - 3)
        switch dice.below(10) {
        case 0, 1:
            add(.patch(pool, ["spec": ["replicas": .int(dice.number(0...3))]]), when, &dice)
        case 2:
            let label: JSONValue = ["v": .string("v\(dice.below(1_000))")]
            add(
                .patch(pool, ["spec": ["template": ["metadata": ["labels": label]]]]), when,
                &dice)
        case 3: add(.patch(task, ["spec": ["state": "Cancelled"]]), when, &dice)
        case 4:
            add(.patch(task, ["spec": ["state": "Suspended"]]), when, &dice)
            add(.patch(task, ["spec": ["state": "Active"]]), when, &dice)
        case 5:
            deletedTasks.insert(task.name)
            add(.delete(task), when, &dice)
        case 6: add(.impostor(pool: pool.name, dice.below(100)), when, &dice)
        case 7: add(.killAgent(pool: pool.name, dice.below(4)), when, &dice)
        case 8:
            let field = dice.happens(300) ? "emergencyStop" : "paused"
            add(.patch(pool, ["spec": .object([field: true])]), when, &dice)
        default:
            add(.delete(pool), when, &dice)
            if dice.happens(700) {
                let object = Scenario.pool(pool.name.hasSuffix("1") ? 1 : 0, &dice)
                add(.create(object), when, &dice)
            }
        }
    }

    // MARK: - Objects

    private static func pool(_ index: Int, _ dice: inout Dice) -> ModelObject {
        let slots = dice.number(1...2)
        let replicas = dice.number(1...2)
        let scales = dice.happens(250)
        let drain = dice.number(45...70)
        let value: JSONValue = [
            "apiVersion": .string(BackgroundAgentPool.type.apiVersion),
            "kind": .string(BackgroundAgentPool.type.kind),
            "metadata": [
                "name": .string("pool-\(index)"), "namespace": .string(home),
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
        return ModelObject(value, .backgroundAgentPool)
    }

    private static func task(
        _ index: Int, of tasks: Int, pools: Int, _ dice: inout Dice
    ) -> ModelObject {
        var order = WorkOrder()
        order.seconds = dice.number(1...25)
        order.failures = dice.happens(350) ? dice.number(1...3) : 0
        order.code = dice.pick([1, 2, 75, 137]) ?? 1
        order.takesAgentDown = dice.happens(150)
        order.hangs = dice.happens(100)
        order.isStubborn = dice.happens(120)
        order.saves = dice.happens(300)
        let isAbroad = dice.happens(80)
        var spec: JSONValue = [
            "poolRef": [
                "name": .string("pool-\(dice.below(pools))"), "namespace": .string(home),
            ],
            "command": ["work"], "args": .strings(order.arguments),
            "priority": .int(dice.number(-2...2) * 10),
            "timeoutSeconds": .int(dice.number(20...60)),
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
                    "namespace": .string(isAbroad ? abroad : home),
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
        for task in history.tasks where task.spec.state == .suspended {
            requests.append(.mergePatch(task.reference, ["spec": ["state": "Active"]]))
        }
        return requests
    }
}
