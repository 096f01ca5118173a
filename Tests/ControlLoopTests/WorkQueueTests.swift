import ControlLoop
import KubernetesCore
import Testing

@Suite struct WorkQueueTests {
    @Test func `an item is in the queue once and comes when it is due`() {
        var queue = WorkQueue<String>()
        queue.add("a", due: .at(5))
        queue.add("a", due: .at(9))
        #expect(queue.count == 1)
        let result1 = queue.nextDeadline()
        #expect(result1 == .at(5))
        let result2 = queue.take(at: .at(4))
        #expect(result2 == nil)
        let result3 = queue.take(at: .at(5))
        #expect(result3 == "a")
        let result4 = queue.take(at: .at(9))
        #expect(result4 == nil)
        #expect(queue.additions == 1)
    }

    @Test func `of what is due the urgent comes first, then the first`() {
        var queue = WorkQueue<String>()
        queue.add("low", due: .at(0), priority: .low)
        queue.add("one", due: .at(1))
        queue.add("two", due: .at(0))
        queue.add("high", due: .at(2), priority: .high)
        let order = (0..<4).compactMap { _ in queue.take(at: .at(3)) }
        #expect(order == ["high", "one", "two", "low"])
    }

    @Test func `a flood of one owner delays each item of another by one`() {
        var queue = WorkQueue<String> { String($0.prefix(1)) }
        for number in 0..<1_000 { queue.add("a\(number)", due: .at(0)) }
        _ = queue.take(at: .at(1))
        for number in 0..<3 { queue.add("b\(number)", due: .at(1)) }
        queue.add("c", due: .at(1))
        let order = (0..<8).compactMap { _ in queue.take(at: .at(2)) }
        #expect(order == ["b0", "c", "a1", "b1", "a2", "b2", "a3", "a4"])
    }

    @Test func `one owner's items are served in the order in which they came`() {
        var queue = WorkQueue<Int> { String($0 % 3) }
        for number in 0..<300 { queue.add(number, due: .at(0)) }
        var order: [Int] = []
        while let item = queue.take(at: .at(1)) { order.append(item) }
        #expect(order.count == 300)
        for owner in 0..<3 {
            let own = order.filter { $0 % 3 == owner }
            #expect(own == own.sorted())
        }
    }

    @Test func `what is added while it is taken comes back after it is finished`() {
        var queue = WorkQueue<String>()
        queue.add("a", due: .at(0))
        let result5 = queue.take(at: .at(0))
        #expect(result5 == "a")
        queue.add("a", due: .at(0))
        let result6 = queue.take(at: .at(1))
        #expect(result6 == nil)
        let result7 = queue.nextDeadline()
        #expect(result7 == nil)
        queue.finish("a", again: .at(7))
        let result8 = queue.take(at: .at(1))
        #expect(result8 == "a")
        queue.finish("a", again: .at(7))
        let result9 = queue.take(at: .at(6))
        #expect(result9 == nil)
        let result10 = queue.nextDeadline()
        #expect(result10 == .at(7))
        queue.remove("a")
        let result11 = queue.nextDeadline()
        #expect(result11 == nil)
    }

    @Test func `a full queue refuses what it does not know`() {
        var queue = WorkQueue<Int>(capacity: 2)
        let result12 = queue.add(1, due: .at(0))
        #expect(result12)
        let result13 = queue.add(2, due: .at(0))
        #expect(result13)
        let result14 = queue.add(3, due: .at(0))
        #expect(!result14)
        let result15 = queue.add(1, due: .at(0), priority: .high)
        #expect(result15)
    }

    /// The queue against the simplest thing that could be called one.
    @Test(arguments: UInt64(1)...60)
    func `the queue does what a list would do`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = WorkQueue<Int>()
        var due: [Int: Instant] = [:]
        var taken: Set<Int> = []
        var now = 0.0
        for _ in 0..<600 {
            let item = random.below(10)
            switch random.below(4) {
            case 0, 1:
                let at = Instant.at(now + Double(random.below(20)) - 5)
                queue.add(item, due: at)
                due[item] = min(due[item] ?? at, at)
            case 2:
                let free = due.filter { !taken.contains($0.key) && $0.value <= .at(now) }
                if let got = queue.take(at: .at(now)) {
                    #expect(free[got] != nil, "seed \(seed)")
                    #expect(taken.insert(got).inserted, "seed \(seed)")
                    due[got] = nil
                } else {
                    #expect(free.isEmpty, "seed \(seed)")
                }
            default:
                if let done = taken.min() {
                    taken.remove(done)
                    queue.finish(done)
                }
            }
            #expect(queue.count == due.count, "seed \(seed)")
            #expect(queue.takenCount == taken.count)
            let next = due.filter { !taken.contains($0.key) }.values.min()
            let found = queue.nextDeadline()
            #expect((found == nil) == (next == nil), "seed \(seed)")
            if let next, next > .at(now) {
                #expect(found == next, "seed \(seed)")
            }
            now += Double(random.below(3))
        }
    }

    @Test func `backoff grows, is bounded, and is jittered upwards`() {
        let backoff = Backoff(initial: .milliseconds(100), longest: .seconds(5), jitter: 0.5)
        var random = SeededGenerator(seed: 7)
        #expect(backoff.delay(after: 0, using: &random) == .zero)
        for failures in 1...2_000 {
            let wait = backoff.delay(after: failures, using: &random).inSeconds
            var base = 0.1
            for _ in 1..<min(failures, 20) { base *= 2 }
            base = min(base, 5)
            #expect(wait >= base && wait <= base * 1.5, "\(failures)")
        }
    }
}
