import Glibc
import KubernetesCore
import Locking
import Logging

/// Runs one pod: feeds its `PodMachine` with what happens and carries out what it decides.
final class PodWorker: Sendable {
    private struct State {
        var inputs: [PodMachine.Input] = []
        var sessions: [String: ProcessSession] = [:]
        var isGone = false
    }

    private let state = Mutex(State())
    private let latch = Latch()
    private let node: LocalNode
    private let pod: LocalPod
    private let files: PodFiles

    init(_ pod: LocalPod, node: LocalNode) {
        self.pod = pod
        self.node = node
        files = PodFiles(
            pod: pod, folder: node.workPath + "/pods/" + pod.uid.text,
            claims: node.workPath + "/claims", api: node.api)
    }

    /// Tells the worker what happened. Bounded by what can happen: a few inputs per container.
    func post(_ input: PodMachine.Input) {
        state.withLock { $0.inputs.append(input) }
        latch.signal()
    }

    /// The pod is gone from the API: everything of it ends now.
    func abandon() {
        state.withLock { $0.isGone = true }
        latch.signal()
    }

    /// Runs the pod to its end. Where the task is cancelled its processes are ended first.
    func run() async {
        await withDiscardingTaskGroup { group in
            var machine = PodMachine(pod, at: WallClock.time)
            var wake: Timestamp?
            var renewal: Timestamp?
            var isOver = await perform(machine.begin(), &machine, &group, &wake, &renewal)
            while !isOver, !Task.isCancelled, !state.withLock({ $0.isGone }) {
                let due = [wake, renewal].compactMap(\.self).min()
                let wait = due.map { $0 - WallClock.time } ?? .seconds(3_600)
                if state.withLock({ $0.inputs.isEmpty }) {
                    await latch.wait(upTo: max(.milliseconds(1), wait))
                }
                let now = WallClock.time
                if let time = renewal, time <= now { renewal = await renewTokens(now) }
                if let time = wake, time <= now {
                    wake = nil
                    post(.timer)
                }
                let inputs = state.withLock { state in
                    defer { state.inputs = [] }
                    return state.inputs
                }
                for input in inputs where !isOver {
                    let commands = machine.handle(input, at: now)
                    isOver = await perform(commands, &machine, &group, &wake, &renewal)
                }
            }
            for session in state.withLock({ $0.sessions.values.map(\.self) }) {
                session.signalAll(SIGKILL)
            }
            group.cancelAll()
        }
        node.logs.forget(pod.uid)
        do { try files.remove() } catch { node.log.warning("\(pod.name): \(error)") }
    }

    /// Carries out commands in order; true once the pod is removed.
    private func perform(
        _ commands: [PodMachine.Command], _ machine: inout PodMachine,
        _ group: inout DiscardingTaskGroup, _ wake: inout Timestamp?, _ renewal: inout Timestamp?
    ) async -> Bool {
        for command in commands {
            switch command {
            case .prepare:
                do {
                    renewal = try await files.prepare(at: WallClock.time)
                    post(.prepared)
                } catch {
                    post(.preparationFailed("\(error)"))
                }
            case .start(let name, let run): start(name, run, &group)
            case .terminate(let name): session(name)?.signalGroup(SIGTERM)
            case .kill(let name): session(name)?.signalAll(SIGKILL)
            case .report: await report(machine.status(at: WallClock.time))
            case .remove:
                await remove()
                return true
            case .wake(let time): wake = wake.map { min($0, time) } ?? time
            }
        }
        return false
    }

    private func session(_ name: String) -> ProcessSession? {
        state.withLock { $0.sessions[name] }
    }

    private func start(_ name: String, _ run: Int, _ group: inout DiscardingTaskGroup) {
        guard
            let container = (pod.initContainers + pod.containers).first(where: { $0.name == name })
        else { return }
        group.addTask { [self] in
            do {
                let ending = try await execute(container, run)
                state.withLock { $0.sessions[name] = nil }
                post(.exited(name, code: ending.code, signal: ending.signal))
            } catch {
                post(.startFailed(name, message: "\(error)"))
            }
        }
    }

    private func execute(
        _ container: LocalContainer, _ run: Int
    ) async throws -> ContainerProcess.Ending {
        let paths = files.paths(of: container)
        let folder = files.containerFolder(container.name)
        let variables = try await ContainerEnvironment(
            pod: pod, container: container, paths: paths, api: node.api,
            commandPath: node.commandPath, home: folder, serverPort: node.serverPort
        ).variables(hostPath: node.hostPath).merging(node.marks) { $1 }
        let log = ContainerLogID(podUID: pod.uid, container: container.name, run: run)
        node.logs.begin(log)
        let process = ContainerProcess(
            command: (container.command + container.args).map {
                paths.rewrite(ContainerEnvironment.expand($0, variables))
            },
            environment: variables,
            folder: container.workingDirectory.map(paths.rewrite).flatMap {
                access($0, X_OK) == 0 ? $0 : nil
            } ?? folder,
            log: log, pump: node.pump)
        return try await withThrowingTaskGroup(of: ContainerProcess.Ending?.self) { group in
            let started = Latch()
            group.addTask { [self] in
                try await process.run { session in
                    state.withLock { $0.sessions[container.name] = session }
                    post(.started(container.name))
                    started.signal()
                }
            }
            group.addTask { [self] in
                await started.wait()
                await ContainerProbes(
                    container: container, environment: variables, folder: folder, paths: paths,
                    post: post, log: node.log
                ).run()
                return nil
            }
            while let ending = try await group.next() {
                if let ending {
                    group.cancelAll()
                    return ending
                }
            }
            throw LocalClusterError.volume("the process of \(container.name) was lost")
        }
    }

    private func renewTokens(_ now: Timestamp) async -> Timestamp? {
        do {
            return try await files.prepare(at: now)
        } catch {
            node.log.warning("\(pod.name): projected files were not renewed: \(error)")
            return now + .seconds(10)
        }
    }

    private func report(_ status: JSONValue) async {
        do {
            try await node.api.send(
                "PATCH", "/api/v1/namespaces/\(pod.namespace)/pods/\(pod.name)/status",
                body: ["metadata": ["uid": .string(pod.uid.text)], "status": status],
                contentType: "application/strategic-merge-patch+json")
        } catch LocalClusterError.refused(_, status: 404, _) {
            abandon()
        } catch {
            node.log.warning("\(pod.namespace)/\(pod.name): status was not written: \(error)")
        }
    }

    private func remove() async {
        do {
            try await node.api.send(
                "DELETE", "/api/v1/namespaces/\(pod.namespace)/pods/\(pod.name)",
                body: [
                    "apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0,
                    "preconditions": ["uid": .string(pod.uid.text)],
                ])
        } catch LocalClusterError.refused(_, status: 404, _) {
            return
        } catch {
            node.log.warning("\(pod.namespace)/\(pod.name): was not removed: \(error)")
        }
    }
}
