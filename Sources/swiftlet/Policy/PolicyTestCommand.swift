import ArgumentParser
import FoundationEssentials
import KubernetesCore
import PolicyEngine

/// `swiftlet policy test`: runs the tests that policies come with.
struct PolicyTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run kyverno-test.yaml files.",
        discussion: """
            Looks for kyverno-test.yaml in the folders and below. An object that no rule says \
            anything about counts as expected. Exit codes: 0 if everything comes out as expected; \
            1 if not; 64 for wrong usage; 65 if a file cannot be read, or if there is no test.
            """)

    private static let fileName = "kyverno-test.yaml"

    @Argument(help: "Folders with tests, or tests.") var paths: [String]
    @Flag(help: "Only say what does not come out as expected.") var failOnly = false

    func run() async throws {
        var files: [String] = []
        for path in paths { files += try Self.tests(at: path) }
        guard !files.isEmpty else {
            Terminal.complain("there is no \(Self.fileName) in \(paths.joined(separator: ", "))")
            throw PolicyCommand.Exit.refused
        }
        var (met, missed, broken) = (0, 0, 0)
        for file in files {
            do {
                let report = try PolicyFiles().runTest(file)
                for line in report.lines {
                    if line.isMet { met += 1 } else { missed += 1 }
                    if !line.isMet || !failOnly { Terminal.say(Self.text(line, file)) }
                }
            } catch {
                Terminal.complain("\(error)")
                broken += 1
            }
        }
        Terminal.say(
            "\(met + missed) expectations of \(files.count) tests: \(met) met, \(missed) not met"
                + (broken > 0 ? ", \(broken) tests could not be read" : ""))
        if missed > 0 { throw PolicyCommand.Exit.failed }
        if broken > 0 { throw PolicyCommand.Exit.refused }
    }

    /// The tests at a path: itself, or those in the folder and below, in the order of their names.
    private static func tests(at path: String) throws -> [String] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            Terminal.complain("there is no \(path)")
            throw PolicyCommand.Exit.refused
        }
        guard isFolder else { return [path] }
        return try PolicyFiles.files(below: path) { $0 == fileName || $0 == "kyverno-test.yml" }
    }

    private static func text(_ line: PolicyTestReport.Line, _ file: String) -> String {
        let expectation = line.expectation
        let rule = expectation.rule.map { "/" + $0 } ?? ""
        let reason = line.reason.split(separator: "\n").joined(separator: " ")
        return "\(line.isMet ? "ok" : "NOT OK")\t\(file)\t\(expectation.policy)\(rule)\t"
            + "\(line.resource)\twanted \(expectation.outcome.rawValue), got \(reason)"
    }
}
