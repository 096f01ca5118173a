import KubernetesCore
import Subprocess
import SystemPackage

/// Probes one running container, as its startup, readiness and liveness probes say.
struct ContainerProbes: Sendable {
    let container: LocalContainer
    let environment: [String: String]
    let folder: String
    let paths: PathMap
    let post: @Sendable (PodMachine.Input) -> Void

    /// Probes until the task is cancelled.
    func run() async {
        if let startup = container.startup {
            guard await passes(startup) else {
                post(.unhealthy(container.name, message: "startup probe failed"))
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

    private func passes(_ probe: LocalProbe) async -> Bool {
        await pause(probe.initialDelay)
        for _ in 0..<probe.failureThreshold where !Task.isCancelled {
            if await succeeds(probe) { return true }
            await pause(probe.period)
        }
        return Task.isCancelled
    }

    private func watchReadiness() async {
        guard let probe = container.readiness else {
            post(.ready(container.name, true))
            return
        }
        await pause(probe.initialDelay)
        var isReady = false
        var streak = 0
        while !Task.isCancelled {
            let succeeded = await succeeds(probe)
            guard !Task.isCancelled else { return }
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
            failures = await succeeds(probe) ? 0 : failures + 1
            guard !Task.isCancelled else { return }
            if failures >= probe.failureThreshold {
                post(.unhealthy(container.name, message: "liveness probe failed"))
                return
            }
            await pause(probe.period)
        }
    }

    private func pause(_ time: Duration) async {
        // Ends early only by cancellation, which the callers look for.
        try? await Task.sleep(for: time)
    }

    private func succeeds(_ probe: LocalProbe) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await execute(probe.command) }
            group.addTask {
                await pause(probe.timeout)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }

    private func execute(_ command: [String]) async -> Bool {
        let command = command.map(paths.rewrite)
        guard let executable = command.first else { return false }
        let environment = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
        do {
            let result = try await Subprocess.run(
                executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
                arguments: Arguments(Array(command.dropFirst())),
                environment: .custom(environment), workingDirectory: FilePath(folder),
                input: .none, output: .discarded, error: .discarded)
            return result.terminationStatus.isSuccess
        } catch {
            return false
        }
    }
}
