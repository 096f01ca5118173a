import ControlLoop
import KubernetesCore
import ModelContextProtocol
import Reconcilers
import SwiftletAPI

/// What is done with tasks for one caller: everything is done with that caller's rights.
///
/// A task that is not there and one that the caller may not see are told of in the same words.
struct TaskErrands: Sendable {
    /// How long a new task may take to be seen.
    private static let appearance = Duration.seconds(2)

    let caller: CallerIdentity
    let admission: Admission
    let rights: CallerRights
    let desk: any TaskDesk
    let waits: AgentWaits
    let places: WaitingPlaces

    /// What became of a submission.
    enum Submitted {
        case task(BackgroundTask)
        case refused(String)
    }

    // MARK: - Rights

    /// Whether the caller may do this with tasks of the namespace.
    func may(_ verb: String, in namespace: String) async throws -> Bool {
        do throws(AccessReviewFailure) {
            return try await rights.allow(
                caller, AccessQuestion(verb, .backgroundTask, in: namespace))
        } catch {
            throw Refusal.unavailable(error.description)
        }
    }

    // MARK: - Reading

    /// The task that a handle means, if the caller may do `verb` with it; nil where there is none
    /// or where they may not.
    func task(_ handle: TaskHandle, for verb: String = "get") async throws -> BackgroundTask? {
        guard try await may(verb, in: handle.key.namespace) else { return nil }
        if let task = try await admission.view()[handle.key], handle.means(task) { return task }
        // The cache may be behind: behind this process's own writes, or behind another's that led
        // before.
        do throws(APIError) {
            guard let task = try await desk.read(handle.key), handle.means(task) else {
                return nil
            }
            return task
        } catch {
            throw Refusal.unavailable("the task cannot be read: \(error)")
        }
    }

    /// The task once `isOver` holds of it, or as it is when the time is over.
    func task(
        _ handle: TaskHandle, within limit: Duration,
        until isOver: (BackgroundTask) -> Bool = { $0.isFinished }
    ) async throws -> BackgroundTask? {
        guard var task = try await task(handle) else { return nil }
        guard !isOver(task), limit > .zero, places.take() else { return task }
        defer { places.give() }
        let exact = TaskHandle(of: task)
        let end = ContinuousClock.now + limit
        while !isOver(task), !waits.isEnding, !Task.isCancelled {
            let look = waits.look(for: task.metadata.uid)
            let left = end - ContinuousClock.now
            if let seen = try await admission.view()[exact.key], exact.means(seen) {
                task = seen
            } else {
                guard let read = try await self.task(exact) else { return nil }
                task = read
            }
            guard !isOver(task), left > .zero else { break }
            await waits.wait(for: task.metadata.uid, after: look, atMost: left)
        }
        return task
    }

    /// A page of the tasks of a namespace, and whether there are more; nil where the caller may not
    /// list them.
    func page(
        _ listing: ToolRequest.Listing, of matching: (BackgroundTask) -> Bool = { _ in true }
    ) async throws -> (tasks: [BackgroundTask], isLast: Bool)? {
        guard try await may("list", in: listing.namespace) else { return nil }
        let view = try await admission.view()
        var found: [BackgroundTask] = []
        for task in view.all(BackgroundTask.self)
        where task.metadata.namespace == listing.namespace {
            if let after = listing.after, task.metadata.name <= after { continue }
            if let phase = listing.phase, task.status.phase != phase { continue }
            if let pool = listing.pool, task.poolKey != pool { continue }
            guard matching(task) else { continue }
            if found.count == listing.limit { return (found, false) }
            found.append(task)
        }
        return (found, true)
    }

    /// The pools that take tasks of a namespace; nil where the caller may not submit any there.
    func pools(for namespace: String) async throws -> [BackgroundAgentPool]? {
        guard try await may("create", in: namespace) else { return nil }
        let view = try await admission.view()
        return view.all(BackgroundAgentPool.self).filter {
            TaskPlacement.isOpen($0, to: namespace, in: view)
        }
    }

    /// The last lines that a task wrote, and where they are from.
    func log(
        of task: BackgroundTask, lines: Int
    ) async throws -> (lines: [String], source: String) {
        let status = task.status
        let attempt = status.attempts.last
        if let agent = status.agent ?? attempt?.agent {
            do throws(APIError) {
                if let log = try await desk.log(of: agent, in: task.metadata.namespace) {
                    let found = TaskLog.lines(
                        of: task.metadata.uid.text, attempt: status.attempt, in: log, last: lines)
                    if !found.isEmpty { return (found, "agent \(agent.name)") }
                }
            } catch {
                throw Refusal.unavailable("the agent's output cannot be read: \(error)")
            }
        }
        let tail = status.failure?.logTail ?? ""
        return (tail.split(separator: "\n").suffix(lines).map(String.init), "status")
    }

    // MARK: - Writing

    /// Creates a task, or finds the one that an earlier call of the same submission made. The task
    /// is durable, and every later call finds it, when this returns.
    func submit(_ submission: TaskSubmission) async throws -> Submitted {
        guard try await may("create", in: submission.namespace) else {
            return .refused(
                "namespace: you may not submit tasks in \(submission.namespace), or there is no "
                    + "such namespace")
        }
        _ = try await admission.view()
        let object = submission.object(nonce: Self.nonce(), digest: Self.digest)
        let name = object[path: ["metadata", "name"]]?.string ?? ""
        let handle = TaskHandle(key: Key(namespace: submission.namespace, name: name))
        let answer = await desk.create(object)
        switch answer {
        case .stored: break
        case .exists: break
        case .refused(let reason): return .refused(reason)
        case .gone, .unavailable:
            if case .unavailable(let reason) = answer { throw Refusal.unavailable(reason) }
            throw Refusal.unavailable("the task could not be created; try again")
        }
        guard let task = try await stored(handle) else {
            throw Refusal.unavailable("the task was stored and is not there any more; try again")
        }
        guard submission.made(task, digest: Self.digest) else {
            return .refused(submission.collision)
        }
        return .task(task)
    }

    /// A task that was just written, as the cache or else the server has it.
    private func stored(_ handle: TaskHandle) async throws -> BackgroundTask? {
        if let task = try await admission.view()[handle.key] { return task }
        do throws(APIError) {
            return try await desk.read(handle.key)
        } catch {
            throw Refusal.unavailable("the task was stored and cannot be read: \(error)")
        }
    }

    /// Asks for a task to be called off. The task as it was; nil where there is none, or where the
    /// caller may not change it.
    func cancel(_ handle: TaskHandle) async throws -> BackgroundTask? {
        guard try await may("patch", in: handle.key.namespace),
            let task = try await task(handle)
        else { return nil }
        guard !task.isFinished, task.spec.state != .cancelled else { return task }
        switch await desk.cancel(task.reference) {
        case .stored, .exists: return task
        case .gone: return nil
        case .refused(let reason), .unavailable(let reason):
            throw Refusal.unavailable("the task could not be called off: \(reason)")
        }
    }

    /// Takes answers to what a task asks to be allowed. Who answers has to have the right to change
    /// the task; answers to what nobody asks are nothing.
    func answer(_ task: BackgroundTask, _ responses: JSONObject) async throws {
        var annotations: [String: String] = [:]
        for permission in TaskPermission.open(on: task) {
            guard let response = responses[permission.key],
                let answer = TaskPermission.answer(in: response)
            else { continue }
            annotations[TaskPermission.answered + permission.key] = answer.rawValue
        }
        guard !annotations.isEmpty else { return }
        guard try await may("patch", in: task.metadata.namespace) else {
            throw MCPFault(.invalidParams, "you may not answer for this task")
        }
        switch await desk.annotate(task.reference, annotations) {
        case .stored, .exists: return
        case .gone: throw MCPFault.noSuchTask
        case .refused(let reason), .unavailable(let reason):
            throw Refusal.unavailable("the answer could not be stored: \(reason)")
        }
    }

    // MARK: - Names

    static func digest(_ text: String) -> String {
        String(SecretCheckpointStore.digest(of: Array(text.utf8)).dropFirst("sha256:".count))
    }

    private static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return "\(generator.next()).\(generator.next())"
    }
}
