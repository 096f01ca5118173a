public import ControlLoop
public import KubernetesCore

/// Forgets what agents said once their pods are gone, so that sessions are bounded by pods.
public struct SessionMachine: PlanningMachine {
    /// The machine's name in logs and metrics.
    public static let name = "agentsessions"

    /// Reads pods; writes nothing.
    public static let access = Access(reads: [.pod], writes: [])

    /// A machine that has seen nothing.
    public init() {}

    /// Pods, and the sessions of agents.
    public var watched: [any ClusterObject.Type] { [PodView.self, AgentSession.self] }

    /// Takes out every session that belongs to no pod, or to a predecessor of the pod of its name.
    public mutating func handle(_ input: MachineInput, at now: Moment) -> [MachineCommand] {
        guard case .changed(let changes, let view) = input, view.isSynced(.pod) else { return [] }
        var keys: Set<Key<AgentSession>> = []
        for change in changes {
            let key = change.of(PodView.self)?.key.description ?? ""
            if key.isEmpty, change.of(AgentSession.self) == nil { continue }
            keys.insert(Key(namespace: change.object.namespace, name: change.object.name))
        }
        return keys.sorted().compactMap { key in
            guard let session = view[key] else { return nil }
            let pod = view[Key<PodView>(namespace: key.namespace, name: key.name)]
            guard pod?.metadata.uid != session.metadata.uid else { return nil }
            return .retract(session.reference)
        }
    }
}
