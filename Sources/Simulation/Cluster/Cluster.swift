import APIServerModel
import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// A whole cluster in one value: the server, replicas of the operator, nodes with agents, users,
/// the network between them, and everything that goes wrong. It moves by taking the next happening
/// from a heap, until nothing is left to wait for.
struct Cluster: Sendable {
    /// Where a run is.
    enum Stage: Sendable, Equatable {
        /// Users work and things go wrong.
        case faulty
        /// Nothing goes wrong any more; everything has to come to rest.
        case healing
        /// Everything has come to rest and has to stay so.
        case quiet
        case over
    }

    let seed: UInt64
    let defects: Defects
    var faults: FaultProfile
    var now = SimulatedTime.zero
    var stage = Stage.faulty
    var events = EventHeap()
    /// How much has happened within this second.
    var bustle = (second: Int64(0), count: 0)
    var trace: Trace
    var counts = FaultCounts()
    /// The first thing that was broken.
    var violation: Violation?

    var server: APIServer
    var serverDue: SimulatedTime?
    var serverDownUntil = SimulatedTime.zero
    var requests: [Int: PendingRequest] = [:]
    var nextRequest = 1
    var streams: [Int: StreamRoute] = [:]

    var replicas: [Replica] = []
    /// The process of each replica.
    var processes: [OperatorProcess?] = []
    var gatewayDownUntil = SimulatedTime.zero

    var nodes: [ModelNode] = []
    var pods: [UID: ModelPod] = [:]
    var agents: [UID: ModelAgent] = [:]
    var disks: [UID: ModelDisk] = [:]
    var checkpoints: [UID: ModelCheckpoint] = [:]

    var scenario: Scenario
    /// The renewals, by number, whose first half is done.
    var renewals: Set<Int> = []
    var history = History()
    var checker: Checker

    var network: Dice
    var chance: Dice
    var world: Dice
    var restores: Dice

    init(seed: UInt64, defects: Defects, keepsTrace: Bool) {
        self.seed = seed
        self.defects = defects
        trace = Trace(keepsAll: keepsTrace)
        network = Dice("network", seed: seed)
        chance = Dice("faults", seed: seed)
        world = Dice("world", seed: seed)
        restores = Dice("restores", seed: seed)
        faults = FaultProfile.drawn(&chance)
        var users = Dice("users", seed: seed)
        var features = Dice("features", seed: seed)
        faults.replacedBeforeWrite = features.happens(400) ? 1 + features.below(250) : 0
        scenario = Scenario.drawn(&users, &features)
        checker = Checker()
        server = ModelServer.started(seed: seed, historyMax: faults.historyMax)
        setUp()
    }

    private mutating func setUp() {
        for object in scenario.namespaces + ModelNode.objects(scenario.nodes) {
            serve(.create(object.value, of: object.type), as: .administrator)
        }
        for index in 0..<scenario.nodes {
            nodes.append(ModelNode(name: ModelNode.name(index)))
            serve(ModelNode.status(of: index, isReady: true), as: .administrator)
        }
        openHistory()
        for index in 0..<2 {
            replicas.append(Replica(index: index, clock: clock(&world)))
            processes.append(nil)
            events.add(.start(replica: index), at: now + world.milliseconds(0...3_000))
        }
        for (index, step) in scenario.steps.enumerated() {
            events.add(.user(index), at: SimulatedTime.zero + step.after)
        }
        planLastingFaults()
        events.add(.fault(.heal), at: SimulatedTime.zero + scenario.length)
    }

    func clock(_ dice: inout Dice) -> SimulatedClock {
        let drift = dice.number(-20_000...20_000)
        let skew = dice.number(-1_000...1_000)
        return SimulatedClock(
            origin: Int64(dice.below(1_000_000)) * 1_000_000,
            driftPPM: faults.driftPPM == 0 ? 0 : Int64(drift % (faults.driftPPM + 1)),
            wallOffset: .milliseconds(skew * faults.skewSeconds))
    }

    var isServerDown: Bool { serverDownUntil > now }
    var isGatewayDown: Bool { gatewayDownUntil > now }

    // MARK: - The loop

    /// Lets the next thing happen; false where nothing is left to happen.
    mutating func step() -> Bool {
        guard let (time, happening) = events.take() else { return false }
        now = max(now, time)
        count(happening)
        switch happening {
        case .request(let number): arrive(number)
        case .answer(let number): deliver(number)
        case .serverTimer: tick()
        case .frames(let stream, let bytes, let ends): read(stream, bytes, ends: ends)
        case .start, .turn, .informerTimer, .electorTimer, .presence, .pollEnds:
            operate(happening)
        case .call, .callEnds, .checkpoint, .runner, .runnerTimer, .work: work(happening)
        case .pod(let uid): lookAt(pod: uid)
        case .node(let index, let fault): happen(fault, to: index)
        case .user(let index): act(index)
        case .fault(let fault): happen(fault)
        }
        return true
    }

    /// What wakes itself again at once goes on for ever, and time hardly passes any more.
    private mutating func count(_ happening: Happening) {
        let second = now.nanoseconds / 1_000_000_000
        if second != bustle.second { bustle = (second, 0) }
        bustle.count += 1
        guard bustle.count > Simulation.bustleMax else { return }
        fail(
            Violation(
                "bounded", "the cluster",
                "\(bustle.count) things happened within a second, last \(happening.subject)",
                at: now))
    }
}
