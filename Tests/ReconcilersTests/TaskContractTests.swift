import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// What a pool wants of input and results, and how tasks that name no pool find one.
struct TaskContractTests {
    private static let schema: JSONValue = [
        "type": "object", "required": ["files"],
        "properties": ["files": ["type": "array", "items": ["type": "string"], "minItems": 1]],
    ]

    private static func lint(
        input: JSONValue? = nil, output: JSONValue? = nil
    ) -> BackgroundAgentPoolSpec.TaskType {
        var type = BackgroundAgentPoolSpec.TaskType(name: "lint")
        type.inputSchema = input.map { TaskContract($0) }
        type.outputSchema = output.map { TaskContract($0) }
        return type
    }

    @Test func `an input that breaks the contract is refused before queueing, until it is mended`()
        throws
    {
        var bench = TaskBench()
        bench.pool("qa") { $0.taskTypes = [Self.lint(input: Self.schema)] }
        bench.agent("a")
        bench.sync("a")
        bench.create("t", spec: ["type": "lint", "input": ["files": []]])
        bench.advance(seconds: 3)
        var status = try bench.task("t").status
        #expect(status.phase == .blocked && status.reason == "InputRefused")
        #expect(status.message?.contains("input.files") == true)
        #expect(status.attempt == 0)
        bench.sync("a")
        bench.edit("t", ["spec": ["input": ["files": ["x.swift"]]]])
        bench.settle()
        status = try bench.task("t").status
        #expect(status.phase == .running)
        #expect(bench.problems.isEmpty)
    }

    @Test(arguments: [(#"{"files":[]}"#, false), (#"{"files":["a"]}"#, true), ("null", false)])
    func `a result that breaks the contract is a failure`(text: String, isGood: Bool) throws {
        var bench = TaskBench()
        bench.pool("qa") { $0.taskTypes = [Self.lint(output: Self.schema)] }
        bench.agent("a")
        bench.sync("a")
        bench.create("t", spec: ["type": "lint", "retry": ["maxRetries": 0]])
        bench.settle()
        let result = try JSONDocument(parsing: text).root.value()
        bench.sync(
            "a",
            reports: [
                bench.report("t", attempt: 1, AttemptOutcome(.exited(0))) {
                    $0.result = result.isNull ? nil : result
                }
            ])
        let status = try bench.task("t").status
        #expect(status.phase == (isGood ? .succeeded : .failed))
        if !isGood {
            #expect(status.failure?.reason == "BadResult" && status.result == nil)
            #expect(status.message?.contains("contract of type lint") == true)
        }
    }

    @Test func `a contract that is no schema is a fault of the pool, and takes nothing`() {
        let broken: [JSONValue] = [
            ["type": 7], ["type": "thing"], ["properties": []], ["required": "x"],
        ]
        for json in broken {
            var spec = BackgroundAgentPoolSpec(
                template: ["spec": ["containers": [["name": "a", "image": "b"]]]])
            spec.taskTypes = [Self.lint(input: json)]
            #expect(spec.faults.first?.field == "spec.taskTypes[0].inputSchema", "\(json)")
            #expect(TaskContract(json).breach(of: 1, at: "input") != nil)
        }
        let wide = JSONValue.object(["description": .string(String(repeating: "x", count: 70_000))])
        #expect(TaskContract(wide).fault != nil)
    }

    // MARK: - Routing

    private func pool(
        _ name: String, namespace: String = "ns", labels: [String: String] = [:],
        _ edit: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) -> BackgroundAgentPool {
        var spec = BackgroundAgentPoolSpec(template: [:])
        edit(&spec)
        return BackgroundAgentPool(
            metadata: ObjectMeta(name: name, namespace: namespace, labels: labels), spec: spec)
    }

    private func place(
        in pools: [BackgroundAgentPool], uid: String = "t",
        _ edit: (inout BackgroundTaskSpec) -> Void
    ) -> TaskPlacement {
        var task = BackgroundTask(
            metadata: ObjectMeta(name: "t", namespace: "ns", uid: UID(uid)))
        edit(&task.spec)
        return TaskPlacement.of(task, in: ClusterView.of(pools))
    }

    @Test func `labels, persona and input decide where a task without a pool goes`() {
        let pools = [
            pool("gpu", labels: ["hardware": "gpu"]),
            pool("architect") { $0.persona = .init(name: "personas", key: "architect.md") },
            pool("lint") { $0.taskTypes = [Self.lint(input: Self.schema)] },
            pool("loose-lint") { $0.taskTypes = [Self.lint(), .init(name: "x", weight: 3)] },
        ]
        func name(_ edit: (inout BackgroundTaskSpec) -> Void) -> String? {
            place(in: pools, edit).key?.name
        }
        #expect(name { $0.poolSelector = ["matchLabels": ["hardware": "gpu"]] } == "gpu")
        #expect(name { $0.persona = "architect" } == "architect")
        #expect(name { $0.persona = "architect.md" } == "architect")
        #expect(
            name {
                $0.type = "lint"
                $0.input = ["files": ["a"]]
            } == "lint")
        #expect(name { $0.type = "lint" } == "loose-lint", "the other refuses the input")
        #expect(
            name {
                $0.persona = "architect"
                $0.poolSelector = ["matchLabels": ["hardware": "gpu"]]
            } == nil)
    }

    @Test func `no match says how close the pools were, and nothing of those of others`() {
        let pools = [
            pool("secret", namespace: "other"), pool("a") { $0.taskTypes = [.init(name: "x")] },
            pool("b") { $0.taskTypes = [Self.lint(input: Self.schema)] },
        ]
        guard case .none(let reason, let message) = place(in: pools, { $0.type = "lint" }) else {
            Issue.record("no pool takes it")
            return
        }
        #expect(reason == "NoMatchingPool")
        #expect(
            message == "None of 2 pools takes the task (1 TypeNotAccepted, 1 InputRefused). "
                + "Pool ns/b refuses the input of a task of type lint: input: "
                + "Invalid value: \"null\": input must be of type object: \"null\"."
                || message.hasPrefix(
                    "None of 2 pools takes the task (1 TypeNotAccepted, 1 InputRefused).")
        )
        #expect(!message.contains("secret") && !message.contains("other"))
        #expect(
            place(in: [pools[0]], { _ in })
                == .none(
                    reason: "NoMatchingPool",
                    message: "There is no pool that takes tasks from namespace ns."))
    }

    @Test func `a flood spreads over pools that are alike, and avoids one that is paused`() {
        var pools = (0..<4).map { pool("p\($0)") }
        var counts: [String: Int] = [:]
        for index in 0..<400 {
            counts[place(in: pools, uid: "u\(index)", { _ in }).key?.name ?? "", default: 0] += 1
        }
        #expect(counts.count == 4 && counts.values.allSatisfy { $0 > 50 }, "\(counts)")
        for index in 1..<4 { pools[index].spec.paused = true }
        #expect(place(in: pools, { _ in }).key?.name == "p0")
    }
}
