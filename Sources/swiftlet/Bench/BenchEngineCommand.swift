import ArgumentParser
import KubernetesCore
import Simulation

/// `swiftlet bench engine`: what a decision of the scheduling engine costs, and what a queued task.
struct BenchEngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Measure the scheduling engine alone: time a decision, memory a queued task.",
        discussion: """
            A decision is everything from a free slot to a task that runs there, with what it \
            costs to confirm it and to take the task out when it has ended. Figures for each \
            number of tasks show how both grow. Times are processor time of this process, so \
            that other processes of the machine do not count; looksPerDecision counts what a \
            decision looks at, whatever the machine.
            """)

    @Option(help: "Numbers of queued tasks, separated by commas.")
    var tasks = "1000,10000,100000,1000000"
    @Option(help: "How many pools they wait in.") var pools = 20
    @Option(help: "How many agents the pools have together.") var agents = 500
    @Option(help: "How many decisions are measured at most.") var decisions = 50_000
    @Flag(help: "Let no two tasks need the same: the worst that a queue can hold.")
    var distinct = false

    func validate() throws {
        guard !sizes.isEmpty, sizes.allSatisfy({ (1...5_000_000).contains($0) }),
            (1...1_000).contains(pools), (1...100_000).contains(agents),
            (1...10_000_000).contains(decisions)
        else {
            throw ValidationError(
                "--tasks must be numbers of 1...5000000, --pools 1...1000, --agents 1...100000, "
                    + "--decisions 1...10000000.")
        }
    }

    private var sizes: [Int] {
        let parts = tasks.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == parts.count ? numbers : []
    }

    func run() async throws {
        var figures: [JSONValue] = []
        for size in sizes {
            let figure = try measure(size)
            Terminal.complain(figure.text)
            figures.append(figure)
        }
        let line: JSONValue = [
            "bench": "engine", "pools": .int(pools), "agents": .int(agents),
            "distinct": .bool(distinct), "sizes": .array(figures),
        ]
        Terminal.say(line.text)
    }

    private func measure(_ tasks: Int) throws(CommandFailure) -> JSONValue {
        var trial = EngineTrial(
            tasks: tasks, pools: pools, agents: agents, isDistinct: distinct)
        let before = try AllocatedMemory.bytes()
        let began = ProcessorTime.seconds
        trial.fill()
        let filled = ProcessorTime.seconds
        let bytes = max(0, try AllocatedMemory.bytes() - before)
        let looks = trial.looks
        let made = trial.workOff(min(decisions, tasks))
        let ended = ProcessorTime.seconds
        func microseconds(_ seconds: Double, _ count: Int) -> JSONValue {
            .double((seconds * 1e9 / Double(max(1, count))).rounded() / 1_000)
        }
        return [
            "tasks": .int(tasks), "decisions": .int(made),
            "microsecondsPerDecision": microseconds(ended - filled, made),
            "microsecondsPerInsert": microseconds(filled - began, tasks),
            "looksPerDecision": .double(
                (Double(trial.looks - looks) / Double(max(1, made)) * 10).rounded() / 10),
            "bytesPerTask": .int(bytes / tasks),
        ]
    }
}
