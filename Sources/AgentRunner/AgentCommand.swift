import Dispatch
import Glibc

/// The program `swiftlet-agent`: the runner, and the copying of itself into another image.
public enum AgentCommand {
    /// What went wrong with the command line or the environment (sysexits.h).
    private static let usageError: Int32 = 64
    /// What went wrong with the machine (sysexits.h).
    private static let systemError: Int32 = 71

    /// Runs the program with these arguments, the first one being its own name, and this
    /// environment, and ends the process with its exit code.
    ///
    /// Each attempt has a process of its own that runs this too. That takes its way before
    /// anything is made for tasks, threads or the network, so that it is there at once.
    public static func main(arguments: [String], environment: [String: String]) -> Never {
        if arguments.dropFirst().first == Supervisor.argument { Supervisor.run() }
        Task { exit(await run(arguments: arguments, environment: environment)) }
        dispatchMain()
    }

    private static func run(
        arguments: [String], environment: [String: String]
    ) async -> Int32 {
        let rest = arguments.dropFirst()
        switch (rest.first, rest.count) {
        case (nil, _): return await runRunner(environment)
        case ("install"?, 2):
            guard let folder = rest.last else { return usageError }
            return install(into: folder)
        case ("--help"?, _), ("-h"?, _), ("help"?, _):
            print(help)
            return 0
        default:
            complain("unknown arguments: \(rest.joined(separator: " ")). \(help)")
            return usageError
        }
    }

    private static let help =
        "usage: swiftlet-agent (runs attempts, configured by SWIFTLET_* variables) "
        + "| swiftlet-agent install DIR (copies itself to DIR/swiftlet-agent)"

    private static func runRunner(_ environment: [String: String]) async -> Int32 {
        do throws(RunnerConfiguration.ConfigurationError) {
            var configuration = try RunnerConfiguration(environment: environment)
            configuration.controlGroups = ControlGroupSource()
            let runner = Runner(configuration, environment: environment, log: OutputLog())
            signal(SIGPIPE, SIG_IGN)
            // The first process of a container inherits what attempts leave behind; nobody asks
            // how these ended, and the system forgets them at once.
            if getpid() == 1 { signal(SIGCHLD, SIG_IGN) }
            let sources = [SIGTERM, SIGINT].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { runner.shutdown() }
                source.resume()
                return source
            }
            defer { for source in sources { source.cancel() } }
            try await runner.run()
            return 0
        } catch {
            complain("\(error)")
            return usageError
        }
    }

    private static func install(into folder: String) -> Int32 {
        do throws(SystemError) {
            try Installation.copySelf(into: folder)
            return 0
        } catch {
            complain("\(error)")
            return systemError
        }
    }

    private static func complain(_ message: String) {
        // Where nobody takes the complaint, the exit code still tells.
        try? Files.write(
            STDERR_FILENO, Array(("swiftlet-agent: " + message + "\n").utf8), "standard error")
    }
}
