import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// A cluster of tasks in one value: a clock, documents that are changed by merge patches alone, and
/// the reconciler and the scheduler on top, driven until nothing is left to do.
struct TaskBench {
    /// What a test does to a write.
    enum Fate {
        case happens
        /// It happens, and the answer is lost.
        case loses
        /// It does not happen; nobody knows.
        case vanishes
        /// The server refuses it.
        case refused
    }

    var now: Timestamp
    var startedAt: Timestamp
    var version = 100
    var documents: [Key<BackgroundTask>: JSONValue] = [:]
    var view = ClusterView.of([])
    var machine = SchedulerMachine()
    let reconciler = TaskReconciler()
    var dirty: Set<Key<BackgroundTask>> = []
    var wakes: [Key<BackgroundTask>: Timestamp] = [:]
    var machineWake: Instant?
    var queued: [AnyChange] = []
    var notes: [Note] = []
    var writes = 0
    var writesOf: [Key<BackgroundTask>: Int] = [:]
    var fate: (inout TaskBench, Key<BackgroundTask>) -> Fate = { _, _ in .happens }
    var problems: [String] = []
    /// What the server has, which the cache may not show yet.
    var latest: [Key<BackgroundTask>: BackgroundTask] = [:]
    /// What each agent said last.
    var sessions: [UID: AgentSession] = [:]
    var undelivered: [BackgroundTask] = []
    /// Whether the cache hears of the next change now, or when nothing else is left to do.
    var hearsAtOnce: (inout TaskBench) -> Bool = { _ in true }
    /// Looks at every change of a task as it is stored.
    var onStore: (inout TaskBench, BackgroundTask) -> Void = { _, _ in }

    init(at seconds: Int64 = 1_800_000_000) {
        now = Timestamp(seconds: seconds)
        startedAt = now
        lead()
    }

    var moment: Moment {
        Moment(instant: Instant(nanoseconds: now.nanoseconds), time: now)
    }

    mutating func lead() {
        let leadership = Leadership(
            holder: "test", term: 1, validUntil: Instant(nanoseconds: .max))
        feed(.leadership(leadership))
        feed(.changed([], in: view))
    }

    /// A new process: nothing in memory is left, and agents have not called yet.
    mutating func restart(keepingSessions: Bool = false) {
        machine = SchedulerMachine()
        startedAt = now
        queued = []
        machineWake = nil
        wakes = [:]
        for session in view.all(AgentSession.self) where !keepingSessions {
            view.retract(session.key)
        }
        for queue in view.all(PoolQueue.self) { view.retract(queue.key) }
        dirty = Set(documents.keys)
        lead()
    }

    // MARK: Objects

    mutating func pool(
        _ name: String = "qa", slots: Int = 1,
        _ edit: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) {
        var spec = BackgroundAgentPoolSpec(template: [:])
        spec.slotsPerAgent = slots
        edit(&spec)
        put(
            BackgroundAgentPool(
                metadata: ObjectMeta(name: name, namespace: "ns", uid: UID("pool-" + name)),
                spec: spec))
    }

    mutating func agent(
        _ name: String, pool: String = "qa", uid: String? = nil,
        _ edit: (inout PodView) -> Void = { _ in }
    ) {
        var pod = PodView(
            metadata: ObjectMeta(
                name: name, namespace: "ns", uid: UID(uid ?? "uid-" + name),
                creationTime: now,
                owners: [
                    OwnerReference(
                        apiVersion: "swiftlet.dev/v1alpha1", kind: "BackgroundAgentPool",
                        name: pool, uid: UID("pool-" + pool))
                ]),
            phase: .running, node: "node-" + name)
        pod.isReady = true
        edit(&pod)
        put(pod)
    }

    mutating func put<Object: ClusterObject>(_ object: Object) {
        if let change = view.publish(object) { spread(change) }
    }

    mutating func remove<Object: ClusterObject>(_ key: Key<Object>) {
        if let change = view.retract(key) { spread(change) }
    }

    mutating func create(
        _ name: String, in namespace: String = "ns", pool: String? = "qa", spec: JSONValue = [:],
        metadata: JSONValue = [:]
    ) {
        var document: JSONValue = [
            "metadata": metadata, "spec": spec, "apiVersion": "swiftlet.dev/v1alpha1",
            "kind": "BackgroundTask",
        ]
        document[path: ["metadata", "name"]] = .string(name)
        document[path: ["metadata", "namespace"]] = .string(namespace)
        document[path: ["metadata", "uid"]] = .string("task-" + name)
        document[path: ["metadata", "generation"]] = 1
        document[path: ["metadata", "creationTimestamp"]] = .string(now.description)
        if let pool { document[path: ["spec", "poolRef", "name"]] = .string(pool) }
        if namespace != "ns" { document[path: ["spec", "poolRef", "namespace"]] = "ns" }
        store(document, Key(namespace: namespace, name: name))
    }

    mutating func edit(_ name: String, _ patch: JSONValue) {
        let key = Key<BackgroundTask>(namespace: "ns", name: name)
        guard let document = documents[key] else { return }
        var merged = merge(document, patch)
        let generation = merged[path: ["metadata", "generation"]]?.integer ?? 1
        merged[path: ["metadata", "generation"]] = .integer(generation + 1)
        store(merged, key)
    }

    mutating func delete(_ name: String) {
        let key = Key<BackgroundTask>(namespace: "ns", name: name)
        documents[key] = nil
        latest[key] = nil
        undelivered.removeAll { $0.key == key }
        remove(key)
    }

    func task(_ name: String) throws -> BackgroundTask {
        try #require(view[Key<BackgroundTask>(namespace: "ns", name: name)])
    }

    func phase(_ name: String) -> TaskPhase? {
        view[Key<BackgroundTask>(namespace: "ns", name: name)]?.status.phase
    }

    // MARK: Agents

    /// A call of an agent that holds and reports exactly this.
    @discardableResult
    mutating func sync(
        _ pod: String, uid: String? = nil, instance: String = "1", slots: Int = 8,
        draining: Bool = false, reports: [LeaseReport] = []
    ) -> SyncReply {
        let request = SyncRequest(
            namespace: "ns", pod: pod, instance: instance, sequence: 1, slots: slots,
            draining: draining, reports: reports)
        let agent = UID(uid ?? "uid-" + pod)
        let session = AgentSession(podUID: agent, request: request, at: now)
            .following(sessions[agent])
        sessions[agent] = session
        put(session)
        settle()
        return LeaseProjection.reply(to: request, from: agent, in: view, at: now)
    }

    func report(
        _ name: String, attempt: Int, _ outcome: AttemptOutcome? = nil,
        _ edit: (inout LeaseReport) -> Void = { _ in }
    ) -> LeaseReport {
        var report = LeaseReport(
            id: LeaseID(taskUID: UID("task-" + name), attempt: attempt),
            state: outcome == nil ? .running : .finished, outcome: outcome)
        edit(&report)
        return report
    }

    // MARK: Time

    /// Lets time pass, waking whoever asked for it, in order.
    mutating func advance(seconds: Double) {
        let end = now + .milliseconds(Int64(seconds * 1_000))
        settle()
        while true {
            let alarms = [
                wakes.values.min(), machineWake.map { Timestamp(nanoseconds: $0.nanoseconds) },
            ]
            guard let next = alarms.compactMap({ $0 }).min(), next <= end else { break }
            now = max(now, next)
            for (key, time) in wakes where time <= now {
                wakes[key] = nil
                dirty.insert(key)
            }
            if let wake = machineWake, wake.nanoseconds <= now.nanoseconds {
                machineWake = nil
                feed(.timer)
            }
            settle()
        }
        now = end
        settle()
    }

    /// Plans and writes until nobody has anything left to say.
    mutating func settle() {
        for _ in 0..<10_000 {
            if !queued.isEmpty {
                let changes = queued
                queued = []
                feed(.changed(changes, in: view))
            } else if let key = dirty.sorted().first {
                dirty.remove(key)
                reconcile(key)
            } else if !undelivered.isEmpty {
                put(undelivered.removeFirst())
            } else {
                return
            }
        }
        problems.append("it never settles")
    }

    private mutating func reconcile(_ key: Key<BackgroundTask>) {
        wakes[key] = nil
        guard let world = reconciler.observe(key, in: view) else { return }
        let context = PlanContext(now: moment, startedAt: startedAt)
        let plan = reconciler.plan(world, context)
        if let wake = plan.wake { wakes[key] = max(wake, now + .milliseconds(1)) }
        if case .applied = carryOut(plan, root: key) { return }
        wakes[key] = now + .seconds(1)
    }

    private mutating func feed(_ input: MachineInput) {
        var inputs = [input]
        while !inputs.isEmpty {
            for command in machine.handle(inputs.removeFirst(), at: moment) {
                switch command {
                case .apply(let plan, let token, let root):
                    let key = Key<BackgroundTask>(namespace: root.namespace, name: root.name)
                    inputs.append(.finished(token, carryOut(plan, root: key)))
                case .wake(let at): machineWake = at
                case .publish(let object):
                    if let queue = object as? PoolQueue { put(queue) }
                case .retract(let object):
                    remove(Key<PoolQueue>(namespace: object.namespace, name: object.name))
                }
            }
        }
    }

    private mutating func carryOut(_ plan: Plan, root: Key<BackgroundTask>) -> Outcome {
        carryOutOnChildren(plan.actions)
        for case .delete(let target, _) in plan.actions {
            delete(target.name)
            return .applied([])
        }
        guard let intent = plan.status, let patch = intent.difference else {
            return .applied([])
        }
        let target = ObjectRef(type: .backgroundTask, namespace: "ns", name: root.name)
        guard let document = documents[root] else {
            return .failed(
                WriteFailure(.terminal, target: target, code: 404, reason: "", message: ""),
                done: [])
        }
        let current = document[path: ["metadata", "resourceVersion"]]?.string
        guard intent.resourceVersion?.text == current else { return .stale(target, done: []) }
        let unclear = Outcome.failed(
            WriteFailure(.retry(after: nil), target: target, code: 0, reason: "", message: ""),
            done: [])
        switch fate(&self, root) {
        case .refused:
            return .failed(
                WriteFailure(.terminal, target: target, code: 403, reason: "", message: ""),
                done: [])
        case .vanishes: return unclear
        case .loses:
            store(merge(document, ["status": patch]), root)
            return unclear
        case .happens:
            store(merge(document, ["status": patch]), root)
            notes += plan.notes
            return .applied([
                Write(.stored, target, at: ResourceVersion(String(version)))
            ])
        }
    }

    /// Makes the children that a plan creates, and changes their specs.
    private mutating func carryOutOnChildren(_ actions: [Action]) {
        for action in actions {
            let key = Key<BackgroundTask>(
                namespace: action.target.namespace, name: action.target.name)
            switch action {
            case .create(var document, _):
                guard documents[key] == nil else { continue }
                document[path: ["metadata", "uid"]] = .string("task-\(key.name)-\(version)")
                document[path: ["metadata", "generation"]] = 1
                document[path: ["metadata", "creationTimestamp"]] = .string(now.description)
                store(document, key)
            case .patch(_, let patch, nil, _):
                guard let document = documents[key] else { continue }
                store(merge(document, patch), key)
            default: continue
            }
        }
    }

    private mutating func store(_ document: JSONValue, _ key: Key<BackgroundTask>) {
        version += 1
        writes += 1
        writesOf[key, default: 0] += 1
        var stored = document
        stored[path: ["metadata", "resourceVersion"]] = .string(String(version))
        documents[key] = stored
        do {
            let task = try BackgroundTask(reading: JSONDocument(parsing: stored.encoded()).root)
            check(old: latest[key], new: task)
            latest[key] = task
            onStore(&self, task)
            undelivered.append(task)
            while !undelivered.isEmpty, hearsAtOnce(&self) { put(undelivered.removeFirst()) }
        } catch {
            problems.append("\(key): \(error)")
        }
    }

    private mutating func spread(_ change: AnyChange) {
        queued.append(change)
        if change.type == .backgroundTask {
            dirty.insert(Key(namespace: change.object.namespace, name: change.object.name))
        }
        for trigger in reconciler.triggers {
            dirty.formUnion(trigger.roots(of: change, in: view))
        }
    }

    /// The invariants that hold over every single edge.
    private mutating func check(old: BackgroundTask?, new: BackgroundTask) {
        guard let old, old.metadata.uid == new.metadata.uid else { return }
        func expect(_ holds: Bool, _ what: String) {
            if !holds { problems.append("\(new.key): \(what)") }
        }
        if old.isFinished {
            expect(new.status == old.status, "a finished task changed")
        }
        expect(new.status.attempt >= old.status.attempt, "attempts went back")
        expect(new.status.attempt <= old.status.attempt + 1, "an attempt was skipped")
        if new.status.attempt > old.status.attempt {
            expect(old.status.phase != .running, "an attempt began while another ran")
            expect(new.status.phase == .running, "an attempt began without a lease")
        }
        if let lease = new.lease, let before = old.lease, lease != before {
            expect(false, "a lease changed hands without an end")
        }
    }

    private func merge(_ target: JSONValue, _ patch: JSONValue) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        var result = target.object ?? JSONObject()
        for (key, value) in members {
            result[key] = value.isNull ? nil : merge(result[key] ?? .null, value)
        }
        return .object(result)
    }
}
