import AgentProtocol
import Glibc
import KubernetesCore

/// What an attempt's process is started with.
enum AttemptLaunch {
    /// Why a process cannot be started.
    struct LaunchError: Error, CustomStringConvertible {
        let description: String
    }

    /// The search path where neither the task nor the image sets one.
    private static let standardPath =
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The launch of `spec` in `folder`, by a runner with the environment `inherited`.
    static func of(
        _ spec: LeaseSpec, _ folder: AttemptFolder, limits: AttemptLimits = AttemptLimits(),
        inherited: [String: String]
    ) throws(LaunchError) -> AttemptProcess.Launch {
        let argv = spec.argv
        guard let first = argv.first, !first.isEmpty else {
            throw LaunchError(description: "the task has no command")
        }
        guard !argv.contains(where: { $0.utf8.contains(0) }) else {
            throw LaunchError(description: "an argument holds a null byte")
        }
        let environment = try variables(spec, folder, inherited: inherited)
        let program = try find(
            first, path: environment["PATH"] ?? standardPath, directory: folder.work)
        return AttemptProcess.Launch(
            program: program, argv: argv, environment: environment, directory: folder.work,
            progress: folder.progress, limits: limits)
    }

    /// The image's environment, without what configures the runner; then what the task sets; then
    /// the contract, which nothing overrides.
    private static func variables(
        _ spec: LeaseSpec, _ folder: AttemptFolder, inherited: [String: String]
    ) throws(LaunchError) -> [String: String] {
        var result = inherited.filter { !$0.key.hasPrefix("SWIFTLET_") }
        result["TMPDIR"] = folder.temporary
        for variable in spec.env {
            guard case .value(let text) = variable.source else {
                throw LaunchError(
                    description: "the gateway did not resolve the variable \(variable.name)")
            }
            guard !text.utf8.contains(0) else {
                throw LaunchError(description: "the variable \(variable.name) holds a null byte")
            }
            result[variable.name] = text
        }
        result["SWIFTLET_INPUT"] = folder.input
        result["SWIFTLET_RESULT"] = folder.result
        result["SWIFTLET_PROGRESS"] = folder.progress
        result["SWIFTLET_CHECKPOINT_DIR"] = folder.checkpoint
        result["SWIFTLET_TASK"] = spec.name
        result["SWIFTLET_TASK_NAMESPACE"] = spec.namespace
        result["SWIFTLET_TASK_UID"] = folder.id.taskUID.text
        result["SWIFTLET_ATTEMPT"] = String(folder.id.attempt)
        // What a client of the Model Context Protocol inside the attempt needs.
        result["SWIFTLET_LEASE"] = folder.id.description
        result["SWIFTLET_MCP_URL"] = inherited["SWIFTLET_GATEWAY_URL"].map { $0 + "/mcp" }
        for (name, source) in [
            ("SWIFTLET_MCP_CA_FILE", "SWIFTLET_GATEWAY_CA_FILE"),
            ("SWIFTLET_MCP_SERVER_NAME", "SWIFTLET_GATEWAY_SERVER_NAME"),
            ("SWIFTLET_MCP_TOKEN_FILE", "SWIFTLET_TOKEN_FILE"),
        ] {
            result[name] = inherited[source]
        }
        result["SWIFTLET_PERSONA"] =
            spec.persona != nil ? folder.persona : inherited["SWIFTLET_PERSONA"]
        return result
    }

    /// The file of the program `name`, as execvp would find it.
    private static func find(
        _ name: String, path: String, directory: String
    ) throws(LaunchError) -> String {
        if name.contains("/") {
            return name.hasPrefix("/") ? name : directory + "/" + name
        }
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            let file = folder + "/" + name
            var status = stat()
            guard access(file, X_OK) == 0, stat(file, &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            return file
        }
        throw LaunchError(description: "there is no program \(name) in PATH (\(path))")
    }
}
