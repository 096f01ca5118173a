import KubernetesCore
import Logging
import Subprocess
import SystemPackage

/// Probes one running container, as its startup, readiness and liveness probes say.
struct ContainerProbes: Sendable {
    let container: LocalContainer
    let environment: [String: String]
    let folder: String
    let paths: PathMap
    let post: @Sendable (PodMachine.Input) -> Void
    let log: Logger

    /// How a probe went.
    private enum Outcome: Equatable {
        case success
        case failure(String)
    }

    /// Probes until the task is cancelled.
    func run() async {
        if let startup = container.startup {
            if let reason = await failure(of: startup) {
                post(.unhealthy(container.name, message: "startup probe failed: \(reason)"))
                return
            }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watchReadiness() }
            if let liveness = container.liveness {
                group.addTask { await watchLiveness(liveness) }
            }
        }
    }

    /// Why a startup probe failed as often as it may; nil where it has succeeded.
    private func failure(of probe: LocalProbe) async -> String? {
        await pause(probe.initialDelay)
        var last = "it was never tried"
        for _ in 0..<probe.failureThreshold where !Task.isCancelled {
            guard case .failure(let reason) = await outcome(probe) else { return nil }
            last = reason
            await pause(probe.period)
        }
        return Task.isCancelled ? nil : last
    }

    private func watchReadiness() async {
        guard let probe = container.readiness else {
            post(.ready(container.name, true))
            return
        }
        await pause(probe.initialDelay)
        var isReady = false
        var streak = 0
        var told = Outcome.success
        while !Task.isCancelled {
            let outcome = await outcome(probe)
            guard !Task.isCancelled else { return }
            // Most containers are not ready for a moment; one that was, or why one never is, is
            // worth a line, but only one.
            if case .failure(let reason) = outcome, outcome != told {
                log.log(
                    level: isReady ? .warning : .info,
                    "\(container.name): readiness probe failed: \(reason)")
            }
            told = outcome
            let succeeded = outcome == .success
            streak = succeeded == isReady ? 0 : streak + 1
            if streak >= (succeeded ? probe.successThreshold : probe.failureThreshold) {
                isReady = succeeded
                streak = 0
                post(.ready(container.name, isReady))
            }
            // A container that is not ready yet is asked more often: its readiness is waited for.
            await pause(isReady ? probe.period : min(probe.period, .milliseconds(500)))
        }
    }

    private func watchLiveness(_ probe: LocalProbe) async {
        await pause(probe.initialDelay)
        var failures = 0
        while !Task.isCancelled {
            let outcome = await outcome(probe)
            guard !Task.isCancelled else { return }
            if case .failure(let reason) = outcome {
                failures += 1
                if failures >= probe.failureThreshold {
                    post(.unhealthy(container.name, message: "liveness probe failed: \(reason)"))
                    return
                }
            } else {
                failures = 0
            }
            await pause(probe.period)
        }
    }

    private func pause(_ time: Duration) async {
        // Ends early only by cancellation, which the callers look for.
        try? await Task.sleep(for: time)
    }

    private func outcome(_ probe: LocalProbe) async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await execute(probe.command) }
            group.addTask {
                await pause(probe.timeout)
                return .failure("it took longer than \(probe.timeout.inSeconds) s")
            }
            let first = await group.next() ?? .failure("it gave no answer")
            group.cancelAll()
            return first
        }
    }

    private func execute(_ command: [String]) async -> Outcome {
        let command = command.map(paths.rewrite)
        guard let executable = command.first else { return .failure("it has no command") }
        let environment = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
        do {
            let result = try await Subprocess.run(
                executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
                arguments: Arguments(Array(command.dropFirst())),
                environment: .custom(environment), workingDirectory: FilePath(folder),
                input: .none, output: .discarded, error: .discarded)
            let status = result.terminationStatus
            return status.isSuccess ? .success : .failure("\(executable) ended with \(status)")
        } catch {
            return .failure("\(executable) could not be started: \(error)")
        }
    }
}
