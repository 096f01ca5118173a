import SeededTesting
import TaskScheduling
import Testing

struct DurationSampleTests {
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `quantiles are off by a quarter at most and never below the truth`(seed: UInt64) throws {
        var random = SeededNumbers(seed)
        var sample = DurationSample()
        var values: [Int] = []
        for _ in 0..<400 {
            let value = 1 + random.number(below: 1 << (1 + random.number(below: 24)))
            values.append(value)
            sample.add(milliseconds: Int64(value))
        }
        values.sort()
        for share in [0.5, 0.95, 0.99] {
            let truth = values[Int((Double(values.count) * share).rounded(.up)) - 1]
            let told = try #require(sample.quantileMilliseconds(share))
            #expect(told >= truth && told <= truth + truth / 4 + 1, "seed \(seed), \(share)")
        }
        #expect(sample.meanMilliseconds == values.reduce(0, +) / values.count)
    }

    @Test func `what happened lately weighs most`() throws {
        var sample = DurationSample()
        for _ in 0..<10_000 { sample.add(milliseconds: 1_000) }
        for _ in 0..<2_000 { sample.add(milliseconds: 8_000) }
        #expect(try #require(sample.meanMilliseconds) > 7_000)
        #expect(sample.count <= DurationSample.countMax)
    }

    @Test func `extreme durations are counted at the ends`() {
        var sample = DurationSample()
        for value in [Int64.min, -1, 0, 1, .max] { sample.add(milliseconds: value) }
        #expect(sample.count == 5)
        #expect(DurationSample().quantileMilliseconds(0.5) == nil)
        #expect(DurationSample().meanMilliseconds == nil)
    }

    @Test func `a sample reads back what it wrote, and refuses what it cannot have written`() {
        var sample = DurationSample()
        for value in [3, 70, 900, 12_345] { sample.add(milliseconds: Int64(value)) }
        #expect(DurationSample(numbers: sample.numbers) == sample)
        for broken in [
            [], [-1], [1, -1], [1, 513], [Int.max, 1], Array(repeating: 1, count: 500),
        ] {
            #expect(DurationSample(numbers: broken) == nil, "\(broken.prefix(3))")
        }
    }

    @Test func `types are told apart up to a bound, and relied on only after a few runs`() {
        var pool = PoolExperience()
        for type in 0..<100 { pool.countRun(type: "t\(type)", milliseconds: 2_500) }
        #expect(pool.byType.count == PoolExperience.typesMax + 1)
        #expect(pool.expected(type: "t0") == nil, "one run is too few")
        #expect(pool.expected(type: "unseen")?.seconds == 3, "known from the rest together")
        for _ in 0..<2 { pool.countRun(type: "t0", milliseconds: 2_500) }
        #expect(pool.expected(type: "t0")?.runs == 3)
    }
}
