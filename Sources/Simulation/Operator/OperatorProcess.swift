import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// One process of the operator: the product's machines, and shells around them that do in virtual
/// time what those of `KubernetesRuntime` and `AgentGateway` do. It sends nothing itself: what it
/// wants done comes back as effects.
struct OperatorProcess: Sendable {
    /// A plan that is being carried out.
    struct Flight: Sendable {
        let machine: Int
        let token: PlanToken
        let access: Access
        var execution: PlanExecution
        let record: PlanRecord
    }

    /// An agent's call that waits for news.
    struct Poll: Sendable {
        let call: AgentCall
        let endsAt: Instant
    }

    /// Whose plan it was, and for which object.
    struct Origin: Hashable, Sendable {
        let machine: Int
        let root: ObjectRef
    }

    let id: ProcessID
    let rules: WriteRules
    let defects: Defects
    var view = ClusterView()
    var informers: [any InformerShelling] = []
    /// The number of each informer's open question; what answers an older one is not its business.
    var questions: [Int] = []
    /// When each informer wants to look at the clock.
    var informerWakes: [Instant?] = []
    var machines: [MachineShell] = []
    var flights: [Int: Flight] = [:]
    var nextFlight = 1
    /// The writes of the last plan for each object, for the checkers.
    var confirmed: [Origin: (writes: [Write], until: Instant)] = [:]
    var leadership: Leadership?
    var elector: ElectorShell
    var calls = LatestCalls()
    /// What each agent said last.
    var sessions: [UID: AgentSession] = [:]
    var polls: [UID: Poll] = [:]
    var isAnswering = false
    var isStopping = false
    var nameDice: Dice

    /// What a process is started with.
    struct Settings: Sendable {
        var identity: String
        var seed: UInt64
        var watchLimits = WatchLimits()
        var timing = LeaseMachine.Timing()
        var defects: Defects = []
    }

    init(_ id: ProcessID, _ settings: Settings, at now: Moment) {
        self.id = id
        defects = settings.defects
        var options = ApplierOptions()
        options.fieldManager = SwiftletNames.fieldManager
        rules = WriteRules(options)
        nameDice = Dice("names", seed: settings.seed)
        elector = ElectorShell(
            identity: settings.identity, timing: settings.timing, seed: settings.seed,
            defects: settings.defects)
        var limits = ControllerLimits()
        if defects.contains(.noWriteBarrier) { limits.barrierPatience = .zero }
        if defects.contains(.noFailureBackoff) {
            limits.failureBackoff = Backoff(initial: .milliseconds(1), longest: .milliseconds(1))
        }
        let pods = AgentPodSettings(
            runnerImage: "swiftlet:simulated", gatewayURL: "https://10.0.0.1:8443",
            audience: SwiftletNames.gatewayAudience,
            priorityClassName: SwiftletNames.PriorityClass.background)
        let pools = ControllerMachine(
            PoolReconciler(settings: pods), limits: limits, startedAt: now.time,
            seed: settings.seed)
        let tasks = ControllerMachine(
            TaskReconciler(), limits: limits, startedAt: now.time, seed: settings.seed)
        machines = [
            MachineShell(pools), MachineShell(tasks), MachineShell(SchedulerMachine()),
            MachineShell(SessionMachine()), MachineShell(StatisticsMachine()),
        ]
        addInformers(
            for: pools.watched + tasks.watched + SchedulerMachine().watched
                + StatisticsMachine().watched, settings)
    }

    private mutating func addInformers(
        for kinds: [any ClusterObject.Type], _ settings: Settings
    ) {
        func informer<Object: KubeObject>(_: Object.Type) -> any InformerShelling {
            InformerShell<Object>(
                selection: OperatorProcess.selection(of: Object.type),
                limits: settings.watchLimits, seed: settings.seed, defects: settings.defects)
        }
        var seen: Set<ObjectIdentifier> = []
        for kind in kinds where seen.insert(ObjectIdentifier(kind)).inserted {
            guard let kind = kind as? any KubeObject.Type else { continue }
            informers.append(informer(kind))
            questions.append(0)
            informerWakes.append(nil)
        }
    }

    /// Of kinds that everyone uses, only our own objects are followed, as in the operator.
    private static func selection(of type: ResourceType) -> Selection {
        guard type == .pod || type == .configMap else { return .everything }
        return Selection(labels: "\(SwiftletNames.Label.managedBy)=\(SwiftletNames.managedBy)")
    }

    /// Begins: every informer asks for its picture, and the election is joined.
    mutating func begin(at now: Moment) -> [OperatorEffect] {
        var effects: [OperatorEffect] = []
        for shell in machines {
            for kind in shell.machine.watched { register(kind) }
        }
        for index in informers.indices { effects += tell(informer: index, .begin, at: now) }
        effects += publish(GatewayPresence(answeringSince: nil), at: now)
        effects += elect(.begin, at: now)
        return effects
    }

    private mutating func register(_ kind: any ClusterObject.Type) { view.register(kind) }

    // MARK: - The cache

    /// Tells an informer something, and everyone what came of it.
    mutating func tell(
        informer index: Int, _ input: InformerInput, at now: Moment
    ) -> [OperatorEffect] {
        let step = informers[index].handle(input, at: now.instant, into: &view)
        var effects: [OperatorEffect] = []
        if step.abandons { effects.append(.hangUp(informer: index)) }
        if step.told || !step.changes.isEmpty {
            effects += spread(step.changes, of: informers[index].kind, at: now)
            effects.append(.watchPresence)
        }
        if step.abandons || step.question != nil { questions[index] += 1 }
        if let request = step.question {
            effects.append(
                .send(
                    request, within: .seconds(30),
                    .informer(index, question: questions[index])))
        }
        if let at = step.wakeAt {
            informerWakes[index] = at
            effects.append(.wakeInformer(index, at: at))
        }
        return effects
    }

    /// Looks at the clock for an informer. A later wake has replaced an earlier one.
    mutating func informerTimer(_ index: Int, at now: Moment) -> [OperatorEffect] {
        guard let due = informerWakes[index], due <= now.instant else { return [] }
        informerWakes[index] = nil
        return tell(informer: index, .timer, at: now)
    }

    /// Tells machines and waiting agents of changes of one kind.
    mutating func spread(
        _ changes: [AnyChange], of kind: any ClusterObject.Type, at now: Moment
    ) -> [OperatorEffect] {
        var effects: [OperatorEffect] = []
        for index in machines.indices where machines[index].watches(kind) {
            machines[index].post(changes, in: view)
            effects += turnSoon(index)
        }
        if kind == BackgroundTask.self {
            var agents: Set<UID> = []
            for change in changes {
                guard let change = change.of(BackgroundTask.self) else { continue }
                for lease in [change.old?.lease, change.new?.lease] {
                    if let agent = lease?.agent { agents.insert(agent) }
                }
            }
            for agent in agents.sorted() { effects += lookAgain(agent, at: now) }
        } else if kind == BackgroundAgentPool.self {
            for agent in polls.keys.sorted() { effects += lookAgain(agent, at: now) }
        }
        return effects
    }

    mutating func turnSoon(_ index: Int) -> [OperatorEffect] {
        guard !machines[index].isQueued else { return [] }
        machines[index].isQueued = true
        return [.turnSoon(machine: index)]
    }

    /// Puts a local observation in.
    mutating func publish(_ object: some ClusterObject, at now: Moment) -> [OperatorEffect] {
        guard let change = view.publish(object) else { return [] }
        return spread([change], of: type(of: object), at: now)
    }

    // MARK: - Machines

    /// Tells a machine what has happened to it, and does what it wants.
    mutating func turn(machine index: Int, at now: Moment) -> [OperatorEffect] {
        // A process that is asked to end finishes what is out and plans nothing more.
        guard !isStopping else { return [] }
        let commands = machines[index].turn(leadership, defects, at: now)
        var effects: [OperatorEffect] = []
        for command in commands {
            switch command {
            case .apply(let plan, let token, let root):
                effects += launch(plan, token, root, machine: index, at: now)
            case .wake: break
            case .publish(let object): effects += publish(object, at: now)
            case .retract(let object):
                guard let change = view.retract(object), let old = change.old else { continue }
                effects += spread([change], of: type(of: old), at: now)
            }
        }
        if let due = machines[index].takeNewDue() {
            effects.append(.turn(machine: index, at: due))
        }
        return effects
    }

    private mutating func launch(
        _ plan: Plan, _ token: PlanToken, _ root: ObjectRef, machine index: Int, at now: Moment
    ) -> [OperatorEffect] {
        var record = PlanRecord(machine: machines[index].name, root: root, plan: plan)
        let origin = Origin(machine: index, root: root)
        if let confirmed = confirmed[origin], now.instant < confirmed.until {
            record.unseen = confirmed.writes.filter { !view.shows($0) }
        }
        let flight = nextFlight
        nextFlight += 1
        flights[flight] = Flight(
            machine: index, token: token, access: machines[index].access,
            execution: PlanExecution(
                plan, root: root, concurrencyMax: rules.options.concurrencyMax),
            record: record)
        var effects: [OperatorEffect] = [.planned(record)]
        if defects.contains(.assignmentBeforeStored), machines[index].name == SchedulerMachine.name
        {
            effects += showEarly(plan, root, at: now)
        }
        return effects + advance(flight, at: now)
    }

    /// Sends what may go out of a plan, and tells its machine once it is over.
    private mutating func advance(_ flight: Int, at now: Moment) -> [OperatorEffect] {
        var effects: [OperatorEffect] = []
        while let begun = flights[flight]?.execution.begin(), !begun.isEmpty {
            var settled = false
            for one in begun {
                switch carryOut(one.action, flight, one.number, at: now) {
                case .sent(let effect): effects.append(effect)
                case .settled(let result):
                    flights[flight]?.execution.finished(one.number, result)
                    settled = true
                }
            }
            guard settled else { break }
        }
        guard let outcome = flights[flight]?.execution.outcome,
            let ended = flights.removeValue(forKey: flight)
        else { return effects }
        if machines[ended.machine].name != SchedulerMachine.name {
            let origin = Origin(machine: ended.machine, root: ended.record.root)
            confirmed[origin] = (outcome.done, now.instant + .milliseconds(4_900))
        }
        machines[ended.machine].post(ended.token, outcome)
        effects += turnSoon(ended.machine)
        if isStopping, flights.isEmpty { effects += elect(.stop, at: now) }
        return effects
    }

    private enum Sending {
        case sent(OperatorEffect)
        case settled(ActionResult)
    }

    private mutating func carryOut(
        _ action: Action, _ flight: Int, _ number: Int, at now: Moment
    ) -> Sending {
        var limit = rules.limit(under: leadership, at: now.instant)
        if defects.contains(.noLeaderFencing) { limit = rules.options.requestTimeout }
        guard let limit else { return .settled(.deposed) }
        do throws(WriteFailure) {
            let access = flights[flight]?.access ?? Access(reads: [], writes: [])
            let request = try rules.request(for: action, access: access)
            return .sent(
                .send(
                    spoiled(request), within: limit,
                    .action(flight: flight, number: number, action)))
        } catch {
            return .settled(.failed(error))
        }
    }

    /// Takes the answer to a request of a plan.
    mutating func take(
        _ answer: Result<[UInt8], APIError>, for errand: Errand, at now: Moment
    ) -> [OperatorEffect] {
        let result: ActionResult
        let place: (flight: Int, number: Int)
        switch errand {
        case .informer(let index, let question):
            guard questions[index] == question else { return [] }
            return tell(informer: index, .answered(answer), at: now)
        case .election(let action): return elect(answer, for: action, at: now)
        case .action(let flight, let number, let action):
            place = (flight, number)
            switch verdict(on: answer, of: action) {
            case .settled(let settled): result = settled
            case .lookUp(let namesake):
                guard let limit = rules.limit(under: leadership, at: now.instant) else {
                    result = .deposed
                    break
                }
                return [
                    .send(
                        .get(namesake), within: limit,
                        .lookUp(flight: flight, number: number, action))
                ]
            }
        case .lookUp(let flight, let number, let action):
            place = (flight, number)
            switch Self.metadata(in: answer) {
            case .success(let found): result = rules.result(ofExisting: found, for: action)
            case .failure(let error): result = rules.result(ofFailedLookUp: error, for: action)
            }
        }
        flights[place.flight]?.execution.finished(place.number, result)
        return advance(place.flight, at: now)
    }

    func verdict(
        on answer: Result<[UInt8], APIError>, of action: Action
    ) -> WriteRules.Verdict {
        switch answer {
        case .failure(let error): return rules.verdict(on: error, of: action)
        case .success(let body):
            do throws(JSONError) {
                let receipt = try WriteReceipt(reading: try JSONDocument(parsing: body).root)
                return .settled(rules.result(of: action, receipt))
            } catch {
                let summary = RequestSummary(.patch, action.target.path())
                return rules.verdict(on: APIError(summary, undecodable: error), of: action)
            }
        }
    }

    private static func metadata(
        in answer: Result<[UInt8], APIError>
    ) -> Result<ObjectMeta, APIError> {
        answer.flatMap { body in
            do throws(JSONError) {
                let root = try JSONDocument(parsing: body).root
                return .success(try ObjectMeta(reading: try root.required("metadata")))
            } catch {
                return .failure(APIError(RequestSummary(.get, ""), undecodable: error))
            }
        }
    }
}
