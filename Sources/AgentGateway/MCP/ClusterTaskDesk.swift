import ControlLoop
public import KubernetesClient
public import KubernetesCore
public import KubernetesRuntime
import Reconcilers
public import SwiftletAPI

/// Tasks of the cluster. Writes go through the operator's one writer, which sees to it that this
/// process leads.
public struct ClusterTaskDesk: TaskDesk {
    /// Most bytes of an agent's log that are read for one call.
    private static let logBytesMax = 1 << 20

    private let client: KubernetesClient
    private let applier: Applier

    /// A desk that reads through `client` and writes through `applier`.
    public init(client: KubernetesClient, applier: Applier) {
        self.client = client
        self.applier = applier
    }

    /// Creates a task.
    public func create(_ task: JSONValue) async -> TaskDeskAnswer {
        let action = Action.create(task, of: .backgroundTask)
        return Self.answer(
            await applier.apply(
                Plan(steps: [[action]]), root: action.target,
                access: OperatorRBAC.submissionAccess))
    }

    /// Asks for a task to be called off.
    public func cancel(_ task: ObjectRef) async -> TaskDeskAnswer {
        let state = JSONValue.string(BackgroundTaskSpec.State.cancelled.rawValue)
        return await patch(task, ["spec": ["state": state]])
    }

    /// Puts annotations on a task.
    public func annotate(
        _ task: ObjectRef, _ annotations: [String: String]
    ) async -> TaskDeskAnswer {
        await patch(task, ["metadata": ["annotations": .strings(annotations)]])
    }

    private func patch(_ task: ObjectRef, _ patch: JSONValue) async -> TaskDeskAnswer {
        Self.answer(
            await applier.apply(
                Plan(steps: [[.patch(task, patch)]]), root: task,
                access: OperatorRBAC.submissionAccess))
    }

    /// Reads one task.
    public func read(_ key: Key<BackgroundTask>) async throws(APIError) -> BackgroundTask? {
        do throws(APIError) {
            return try await client.get(key)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// The end of what an agent wrote.
    public func log(
        of agent: BackgroundTaskStatus.Agent, in namespace: String
    ) async throws(APIError) -> String? {
        let key = Key<PodView>(namespace: agent.namespace ?? namespace, name: agent.name)
        do throws(APIError) {
            let pod = try await client.get(key)
            guard pod.metadata.uid == agent.uid else { return nil }
            let bytes = try await client.send(
                .log(
                    of: pod.reference, container: pod.containers.first?.name, tailLines: 5_000,
                    limitBytes: Self.logBytesMax),
                within: .seconds(10), bytesMax: Self.logBytesMax + 4_096)
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            guard error.code == .notFound || error.code == .badRequest else { throw error }
            return nil
        }
    }

    /// What a plan of one write came to, for the one who asked for it.
    static func answer(_ outcome: Outcome) -> TaskDeskAnswer {
        switch outcome {
        case .applied: return .stored
        case .stale: return .gone
        case .deposed: return .unavailable("this operator does not lead any more")
        case .failed(let failure, _):
            if failure.reason == "AlreadyExists" { return .exists }
            let isTheirs = (400..<500).contains(failure.code) && ![408, 429].contains(failure.code)
            return isTheirs ? .refused(failure.message) : .unavailable(failure.message)
        }
    }
}
