import SeededTesting
import TaskScheduling
import Testing

struct DependencyGraphTests {
    private typealias Edge = DependencyGraph.Edge

    @Test func `each condition holds in exactly the states that it names`() {
        let states: [DependencyState] = [.missing, .unfinished, .succeeded, .failed, .cancelled]
        let expected: [DependencyCondition: [String]] = [
            .succeeded: ["missing", "waiting", "satisfied", "impossible", "impossible"],
            .failed: ["missing", "waiting", "impossible", "satisfied", "impossible"],
            .finished: ["missing", "waiting", "satisfied", "satisfied", "satisfied"],
        ]
        for condition in DependencyCondition.allCases {
            let verdicts = states.map { state in
                switch DependencyGraph.verdict([
                    Edge(name: "x", condition: condition, state: state)
                ]) {
                case .satisfied: "satisfied"
                case .waiting: "waiting"
                case .missing: "missing"
                case .impossible: "impossible"
                }
            }
            #expect(verdicts == expected[condition])
        }
    }

    @Test func `what can never be comes before what is missing, and that before waiting`() {
        let waiting = Edge(name: "w", condition: .succeeded, state: .unfinished)
        let missing = Edge(name: "m", condition: .succeeded, state: .missing)
        let impossible = Edge(name: "i", condition: .succeeded, state: .failed)
        #expect(DependencyGraph.verdict([waiting, missing, impossible]) == .impossible(impossible))
        #expect(DependencyGraph.verdict([waiting, missing]) == .missing(["m"]))
        #expect(DependencyGraph.verdict([waiting, waiting]) == .waiting(for: ["w", "w"]))
        #expect(DependencyGraph.verdict([]) == .satisfied)
    }

    @Test func `a cycle is named from where it was looked for`() {
        let edges = ["a": ["x", "b"], "b": ["c"], "c": ["a"], "d": ["a"], "s": ["s"], "x": []]
        let find = { start in
            DependencyGraph.cycle(through: start) { edges[$0] ?? [] }
        }
        #expect(find("a") == ["a", "b", "c"])
        #expect(find("c") == ["c", "a", "b"])
        #expect(find("s") == ["s"])
        #expect(find("d") == nil, "it waits for a cycle, but is not part of one")
        #expect(find("x") == nil)
    }

    @Test func `a search gives up after its most tasks and does not recurse`() {
        let deep = DependencyGraph.cycle(through: "0", most: 50_000) { name in
            [String((Int(name) ?? 0) + 1)]
        }
        #expect(deep == nil)
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `a found cycle is one, and none is found in an acyclic graph`(seed: UInt64) {
        var random = SeededNumbers(seed)
        var edges: [Int: [Int]] = [:]
        let isAcyclic = seed % 2 == 0
        for _ in 0..<60 {
            let from = random.number(below: 30)
            let to = random.number(below: 30)
            if !isAcyclic || from < to { edges[from, default: []].append(to) }
        }
        for start in 0..<30 {
            let cycle = DependencyGraph.cycle(through: String(start)) { name in
                (edges[Int(name) ?? -1] ?? []).map(String.init)
            }
            guard let cycle else { continue }
            #expect(!isAcyclic, "seed \(seed)")
            for (one, next) in zip(cycle, cycle.dropFirst() + cycle.prefix(1)) {
                #expect(edges[Int(one) ?? -1]?.contains(Int(next) ?? -1) == true, "seed \(seed)")
            }
        }
    }
}

struct AgentExperienceTests {
    @Test func `scores start at a half and follow what happens`() {
        var experience = AgentExperience()
        #expect(experience.total.score == 0.5)
        for _ in 0..<6 { experience.count(type: "lint", succeeded: true) }
        experience.count(type: "test", succeeded: false)
        #expect(experience.specialization["lint"] == 0.8)
        #expect(experience.specialization["test"] == 0.4)
        #expect(experience.total.succeeded == 6)
    }

    @Test func `types beyond the limit share one tally`() {
        var experience = AgentExperience()
        for index in 0..<100 { experience.count(type: "t\(index)", succeeded: true) }
        #expect(experience.byType.count == AgentExperience.typesMax + 1)
        #expect(experience.total.succeeded == 100)
    }
}
