import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SeededTesting
import SwiftletAPI
import Testing

/// Objects that somebody means badly, by the rows of docs/design/task-faults.md.
struct HostileObjectTests {
    private static let words = [
        "", " ", "soon", "2026-13-45T99:99:99Z", "-1", "0", "99999999999999999999", "1e400", "NaN",
        "=", "a=b=c", "{\"a\":1,\"a\":2}", "../../etc", "%00", "\u{0}", "\u{202E}x", "💥",
        String(repeating: "x", count: 262_144),
    ]

    // MARK: - G1: any field

    @Test(arguments: UInt64(1)...60)
    func `G1: whatever stands in a task, it ends or waits with a reason, and delays nobody`(
        seed: UInt64
    ) throws {
        var random = SeededNumbers(seed)
        var bench = TaskBench()
        bench.pool(slots: 64)
        bench.agent("a")
        bench.sync("a", slots: 64)
        bench.create("bad", spec: Self.spec(&random))
        bench.create("good", spec: ["priority": 1_000])
        bench.advance(seconds: 5)
        #expect(bench.phase("good") == .running, "seed \(seed)")
        guard let status = bench.latest[Key(namespace: "ns", name: "bad")]?.status else { return }
        if status.phase != .running, status.phase != .pending {
            #expect(status.reason?.isEmpty == false, "seed \(seed): \(status.phase)")
        }
        #expect(bench.problems.filter { !$0.contains("ns/bad") }.isEmpty)
    }

    private static func spec(_ random: inout SeededNumbers) -> JSONValue {
        let fields = [
            "type", "priority", "command", "args", "env", "input", "resources", "dependsOn",
            "estimatedDurationSeconds", "timeoutSeconds", "queueTimeoutSeconds", "notBefore",
            "retry", "checkpoint", "shards", "matrix", "state", "ttlSecondsAfterFinished",
            "persona", "poolSelector", "successPolicy",
        ]
        var spec = JSONObject()
        for _ in 0..<(1 + random.number(below: 4)) {
            spec[fields[random.number(below: fields.count)]] = value(&random, 0)
        }
        return .object(spec)
    }

    private static func value(_ random: inout SeededNumbers, _ depth: Int) -> JSONValue {
        switch random.number(below: depth > 3 ? 4 : 6) {
        case 0: return .string(String(words[random.number(below: words.count)].prefix(65_536)))
        case 1: return .integer([.min, -1, 0, 1, .max][random.number(below: 5)])
        case 2: return .double([1e300, -0.5, 1e-300][random.number(below: 3)])
        case 3: return random.chance(1, in: 2) ? .null : .bool(true)
        case 4: return .array((0..<random.number(below: 4)).map { _ in value(&random, depth + 1) })
        default:
            var object = JSONObject()
            for key in ["name", "condition", "requests", "maxRetries", "rules", "value"]
            where random.chance(1, in: 2) {
                object[key] = value(&random, depth + 1)
            }
            return .object(object)
        }
    }

    // MARK: - G3: growth

    @Test func `G3: the status stays small over thousands of attempts`() throws {
        var bench = TaskBench()
        bench.pool { $0.agent.timeoutSeconds = 604_800 }
        bench.agent("a")
        bench.sync("a")
        bench.create("t")
        bench.settle()
        var largest = 0
        for attempt in 1...2_000 {
            // A node drain takes the attempt back, again and again: that has no bound of its own.
            let report = bench.report(
                "t", attempt: attempt, AttemptOutcome(.signalled(15), stop: .drained)
            ) {
                $0.message = String(repeating: "long ", count: 1_000)
                $0.logTail = String(repeating: "log ", count: 1_000)
            }
            bench.sync("a", reports: [report])
            largest = max(largest, try bench.task("t").status.json.text.utf8.count)
        }
        #expect(try bench.task("t").status.attempt == 2_001)
        #expect(largest < 65_536, "\(largest) bytes")
        #expect(try bench.task("t").status.attempts.count == Bounds.listedAttempts)
        #expect(bench.problems.isEmpty)
    }

    // MARK: - G4: annotations and labels

    @Test func `G4: whatever annotations and labels say, plans are made and keep their bounds`()
        throws
    {
        for word in Self.words {
            var model = PoolModel { $0.replicas = 3 }
            try model.settle()
            for name in model.names {
                model.pods[name]?.metadata.annotations[SwiftletNames.Annotation.draining] = word
                model.pods[name]?.metadata.labels[SwiftletNames.Label.templateRevision] = word
                model.pods[name]?.metadata.labels[SwiftletNames.Label.pool] = word
                model.pods[name]?.metadata.labels[SwiftletNames.Label.busy] = word
            }
            model.pool.metadata.annotations[SwiftletNames.Annotation.draining] = word
            model.pool.metadata.labels[SwiftletNames.Label.tenant] = word
            let plan = model.plan()
            #expect(model.creates(plan).count <= 1, "\(word.prefix(40))")
            try model.settle(200)
            #expect(model.live.count == 3, "\(word.prefix(40))")
        }
    }

    @Test func `G4: a namespace whose labels make no sense is a tenant like any other`() throws {
        for word in Self.words where word.utf8.count < 1_000 {
            var bench = TaskBench()
            bench.pool()
            bench.agent("a")
            bench.sync("a")
            bench.put(
                NamespaceView(
                    metadata: ObjectMeta(
                        name: "ns",
                        labels: [
                            SwiftletNames.Label.tenant: word,
                            SwiftletNames.Label.tenantWeight: word,
                        ])))
            bench.create("t")
            bench.settle()
            #expect(bench.phase("t") == .running, "\(word)")
        }
    }

    // MARK: - G5: foreign owners

    @Test func `G5: a pod that calls itself an agent is none: not counted, not ended, not used`()
        throws
    {
        var model = PoolModel { $0.replicas = 2 }
        try model.settle()
        var foreign = try #require(model.pods[model.names[0]])
        foreign.metadata.name = "mine"
        foreign.metadata.uid = UID("foreign")
        let others: [[OwnerReference]] = [
            [],
            [
                OwnerReference(
                    apiVersion: "swiftlet.dev/v1alpha1", kind: "BackgroundAgentPool", name: "qa",
                    uid: UID("another-pool"))
            ],
        ]
        for owners in others {
            foreign.metadata.owners = owners
            model.pods["mine"] = foreign
            model.call("mine")
            for replicas in [2, 0, 2] {
                model.pool.spec.replicas = replicas
                try model.settle(200)
                #expect(model.pods["mine"] != nil)
                #expect(model.live.count { model.owns($0.metadata.name) } == replicas)
                #expect(model.pool.status.replicas == replicas)
            }
        }
        var bench = TaskBench()
        bench.pool()
        bench.agent("mine") { $0.metadata.owners = [] }
        bench.sync("mine")
        bench.create("t")
        bench.advance(seconds: 60)
        #expect(try bench.task("t").status.attempt == 0, "it is given nothing")
    }

    // MARK: - G10: floods

    @Test func `G10: a flood of one tenant's tasks delays the writes of another's by a few`() {
        var machine = ControllerMachine(
            TaskReconciler(), startedAt: Timestamp(seconds: 0), seed: 1, isLeading: true)
        let late = Timestamp(seconds: 1_800_000_000)
        let pool = BackgroundAgentPool(
            metadata: ObjectMeta(name: "qa", namespace: "flood", uid: UID("p")),
            spec: BackgroundAgentPoolSpec(template: [:]))
        func task(_ namespace: String, _ number: Int) -> BackgroundTask {
            // Cancelled before they ran: each is owed one write.
            var spec = BackgroundTaskSpec()
            spec.state = .cancelled
            return BackgroundTask(
                metadata: ObjectMeta(
                    name: "t\(number)", namespace: namespace, uid: UID("\(namespace)-\(number)"),
                    resourceVersion: ResourceVersion("1"), generation: 1,
                    creationTime: Timestamp(seconds: 1_799_999_000)),
                spec: spec)
        }
        var objects: [any ClusterObject] = (0..<20_000).map { task("flood", $0) }
        objects += (0..<10).map { task("quiet", $0) }
        objects.append(pool)
        let view = ClusterView.of(objects)
        var served: [ObjectRef] = []
        var running: [PlanToken] = []
        func take(_ commands: [MachineCommand]) {
            for case .apply(_, let token, let root) in commands {
                served.append(root)
                running.append(token)
            }
        }
        let now = Moment(instant: Instant(nanoseconds: 1), time: late)
        let changes = view.all(BackgroundTask.self).map { AnyChange(Change.added($0)) }
        take(machine.handle(.changed(changes, in: view), at: now))
        while served.count < 200, !running.isEmpty {
            take(machine.handle(.finished(running.removeFirst(), .applied([])), at: now))
        }
        let firsts = (0..<10).compactMap { number in
            served.firstIndex { $0.namespace == "quiet" && $0.name == "t\(number)" }
        }
        #expect(firsts.count == 10)
        #expect((firsts.max() ?? .max) < 60, "the quiet tenant's writes are numbers \(firsts)")
    }
}
