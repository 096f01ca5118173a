import Foundation
import Subprocess
import SystemPackage
import Testing

/// The tutorial is true: its commands are run as they stand in the page.
@Suite(.serialized, .timeLimit(.minutes(5))) struct TutorialTests {
    /// A block of commands, and the lines that the page promises.
    private struct Step {
        var commands: String
        var promised: [String] = []
    }

    private static func steps() throws -> [Step] {
        let page = try String(
            contentsOfFile: DevCluster.root + "/docs/tutorial.md", encoding: .utf8)
        var steps: [Step] = []
        var language: String?
        var lines: [String] = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("```") else {
                lines.append(String(line))
                continue
            }
            if language == "sh" {
                steps.append(Step(commands: lines.joined(separator: "\n")))
            } else if language == "output", !steps.isEmpty {
                steps[steps.count - 1].promised += lines
            }
            language = language == nil ? String(line.dropFirst(3)) : nil
            lines = []
        }
        return steps
    }

    @Test func `every command of the tutorial does what the page says`() async throws {
        let steps = try Self.steps()
        #expect(steps.count > 6 && steps.contains { !$0.promised.isEmpty })
        try await DevCluster.run { cluster in
            for step in steps {
                let result = try await Subprocess.run(
                    .name("bash"), arguments: ["-euo", "pipefail", "-c", step.commands],
                    environment: .inherit.updating([
                        "KUBECONFIG": cluster.kubeconfig, "HOME": cluster.folder,
                        "TMPDIR": cluster.folder,
                    ]),
                    workingDirectory: FilePath(DevCluster.root), input: .none,
                    output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
                try #require(
                    result.terminationStatus.isSuccess,
                    "\(step.commands)\n\(result.standardError)")
                for line in step.promised {
                    let isThere = result.standardOutput.contains(line)
                    #expect(isThere, "\(line)\nis not in\n\(result.standardOutput)")
                }
            }
        }
    }
}
