import KubernetesCore
import SwiftletAPI

/// What the users of one run do, and when.
struct Scenario: Sendable {
    /// One thing that a user does.
    enum Deed: Sendable {
        case create(ModelObject)
        case patch(ObjectRef, JSONValue)
        case delete(ObjectRef)
        /// Deletes an object and makes another of its name as soon as it is gone.
        case renew(ObjectRef, ModelObject)
        /// Deletes an agent by hand, without grace.
        case killAgent(pool: String, Int)
        /// Creates a pod that looks like an agent of the pool and is none.
        case impostor(pool: String, Int)
        /// Takes all agents off a node, as far as their disruption budgets allow.
        case drain(node: Int)

        /// The deed in words, for traces.
        var text: String {
            switch self {
            case .create(let object):
                "creates \(object.type.kind) "
                    + (object.value[path: ["metadata", "name"]]?.string ?? "") + " "
                    + (object.value["spec"]?.text ?? "")
            case .patch(let object, let patch): "changes \(object) with \(patch.text)"
            case .delete(let object): "deletes \(object)"
            case .renew(let object, _): "renews \(object)"
            case .killAgent(let pool, let index): "kills agent \(index) of \(pool)"
            case .impostor(let pool, let index): "makes impostor \(index) of \(pool)"
            case .drain(let node): "drains node \(node)"
            }
        }
    }

    /// A deed and its time.
    struct Step: Sendable {
        let after: Duration
        let deed: Deed
    }

    /// How much goes on in a run.
    enum Size: Sendable, Equatable {
        /// A pool or two, a few tasks: what most mistakes need, and quick.
        case small
        /// The same, scaled and updated again and again within seconds.
        case storm
        /// More pools and more tasks than agents.
        case large
    }

    /// Where the pools are, and the other tenants' namespaces.
    static let home = "team-a"
    static let guests = ["team-b", "team-c"]

    var size = Size.small
    /// Whether pools take the tasks of all tenants.
    var isShared = false
    /// Whether pools let tasks of more priority go first that come later.
    var preempts = false
    /// Whether attempts go on for longer than an agent may be silent.
    var isLong = false
    var nodes = 2
    var length = Duration.seconds(90)
    var steps: [Step] = []
    /// The tasks, in order of their numbers.
    var tasks: [ObjectRef] = []

    var namespaces: [ModelObject] {
        ([Scenario.home] + Scenario.guests).enumerated().map { index, name in
            ModelObject(
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": [
                        "name": .string(name),
                        "labels": .strings([
                            SwiftletNames.Label.tenant: "tenant-\(index)",
                            SwiftletNames.Label.tenantWeight: String(index + 1),
                        ]),
                    ],
                ],
                ResourceType(
                    group: "", version: "v1", kind: "Namespace", plural: "namespaces",
                    scope: .cluster))
        }
    }

    /// The scenario of one run.
    static func drawn(_ dice: inout Dice, _ features: inout Dice) -> Scenario {
        var scenario = Scenario()
        scenario.preempts = features.happens(250)
        scenario.isLong = features.happens(150)
        let size = dice.below(100)
        scenario.size = size < 84 ? .small : size < 94 ? .storm : .large
        scenario.isShared = dice.happens(300)
        scenario.nodes = dice.number(1...3)
        scenario.length = dice.seconds(20...55) + .seconds(scenario.isLong ? 40 : 0)
        let length = Int(scenario.length.components.seconds)
        let isLarge = scenario.size == .large
        let pools = isLarge ? 3 : dice.happens(150) ? 2 : 1
        for index in 0..<pools {
            scenario.add(.create(scenario.pool(index, &dice, &features)), 0...2, &dice)
        }
        let tasks = isLarge ? dice.number(10...16) : dice.number(2...6)
        for index in 0..<tasks {
            let object = scenario.task(index, pools: pools, &dice)
            scenario.tasks.append(object.reference)
            scenario.add(.create(object), 0...(length * 2 / 3), &dice)
        }
        for _ in 0..<dice.number(0...4) {
            scenario.addDeed(pools: pools, length, &dice, &features)
        }
        if scenario.size == .storm { scenario.addStorm(length, &dice) }
        if features.happens(200) {
            let node = features.below(scenario.nodes)
            scenario.add(.drain(node: node), 10...max(11, length - 3), &features)
        }
        return scenario
    }

    private mutating func add(_ deed: Deed, _ seconds: ClosedRange<Int>, _ dice: inout Dice) {
        steps.append(Step(after: dice.seconds(seconds), deed: deed))
    }

    static func poolReference(_ index: Int) -> ObjectRef {
        ObjectRef(type: .backgroundAgentPool, namespace: home, name: "pool-\(index)")
    }

    /// Somebody turns the same knobs again and again.
    private mutating func addStorm(_ length: Int, _ dice: inout Dice) {
        let pool = Scenario.poolReference(0)
        let start = dice.number(4...max(5, length - 12))
        for _ in 0..<dice.number(4...9) {
            let size: JSONValue = ["spec": ["replicas": .int(dice.number(0...4))]]
            let change = dice.happens(300) ? Scenario.newTemplate(&dice) : size
            add(.patch(pool, change), start...(start + 10), &dice)
        }
    }

    private static func newTemplate(_ dice: inout Dice) -> JSONValue {
        let label: JSONValue = ["v": .string("v\(dice.below(1_000))")]
        return ["spec": ["template": ["metadata": ["labels": label]]]]
    }

    private mutating func addDeed(
        pools: Int, _ length: Int, _ dice: inout Dice, _ features: inout Dice
    ) {
        let index = dice.below(pools)
        let pool = Scenario.poolReference(index)
        let number = dice.below(tasks.count)
        let task = tasks[number]
        let when = 3...max(4, length - 3)
        switch dice.below(12) {
        case 0, 1:
            add(.patch(pool, ["spec": ["replicas": .int(dice.number(0...3))]]), when, &dice)
        case 2: add(.patch(pool, Scenario.newTemplate(&dice)), when, &dice)
        case 3: add(.patch(task, ["spec": ["state": "Cancelled"]]), when, &dice)
        case 4:
            add(.patch(task, ["spec": ["state": "Suspended"]]), when, &dice)
            add(.patch(task, ["spec": ["state": "Active"]]), when, &dice)
        case 5: add(.delete(task), when, &dice)
        case 6: add(.impostor(pool: pool.name, dice.below(100)), when, &dice)
        case 7: add(.killAgent(pool: pool.name, dice.below(4)), when, &dice)
        case 8:
            let field = dice.happens(300) ? "emergencyStop" : "paused"
            add(.patch(pool, ["spec": .object([field: true])]), when, &dice)
        case 9: add(.renew(pool, self.pool(index, &dice, &features)), when, &dice)
        case 10:
            var object = self.task(number, pools: pools, &dice)
            object.value[path: ["metadata", "namespace"]] = .string(task.namespace)
            add(.renew(task, object), when, &dice)
        default: add(.delete(pool), when, &dice)
        }
    }
}
