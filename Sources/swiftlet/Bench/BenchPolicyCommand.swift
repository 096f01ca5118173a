import ArgumentParser
import KubernetesCore
import PolicyEngine
import YAMLReading

/// `swiftlet bench policy`: how long it takes to judge a pod by policies that are compiled.
///
/// Without arguments the policies are seventeen that hold a pod to the Pod Security Standards, one
/// for each control of the levels baseline and restricted, and the pod is one that meets them.
struct BenchPolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Judge a pod by policies.",
        discussion: """
            Build it for release: swift run -c release swiftlet bench policy. The time is the \
            median of the rounds.
            """)

    @Option(parsing: .upToNextOption, help: "Files or folders of policies.")
    var policy: [String] = []
    @Option(help: "A file with one manifest that is judged.") var resource: String?
    @Option(help: "How often the manifest is judged in each round.") var times = 500
    @Option(help: "How many rounds there are.") var rounds = 9

    func validate() throws {
        guard (1...1_000_000).contains(times), (1...1_000).contains(rounds) else {
            throw ValidationError("--times must be 1...1000000 and --rounds 1...1000.")
        }
    }

    func run() async throws {
        let documents = try documents()
        let request = try request()
        let clock = ContinuousClock()
        var compiled = PolicySet([])
        let compileTime = clock.measure { compiled = PolicySet(documents) }
        guard compiled.problems.isEmpty else {
            throw CommandFailure("\(compiled.problems[0])")
        }
        let set = compiled
        let surroundings = PolicySurroundings(now: PolicyFiles.now)
        let results = set.evaluate(request, surroundings)
        var passed = 0
        let rounds = (0..<self.rounds).map { _ in
            clock.measure {
                for _ in 0..<times {
                    passed &+= set.evaluate(request, surroundings).count { $0.outcome == .pass }
                }
            }
        }
        let sorted = rounds.map { $0.inSeconds / Double(times) * 1e6 }.sorted()
        let median = sorted[sorted.count / 2]
        Terminal.say(
            ([
                "bench": "policy", "policies": .int(documents.count),
                "results": .int(results.count),
                "passes": .int(passed / (times * self.rounds)),
                "compileMicroseconds": .double((compileTime.inSeconds * 1e7).rounded() / 10),
                "microsecondsPerObject": .double((median * 10).rounded() / 10),
                "fastestMicroseconds": .double(((sorted.first ?? 0) * 10).rounded() / 10),
            ] as JSONValue).text)
    }

    private func documents() throws -> [PolicyDocument] {
        guard !policy.isEmpty else {
            return try YAMLText.read(PodSecurityPolicies.policies).map {
                PolicyDocument(source: "built in", object: $0)
            }
        }
        return try PolicyFiles().policies(at: policy)
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
