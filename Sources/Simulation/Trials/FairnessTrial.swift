import TaskScheduling

/// Tenants of different weight compete for one pool in simulated time: how the slots are shared.
///
/// It drives the engine alone, as the operator drives it. The same trial always gives the same
/// result.
public struct FairnessTrial: Sendable {
    /// A tenant and the work that it brings.
    public struct Tenant: Sendable {
        /// Its name.
        public var name: String
        /// What it is owed against the others.
        public var weight: Int
        /// How many tasks it has waiting from the start.
        public var backlog: Int
        /// How long its tasks take, in seconds.
        public var seconds: ClosedRange<Int>

        /// A tenant by all its parts.
        public init(name: String, weight: Int, backlog: Int, seconds: ClosedRange<Int>) {
            self.name = name
            self.weight = weight
            self.backlog = backlog
            self.seconds = seconds
        }
    }

    /// What one tenant got.
    public struct Share: Sendable, Equatable {
        /// The tenant's name.
        public let name: String
        /// Its part of all weights, from 0 to 1.
        public let owed: Double
        /// Its part of all slot-seconds that were used, from 0 to 1.
        public let got: Double

        /// How far what it got is from what it was owed, relative to that.
        public var error: Double { owed > 0 ? abs(got / owed - 1) : 0 }
    }

    /// The tenants.
    public var tenants: [Tenant]
    /// How many agents the pool has, with one slot each.
    public var agents: Int
    /// For how long they compete.
    public var seconds: Int
    /// What decides how long each task takes.
    public var seed: UInt64

    /// A trial by all its parts.
    public init(tenants: [Tenant], agents: Int, seconds: Int, seed: UInt64 = 1) {
        self.tenants = tenants
        self.agents = agents
        self.seconds = seconds
        self.seed = seed
    }

    /// Three tenants with weights 1, 2 and 3, whose backlogs are as unequal as the lengths of their
    /// tasks, for ten minutes.
    public static func standard(seed: UInt64 = 1) -> FairnessTrial {
        FairnessTrial(
            tenants: [
                Tenant(name: "one", weight: 1, backlog: 9_000, seconds: 1...5),
                Tenant(name: "two", weight: 2, backlog: 3_000, seconds: 2...20),
                Tenant(name: "three", weight: 3, backlog: 6_000, seconds: 1...60),
            ], agents: 10, seconds: 600, seed: seed)
    }

    /// Runs the trial and tells what each tenant got.
    public func run() -> [Share] {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "shared"))
        for agent in 0..<agents { engine.upsert(AgentOffer(id: "agent-\(agent)", pool: "shared")) }
        for tenant in tenants {
            engine.setWeight(tenant.weight, ofTenant: tenant.name)
            for number in 0..<tenant.backlog {
                engine.upsert(
                    TaskDemand(
                        id: "\(tenant.name)/\(number)", pool: "shared", tenant: tenant.name,
                        queuedAt: Int64(number)))
            }
        }
        let used = compete(&engine)
        let weights = max(1, tenants.reduce(0) { $0 + $1.weight })
        let all = max(1, used.reduce(0, +))
        return tenants.indices.map { index in
            Share(
                name: tenants[index].name,
                owed: Double(tenants[index].weight) / Double(weights),
                got: Double(used[index]) / Double(all))
        }
    }

    /// Hands out and ends tasks, a second at a time; the slot-seconds that each tenant used.
    private func compete(_ engine: inout SchedulingEngine) -> [Int] {
        let start: Int64 = 1_700_000_000
        var random = SplitMix(seed)
        var used = [Int](repeating: 0, count: tenants.count)
        var ending: [Int: [String]] = [:]
        var running = [Int](repeating: 0, count: tenants.count)
        let number = Dictionary(
            uniqueKeysWithValues: tenants.indices.map { (tenants[$0].name, $0) })
        func tenant(of task: String) -> Int? {
            task.split(separator: "/").first.flatMap { number[String($0)] }
        }
        for second in 0..<seconds {
            engine.advance(to: (start + Int64(second)) * 1_000_000_000)
            for task in ending.removeValue(forKey: second) ?? [] {
                engine.remove(task: task)
                if let tenant = tenant(of: task) { running[tenant] -= 1 }
            }
            for made in engine.decide(at: (start + Int64(second)) * 1_000_000_000) {
                guard let tenant = tenant(of: made.task) else { continue }
                engine.confirm(task: made.task)
                running[tenant] += 1
                let range = tenants[tenant].seconds
                let length = range.lowerBound + Int(random.next() % UInt64(range.count))
                ending[second + max(1, length), default: []].append(made.task)
            }
            for tenant in tenants.indices { used[tenant] += running[tenant] }
        }
        return used
    }
}

/// The SplitMix64 generator (Steele, Lea, Flood: OOPSLA 2014): a seed and a few shifts.
private struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
