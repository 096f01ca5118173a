import ArgumentParser
import KubernetesCore
import PolicyEngine
import YAMLReading

/// `swiftlet bench policy`: how long it takes to judge a pod by policies that are compiled.
///
/// Without arguments the policies are seventeen that hold a pod to the Pod Security Standards, one
/// for each control of the levels baseline and restricted, and the pod is one that meets them. They
/// are measured twice, as patterns and as CEL expressions.
struct BenchPolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Judge a pod by policies.",
        discussion: """
            Build it for release: swift run -c release swiftlet bench policy. A line for each form \
            of the policies; the time is the median of the rounds, which take turns. ofBudget is \
            its share of 300 microseconds, perParse how many times the pod's JSON could have been \
            read meanwhile, which says more than a time does on a machine that nobody knows.
            """)

    @Option(parsing: .upToNextOption, help: "Files or folders of policies.")
    var policy: [String] = []
    @Option(help: "A file with one manifest that is judged.") var resource: String?
    @Option(help: "How often the manifest is judged in each round.") var times = 500
    @Option(help: "How many rounds there are.") var rounds = 9

    /// What a pod may cost, in microseconds.
    private static let budget = 300.0

    /// Policies in one form, and how long they took in each round.
    private struct Entry {
        let form: String
        let count: Int
        let set: PolicySet
        let compiling: Duration
        var rounds: [Double] = []

        init(_ form: String, _ documents: [PolicyDocument]) throws(CommandFailure) {
            self.form = form
            count = documents.count
            var compiled = PolicySet([])
            compiling = ContinuousClock().measure { compiled = PolicySet(documents) }
            if let problem = compiled.problems.first { throw CommandFailure("\(problem)") }
            set = compiled
        }

        var median: Double { BenchPolicyCommand.median(rounds) }
    }

    func validate() throws {
        guard (1...1_000_000).contains(times), (1...1_000).contains(rounds) else {
            throw ValidationError("--times must be 1...1000000 and --rounds 1...1000.")
        }
    }

    func run() async throws {
        var entries = try entries()
        let request = try request()
        let surroundings = PolicySurroundings(now: PolicyFiles.now)
        let bytes = request.object.encoded()
        var parsing: [Double] = []
        for _ in 0..<rounds {
            parsing.append(
                try time { _ = try JSONDocument(parsing: bytes).root.value() })
            for index in entries.indices {
                let set = entries[index].set
                entries[index].rounds.append(
                    time { _ = set.evaluate(request, surroundings).count })
            }
        }
        let parse = Self.median(parsing)
        for entry in entries {
            let results = entry.set.evaluate(request, surroundings)
            var line: JSONValue = [
                "bench": "policy", "form": .string(entry.form), "policies": .int(entry.count),
                "results": .int(results.count),
                "passes": .int(results.count { $0.outcome == .pass }),
                "compileMicroseconds": Self.tenths(entry.compiling.inSeconds * 1e6),
                "microsecondsPerObject": Self.tenths(entry.median),
                "fastestMicroseconds": Self.tenths(entry.rounds.min() ?? 0),
                "budgetMicroseconds": .double(Self.budget),
                "ofBudget": Self.hundredths(entry.median / Self.budget),
                "perParse": Self.hundredths(entry.median / parse),
            ]
            if let first = entries.first, entries.count > 1 {
                line["toFirst"] = Self.hundredths(entry.median / first.median)
            }
            Terminal.say(line.text)
        }
    }

    /// The microseconds that each of `times` calls takes.
    private func time<E: Error>(_ work: () throws(E) -> Void) throws(E) -> Double {
        let clock = ContinuousClock()
        let begun = clock.now
        for _ in 0..<times { try work() }
        return (clock.now - begun).inSeconds / Double(times) * 1e6
    }

    private static func median(_ numbers: [Double]) -> Double {
        let sorted = numbers.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    private static func tenths(_ number: Double) -> JSONValue {
        .double((number * 10).rounded() / 10)
    }

    private static func hundredths(_ number: Double) -> JSONValue {
        .double((number * 100).rounded() / 100)
    }

    private func entries() throws -> [Entry] {
        guard policy.isEmpty else {
            return [try Entry("given", PolicyFiles().policies(at: policy))]
        }
        func documents(_ text: String) throws -> [PolicyDocument] {
            try YAMLText.read(text).map { PolicyDocument(source: "built in", object: $0) }
        }
        return [
            try Entry("ClusterPolicy", documents(PodSecurityPolicies.policies)),
            try Entry("ValidatingPolicy", documents(PodSecurityExpressions.policies)),
        ]
    }

    private func request() throws -> PolicyRequest {
        let documents =
            if let resource {
                try PolicyFiles().documents(of: resource)
            } else {
                try YAMLText.read(PodSecurityPolicies.pod)
            }
        guard let object = OfflineResources(documents).resources.first else {
            throw CommandFailure("\(resource ?? "the pod") holds no manifest")
        }
        return PolicyRequest(.create, object.object, of: object.type)
    }
}
