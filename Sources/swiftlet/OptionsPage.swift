import ArgumentParser
import Subprocess
import SystemPackage

/// The page of the reference about the options of all programs: what they print about themselves.
struct OptionsPage {
    /// Lines as wide as a terminal that nobody has made larger.
    private static let columns = 80

    /// The page.
    /// - Parameter operatorPath: where `swiftlet-operator` lies.
    static func text(operatorPath: String) async throws -> String {
        let help = try await Subprocess.run(
            .path(FilePath(operatorPath)), arguments: ["--help"], environment: .inherit,
            input: .none, output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        guard help.terminationStatus.isSuccess else {
            throw CommandFailure("\(operatorPath) --help failed: \(help.standardError)")
        }
        var lines = [
            "# Options", "",
            "Written by `swiftlet generate` from what the programs print with `--help`.",
        ]
        lines += section("swiftlet-operator", help.standardOutput)
        lines += sections(of: SwiftletCommand.self, named: "swiftlet")
        return lines.map { $0 + "\n" }.joined()
    }

    /// A command, and those below it.
    private static func sections(of command: any ParsableCommand.Type, named name: String)
        -> [String]
    {
        section(name, SwiftletCommand.helpMessage(for: command, columns: columns))
            + command.configuration.subcommands.flatMap { below in
                sections(of: below, named: name + " " + (below.configuration.commandName ?? ""))
            }
    }

    private static func section(_ name: String, _ help: String) -> [String] {
        let text = help.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
        let kept = text.reversed().drop { $0.isEmpty }.reversed()
        return ["", "## \(name)", "", "```"] + kept + ["```"]
    }
}
