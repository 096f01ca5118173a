import Glibc
import KubernetesCore
import Subprocess
import SystemPackage

/// One run of one container as a process.
struct ContainerProcess: Sendable {
    let command: [String]
    let environment: [String: String]
    let folder: String
    let log: ContainerLogID
    let pump: LogPump

    /// How a process ended.
    struct Ending: Sendable {
        let code: Int
        let signal: Int
    }

    /// Runs the process to its end. `onStart` is given its session as soon as it runs. Throws where
    /// it cannot be started, with the reason.
    func run(onStart: @Sendable (ProcessSession) async -> Void) async throws -> Ending {
        guard let executable = command.first else {
            throw LocalClusterError.volume(
                "no command: the local node runs commands, not images; set the container's command")
        }
        let pipe = try FileDescriptor.pipe()
        pump.add(pipe.readEnd.rawValue, for: log)
        var options = PlatformOptions()
        options.createSession = true
        let environment = Dictionary(
            uniqueKeysWithValues: self.environment.map { (Environment.Key(stringLiteral: $0), $1) })
        let result = try await Subprocess.run(
            executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(environment),
            workingDirectory: FilePath(folder), platformOptions: options, input: .none,
            output: .fileDescriptor(pipe.writeEnd, closeAfterSpawningProcess: true),
            error: .combinedWithOutput
        ) { execution in
            await onStart(ProcessSession(leader: execution.processIdentifier.value))
            return execution.processIdentifier.value
        }
        // Whatever the leader left behind ends with it, as processes of a container do.
        await ProcessSession(leader: result.closureResult).end()
        switch result.terminationStatus {
        case .exited(let code): return Ending(code: Int(code), signal: 0)
        case .signaled(let signal): return Ending(code: 0, signal: Int(signal))
        }
    }
}
