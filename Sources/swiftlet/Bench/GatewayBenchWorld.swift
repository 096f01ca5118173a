import AgentGateway
import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// The operator around a gateway that is measured: a cache in memory that knows some agents, says
/// at once whose a token is, and keeps no checkpoint.
actor GatewayBenchWorld: AgentSessions, TokenReviewing {
    /// The namespace of everything in it.
    static let namespace = "bench"

    private let count: Int
    private var picture: ClusterView
    private var runs: [Int]
    /// How many calls have come.
    private(set) var calls = 0
    /// The agents that have called.
    private var callers: Set<UID> = []

    init(agents count: Int) {
        self.count = count
        runs = Array(repeating: 0, count: count)
        let pool = OwnerReference(
            apiVersion: BackgroundAgentPool.type.apiVersion, kind: BackgroundAgentPool.type.kind,
            name: "crew", uid: UID("crew"))
        picture = .of(
            (0..<count).map { number in
                PodView(
                    metadata: ObjectMeta(
                        name: Self.pod(number), namespace: Self.namespace, uid: Self.uid(number),
                        owners: [pool]), phase: .running)
            })
    }

    static func pod(_ number: Int) -> String { "agent-\(number)" }
    static func uid(_ number: Int) -> UID { UID("uid-\(number)") }
    static func token(_ number: Int) -> String { "bench.\(number).signature" }

    /// How many agents have called at least once.
    var callerCount: Int { callers.count }

    /// Gives the next agent in turn a task, or takes it away again; what has changed.
    func change(_ ordinal: Int) -> Change<BackgroundTask>? {
        let number = ordinal / 2 % count
        let key = Key<BackgroundTask>(namespace: Self.namespace, name: "task-\(number)")
        let old = picture[key]
        var task =
            old
            ?? BackgroundTask(
                metadata: ObjectMeta(
                    name: key.name, namespace: key.namespace, uid: UID("task-\(number)")))
        if ordinal % 2 == 0 {
            runs[number] += 1
            task.spec.command = ["true"]
            task.status.phase = .running
            task.status.attempt = runs[number]
            task.status.agent = .init(name: Self.pod(number), uid: Self.uid(number))
        } else {
            task.status.phase = .succeeded
            task.status.agent = nil
        }
        picture.publish(task)
        return Change(old: old, new: task)
    }

    // MARK: - What the gateway asks

    func publish(_ session: AgentSession) {
        calls += 1
        callers.insert(session.metadata.uid)
        picture.publish(session)
    }

    func publish(_ presence: GatewayPresence) { picture.publish(presence) }

    func view() -> ClusterView? { picture }

    func review(_ token: String) throws(TokenReviewFailure) -> CallerIdentity? {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let number = Int(parts[1]), (0..<count).contains(number) else {
            return nil
        }
        return CallerIdentity(
            agent: AgentIdentity(
                namespace: Self.namespace, pod: Self.pod(number), podUID: Self.uid(number)))
    }
}

/// Keeps nothing: no agent of the measurement commits a checkpoint.
struct NoCheckpoints: CheckpointStore {
    var bytesMax: Int { 0 }

    func newest(of task: ObjectRef) async throws(CheckpointFailure) -> StoredCheckpoint? { nil }

    func put(
        _ checkpoint: StoredCheckpoint, of task: ObjectRef
    ) async throws(CheckpointFailure) {
        throw .refused("nothing is kept here")
    }

    func state(of task: ObjectRef) async throws(CheckpointFailure) -> StoredState? { nil }

    func keep(
        _ text: String, attempt: Int, of task: ObjectRef
    ) async throws(CheckpointFailure) -> StoredState {
        throw .refused("nothing is kept here")
    }
}
