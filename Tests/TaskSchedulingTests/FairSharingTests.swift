import TaskScheduling
import Testing

private let second: Int64 = 1_000_000_000

struct FairSharingTests {
    private func engine(slots: Int) -> SchedulingEngine {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "p"))
        engine.upsert(AgentOffer(id: "a", pool: "p", slots: slots))
        return engine
    }

    private func add(
        _ count: Int, of tenant: String, to engine: inout SchedulingEngine, priority: Int = 0
    ) {
        for number in 0..<count {
            engine.upsert(
                TaskDemand(
                    id: "\(tenant)-\(number)", pool: "p", tenant: tenant, priority: priority,
                    queuedAt: Int64(number)))
        }
    }

    private func started(_ made: [Assignment]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for one in made { counts[String(one.task.prefix(1)), default: 0] += 1 }
        return counts
    }

    @Test func `slots that come free together are shared out by weight`() {
        var engine = engine(slots: 12)
        engine.setWeight(2, ofTenant: "b")
        engine.setWeight(3, ofTenant: "c")
        for tenant in ["a", "b", "c"] { add(100, of: tenant, to: &engine) }
        #expect(started(engine.decide(at: 1_000 * second)) == ["a": 2, "b": 4, "c": 6])
    }

    @Test func `a tenant's backlog and priority take nothing from another tenant's share`() {
        var engine = engine(slots: 4)
        add(1_000, of: "a", to: &engine, priority: 1_000)
        add(2, of: "b", to: &engine, priority: -1_000)
        #expect(started(engine.decide(at: 1_000 * second)) == ["a": 2, "b": 2])
    }

    @Test func `what nobody else asks for is not kept free`() {
        var engine = engine(slots: 8)
        engine.setWeight(9, ofTenant: "b")
        add(10, of: "a", to: &engine)
        add(1, of: "b", to: &engine)
        #expect(started(engine.decide(at: 1_000 * second)) == ["a": 7, "b": 1])
    }

    @Test func `who had a slot for longer waits for longer`() {
        var engine = engine(slots: 2)
        add(5, of: "a", to: &engine)
        add(5, of: "b", to: &engine)
        #expect(started(engine.decide(at: 0)) == ["a": 1, "b": 1])
        engine.advance(to: 10 * second)
        engine.remove(task: "b-0")
        #expect(engine.decide(at: 10 * second).map(\.task) == ["b-1"])
        engine.advance(to: 100 * second)
        engine.remove(task: "a-0")
        engine.remove(task: "b-1")
        #expect(engine.decide(at: 100 * second, limit: 1).count == 1)
    }

    @Test func `a tenant that had nothing to do neither saves up turns nor loses any`() {
        var engine = engine(slots: 1)
        add(200, of: "a", to: &engine)
        var now: Int64 = 1_000
        func turn(_ engine: inout SchedulingEngine) -> String {
            let made = engine.decide(at: now * second)
            now += 60
            engine.advance(to: now * second)
            for one in made { engine.remove(task: one.task) }
            return made.first.map { String($0.task.prefix(1)) } ?? ""
        }
        for _ in 0..<50 { #expect(turn(&engine) == "a") }
        add(20, of: "b", to: &engine)
        var late = ""
        for _ in 0..<10 { late += turn(&engine) }
        #expect(late.filter { $0 == "b" }.count == 5, "\(late)")
    }

    @Test func `the order that is told is the order in which slots are given out`() {
        var engine = engine(slots: 6)
        engine.setWeight(2, ofTenant: "b")
        add(4, of: "a", to: &engine)
        add(4, of: "b", to: &engine)
        let told = engine.firstTasks(ofPool: "p", 6)
        #expect(engine.decide(at: 0).map(\.task) == told)
        #expect(
            engine.position(ofTask: "b-3")
                == engine.firstTasks(ofPool: "p", 8).filter {
                    $0.hasPrefix("b")
                }.firstIndex(of: "b-3"))
    }

    @Test func `clocks that jump and weights without sense do no harm`() {
        var engine = engine(slots: 1)
        engine.setWeight(.min, ofTenant: "a")
        engine.setWeight(.max, ofTenant: "b")
        add(20, of: "a", to: &engine)
        add(20, of: "b", to: &engine)
        var count = 0
        for now in [Int64.max, .min, 0, .max, 5, .min] {
            for made in engine.decide(at: now) {
                engine.remove(task: made.task)
                count += 1
            }
        }
        #expect(count == 6)
    }

    @Test func `tenants that have gone are forgotten`() {
        var engine = engine(slots: 2)
        for number in 0..<500 {
            let id = "t\(number)"
            engine.upsert(TaskDemand(id: id, pool: "p", tenant: id, queuedAt: 0))
            #expect(engine.decide(at: Int64(number) * second).map(\.task) == [id])
            engine.remove(task: id)
        }
        add(2, of: "a", to: &engine)
        #expect(started(engine.decide(at: 1_000 * second)) == ["a": 2])
    }
}
