import ArgumentParser
import KubernetesCore
import PolicyEngine

/// `swiftlet policy evaluate`: what policies say about manifests.
struct PolicyEvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Say what policies find in manifests.",
        discussion: """
            Exit codes: 0 if nothing that is enforced fails; 1 if an enforced rule fails or cannot \
            be evaluated; 64 for wrong usage; 65 if a file cannot be read or a policy was refused. \
            What is wrong with a file or a policy is said on standard error, with its place.
            """)

    enum Output: String, ExpressibleByArgument, CaseIterable {
        case json
        case text
    }

    @Option(
        parsing: .upToNextOption,
        help: "Files or folders of policies, bindings and exceptions; - is standard input.")
    var policy: [String] = []
    @Option(parsing: .upToNextOption, help: "Files or folders of manifests.")
    var resource: [String] = []
    @Option(
        parsing: .upToNextOption,
        help: "Kyverno values files: values, namespaces, and the context of a cluster.")
    var values: [String] = []
    @Option(help: "A Kyverno user info file: who asks.") var userinfo: String?
    @Option(
        parsing: .upToNextOption, help: "Kyverno context files: what stands for a cluster.")
    var context: [String] = []
    @Option(parsing: .upToNextOption, help: "Files or folders of exceptions.")
    var exception: [String] = []
    @Option(name: [.short, .long], help: "The form of the output.") var output = Output.text

    func validate() throws {
        guard !policy.isEmpty else { throw ValidationError("--policy names no file.") }
        guard !resource.isEmpty else { throw ValidationError("--resource names no file.") }
    }

    func run() async throws {
        let loaded: PolicyFiles.Loaded
        do {
            loaded = try PolicyFiles().load(
                policies: policy + exception, resources: resource, surroundings: values + context,
                user: userinfo)
        } catch {
            Terminal.complain("\(error)")
            throw PolicyCommand.Exit.refused
        }
        let rows = loaded.evaluation.judge(
            loaded.resources, at: PolicyFiles.now, parseYAML: PolicyFiles.parseYAML
        ).flatMap(\.rows)
        switch output {
        case .json:
            Terminal.say(
                rows.isEmpty
                    ? "[]" : "[\n" + rows.map(\.json.text).joined(separator: ",\n") + "\n]")
        case .text:
            for row in rows { Terminal.say(PolicyEvaluateCommand.text(row)) }
            // An empty answer looks like a pass, and is none: pods are judged, pools are not.
            if rows.isEmpty { Terminal.complain("No rule is about any of these objects.") }
        }
        let problems =
            loaded.evaluation.policies.problems.map(\.description) + loaded.resources.problems
        for problem in problems { Terminal.complain(problem) }
        if rows.contains(where: \.result.forbids) { throw PolicyCommand.Exit.failed }
        if !problems.isEmpty { throw PolicyCommand.Exit.refused }
    }

    private static func text(_ row: OfflineEvaluation.Row) -> String {
        let result = row.result
        let place = row.namespace.isEmpty ? row.name : row.namespace + "/" + row.name
        let message = result.message.split(separator: "\n").joined(separator: " ")
        return "\(result.outcome.rawValue)\t\(result.policy)\t\(result.rule)\t\(row.type.kind)"
            + "/\(place)\t\(message)"
    }
}
