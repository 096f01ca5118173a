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
            number of tasks show how both grow.
            """)

    @Option(help: "Numbers of queued tasks, separated by commas.")
    var tasks = "1000,10000,100000,1000000"
    @Option(help: "How many pools they wait in.") var pools = 20
    @Option(help: "How many agents the pools have together.") var agents = 500
    @Option(help: "How many decisions are measured at most.") var decisions = 50_000

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
        for size in sizes { figures.append(measure(size)) }
        let line: JSONValue = [
            "bench": "engine", "pools": .int(pools), "agents": .int(agents),
            "sizes": .array(figures),
        ]
        Terminal.say(line.text)
    }

    private func measure(_ tasks: Int) -> JSONValue {
        let clock = ContinuousClock()
        var trial = EngineTrial(tasks: tasks, pools: pools, agents: agents)
        let before = AllocatedMemory.bytes
        let filling = clock.measure { trial.fill() }
        let bytes = max(0, AllocatedMemory.bytes - before)
        var made = 0
        let deciding = clock.measure { made = trial.workOff(min(decisions, tasks)) }
        func microseconds(_ duration: Duration, _ count: Int) -> JSONValue {
            .double((duration.inSeconds * 1e9 / Double(max(1, count))).rounded() / 1_000)
        }
        return [
            "tasks": .int(tasks), "decisions": .int(made),
            "microsecondsPerDecision": microseconds(deciding, made),
            "microsecondsPerInsert": microseconds(filling, tasks),
            "bytesPerTask": .int(bytes / tasks),
        ]
    }
}
