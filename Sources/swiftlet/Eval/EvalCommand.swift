import ArgumentParser

/// `swiftlet eval`: the expression languages of policies, line by line.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Evaluate expressions that come as JSON lines.",
        discussion: """
            Reads one request a line from standard input and writes one answer a line, as soon as \
            it is there: {"result": …} or {"error": …}. A line that is no request is answered with \
            an error, and the next one is read.
            """,
        subcommands: [EvalJMESPathCommand.self, EvalCELCommand.self])
}
