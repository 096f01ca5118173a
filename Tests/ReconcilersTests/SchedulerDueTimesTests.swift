import KubernetesCore
import SeededTesting
import Testing

@testable import Reconcilers

struct SchedulerDueTimesTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `due times agree with a sorted list`(seed: UInt64) {
        var random = SeededNumbers(seed)
        var due = DueTimes<Int>()
        var model: [Int: Int] = [:]
        for now in 0..<500 {
            let item = random.number(below: 30)
            if random.chance(1, in: 5) {
                due.set(item, at: nil)
                model[item] = nil
            } else {
                let time = now + random.number(below: 60)
                due.set(item, at: Timestamp(seconds: Int64(time)))
                model[item] = time
            }
            let next = due.next
            #expect(next?.seconds == model.values.min().map(Int64.init), "seed \(seed)")
            guard random.chance(1, in: 3) else { continue }
            let expected = model.filter { $0.value <= now }.sorted {
                ($0.value, $0.key) < ($1.value, $1.key)
            }.map(\.key)
            #expect(due.take(at: Timestamp(seconds: Int64(now))) == expected, "seed \(seed)")
            for item in expected { model[item] = nil }
        }
    }
}
