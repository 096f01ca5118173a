import ControlLoop
import GadgetTesting
import KubernetesCore

/// A cluster in one value: a server, a cache that lags behind it kind by kind, and one controller
/// whose plans are carried out action by action, with faults.
struct ModelCluster {
    typealias Machine = ControllerMachine<GadgetReconciler>

    private struct Flight {
        let plan: Plan
        let root: ObjectRef
        let token: PlanToken
    }

    private(set) var machine: Machine
    private var random: SeededGenerator
    private var view = ClusterView()
    private var gadgets: [String: Gadget] = [:]
    private var parts: [String: Part] = [:]
    private var pendingGadgets: [Delta<Gadget>] = []
    private var pendingParts: [Delta<Part>] = []
    private var flights: [Flight] = []
    private var version = 1
    private(set) var now = 0.0
    private(set) var writes = 0
    /// What must never be seen, in words.
    private(set) var breaches: [String] = []
    var hasFaults = true

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        machine = Machine(GadgetReconciler(), startedAt: .at(0), seed: seed, isLeading: true)
        _ = view.apply(Delta<Gadget>.replace([], at: ResourceVersion("1")))
        _ = view.apply(Delta<Part>.replace([], at: ResourceVersion("1")))
        for name in ["a", "b", "c"] { want(name, random.below(5)) }
    }

    /// Whether the cluster is as every gadget wants it and every status tells of it.
    var hasConverged: Bool {
        gadgets.values.allSatisfy { gadget in
            let owned = parts.values.filter { $0.metadata.controller?.uid == gadget.metadata.uid }
            return owned.count == gadget.parts && gadget.status == ["parts": .int(gadget.parts)]
        } && flights.isEmpty && pendingGadgets.isEmpty && pendingParts.isEmpty
    }

    mutating func step() {
        now += Double(random.below(30)) / 100
        switch random.below(hasFaults ? 9 : 7) {
        case 0, 1: deliver()
        case 2, 3, 4: finishOne()
        case 5, 6: tell(.timer)
        case 7: want(["a", "b", "c"][random.below(3)], random.below(5))
        default:
            if let name = parts.keys.sorted().first, random.chance(0.3) { drop(name) }
        }
    }

    // MARK: - The server

    private mutating func want(_ name: String, _ count: Int) {
        version += 1
        var gadget = gadgets[name] ?? Gadget(name)
        gadget.parts = count
        gadget.metadata.generation += 1
        gadget.metadata.resourceVersion = ResourceVersion(String(version))
        gadgets[name] = gadget
        pendingGadgets.append(.upsert(gadget, at: gadget.metadata.resourceVersion))
    }

    private mutating func drop(_ name: String) {
        version += 1
        guard parts.removeValue(forKey: name) != nil else { return }
        pendingParts.append(.remove(Key(name), at: ResourceVersion(String(version))))
    }

    /// Gives the cache some of what it has missed, of one kind, in order.
    private mutating func deliver() {
        var changes: [AnyChange] = []
        if random.chance(0.5) {
            for delta in pendingGadgets.prefix(1 + random.below(3)) {
                changes += view.apply(delta).map(AnyChange.init)
                pendingGadgets.removeFirst()
            }
        } else {
            for delta in pendingParts.prefix(1 + random.below(3)) {
                changes += view.apply(delta).map(AnyChange.init)
                pendingParts.removeFirst()
            }
        }
        tell(.changed(changes, in: view))
    }

    // MARK: - The controller

    private mutating func tell(_ input: MachineInput) {
        for command in machine.handle(input, at: .at(now)) {
            guard case .apply(let plan, let token, let root) = command else { continue }
            if flights.contains(where: { $0.root == root }) {
                breaches.append("two plans of \(root) at the same time")
            }
            if plan.isIdle { breaches.append("an idle plan was sent out") }
            flights.append(Flight(plan: plan, root: root, token: token))
        }
    }

    /// Carries out one plan, up to a fault.
    private mutating func finishOne() {
        guard !flights.isEmpty else { return }
        let flight = flights.remove(at: random.below(flights.count))
        var done: [Write] = []
        var actions = flight.plan.actions
        if let status = flight.plan.status, let difference = status.difference {
            actions.append(.patch(flight.root, ["status": difference], subresource: "status"))
        }
        for action in actions {
            let isLost = hasFaults && random.chance(0.05)
            if hasFaults && random.chance(0.05) {
                return fail(flight, action, done)
            }
            switch carryOut(action) {
            case .success(let write): if !isLost { done.append(write) }
            case .failure: return tell(.finished(flight.token, .stale(action.target, done: done)))
            }
            if isLost { return fail(flight, action, done) }
        }
        tell(.finished(flight.token, .applied(done)))
    }

    private mutating func fail(_ flight: Flight, _ action: Action, _ done: [Write]) {
        let failure = WriteFailure(
            .retry(after: nil), target: action.target, code: random.chance(0.5) ? 503 : 0,
            reason: "Fault", message: "a fault")
        tell(.finished(flight.token, .failed(failure, done: done)))
    }

    private struct Stale: Error {}

    private mutating func carryOut(_ action: Action) -> Result<Write, Stale> {
        writes += 1
        let target = action.target
        switch action {
        case .create:
            if let existing = parts[target.name] {
                return .success(
                    Write(.stored, existing.reference, at: existing.metadata.resourceVersion))
            }
            guard
                let owner = gadgets.values.first(where: {
                    target.name.hasPrefix($0.metadata.name + "-")
                })
            else { return .failure(Stale()) }
            version += 1
            var part = Part(target.name, of: owner, version: version)
            part.metadata.uid = UID("uid-\(version)")
            parts[target.name] = part
            let most = 4 + 1
            if parts.values.filter({ $0.metadata.controller?.uid == owner.metadata.uid }).count
                > most
            {
                breaches.append("too many parts of \(owner.metadata.name)")
            }
            pendingParts.append(.upsert(part, at: part.metadata.resourceVersion))
            return .success(Write(.stored, part.reference, at: part.metadata.resourceVersion))
        case .delete:
            guard let part = parts[target.name] else {
                return .success(Write(.deleted, target, at: .unknown))
            }
            guard part.metadata.uid == target.uid else { return .failure(Stale()) }
            drop(target.name)
            return .success(Write(.deleted, target, at: .unknown))
        case .patch(_, let patch, _, _):
            guard var gadget = gadgets[target.name], gadget.metadata.uid == target.uid else {
                return .failure(Stale())
            }
            version += 1
            for (key, value) in patch["status"]?.object ?? [:] {
                if value.isNull {
                    gadget.status[key] = Optional<JSONValue>.none
                } else {
                    gadget.status[key] = value
                }
            }
            gadget.metadata.resourceVersion = ResourceVersion(String(version))
            gadgets[target.name] = gadget
            pendingGadgets.append(.upsert(gadget, at: gadget.metadata.resourceVersion))
            return .success(Write(.stored, target, at: gadget.metadata.resourceVersion))
        case .apply: return .failure(Stale())
        }
    }
}
