import SeededTesting
import Testing

@testable import TaskScheduling

struct SortedEntriesTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `sorted entries agree with a sorted array`(seed: UInt64) {
        var random = SeededNumbers(seed)
        var entries = SortedEntries()
        var model: [QueueEntry] = []
        for step in 0..<1_500 {
            if random.chance(2, in: 3) || model.isEmpty {
                let entry = QueueEntry(
                    key: Int64(random.number(below: 40)), queuedAt: Int64(random.number(below: 4)),
                    id: "t\(step)", row: Int32(step))
                entries.insert(entry)
                model.append(entry)
                model.sort()
            } else {
                let index = random.chance(1, in: 2) ? 0 : random.number(below: model.count)
                let removed = entries.remove(model[index])
                let removedAgain = entries.remove(model[index])
                #expect(removed && !removedAgain, "seed \(seed)")
                model.remove(at: index)
            }
            #expect(entries.count == model.count, "seed \(seed)")
            #expect(entries.first == model.first, "seed \(seed)")
            if let probe = model.randomElement(using: &random) {
                #expect(
                    entries.rank(of: probe) == model.firstIndex(of: probe), "seed \(seed)")
            }
        }
        #expect(entries.all == model, "seed \(seed)")
    }
}
