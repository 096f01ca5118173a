import TaskScheduling
import Testing

private let second: Int64 = 1_000_000_000

/// Many tasks against few, by the rows of docs/design/task-faults.md.
@Suite struct TaskFloodTests {
    @Test func `F4: one task of high priority goes before five thousand of low priority`() {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "p"))
        for number in 0..<5_000 {
            engine.upsert(
                TaskDemand(
                    id: "low-\(number)", pool: "p", priority: -10, queuedAt: Int64(number)))
        }
        engine.upsert(TaskDemand(id: "high", pool: "p", priority: 10, queuedAt: 60 * second))
        engine.upsert(AgentOffer(id: "a", pool: "p"))
        #expect(engine.decide(at: 61 * second).map(\.task) == ["high"])
    }

    @Test func `F4: a flood of high priority delays a low one no longer than its aging`() {
        var engine = SchedulingEngine(agingSeconds: 30)
        engine.upsert(PoolRules(id: "p"))
        engine.upsert(AgentOffer(id: "a", pool: "p"))
        engine.upsert(TaskDemand(id: "low", pool: "p", priority: -20, queuedAt: 0))
        var startedAt: Int64?
        var number = 0
        for tick in 0..<4_000 where startedAt == nil {
            let now = Int64(tick) * second
            // Three come for each that can run.
            for _ in 0..<3 {
                number += 1
                engine.upsert(
                    TaskDemand(id: "high-\(number)", pool: "p", priority: 20, queuedAt: now))
            }
            for made in engine.decide(at: now) {
                if made.task == "low" { startedAt = now }
                engine.remove(task: made.task)
            }
        }
        // Forty points are twenty minutes of waiting: from then on nobody who comes goes before it,
        // but those who came until then do.
        #expect((startedAt ?? .max) <= (3 * 40 * 30 + 2) * second)
    }

    @Test func `G10: a hundred thousand tasks of one tenant leave another its share at once`() {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "p"))
        for number in 0..<10 { engine.upsert(AgentOffer(id: "a\(number)", pool: "p")) }
        for number in 0..<100_000 {
            engine.upsert(
                TaskDemand(
                    id: "flood-\(number)", pool: "p", tenant: "flood", priority: 1_000,
                    queuedAt: Int64(number)))
        }
        var running = engine.decide(at: second)
        #expect(running.count == 10)
        for number in 0..<20 {
            engine.upsert(
                TaskDemand(
                    id: "quiet-\(number)", pool: "p", tenant: "quiet", queuedAt: 2 * second))
        }
        var waited: [Int] = []
        for end in 1...60 where waited.count < 20 {
            engine.remove(task: running.removeFirst().task)
            for made in engine.decide(at: (2 + Int64(end)) * second) {
                if made.task.hasPrefix("quiet") { waited.append(end) }
                running.append(made)
            }
        }
        // The first slots that come free are its, until it has its half.
        #expect(waited.first == 1 && waited.prefix(4) == [1, 2, 3, 4], "\(waited)")
        #expect(waited.count == 20, "\(waited)")
    }
}
