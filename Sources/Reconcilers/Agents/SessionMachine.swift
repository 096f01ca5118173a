public import ControlLoop
public import KubernetesCore

/// Forgets what agents said once their pods are gone, so that sessions are bounded by pods; and
/// notes by the steady clock since when pods have been seen as they are (`PodSighting`).
public struct SessionMachine: PlanningMachine {
    /// The machine's name in logs and metrics.
    public static let name = "agentsessions"

    /// Reads pods; writes nothing.
    public static let access = Access(reads: [.pod], writes: [])

    /// What was noted of the pods that there are.
    private var sightings: [Key<PodView>: PodSighting] = [:]
    private var hasStarted = false

    /// A machine that has seen nothing.
    public init() {}

    /// Pods, the sessions of agents, and what is noted of pods.
    public var watched: [any ClusterObject.Type] {
        [PodView.self, AgentSession.self, PodSighting.self]
    }

    /// Takes out every session that belongs to no pod, or to a predecessor of the pod of its name,
    /// and tells what has been seen of pods.
    public mutating func handle(_ input: MachineInput, at now: Moment) -> [MachineCommand] {
        guard case .changed(let changes, let view) = input, view.isSynced(.pod) else { return [] }
        var keys: Set<Key<PodView>> = []
        for change in changes {
            guard change.of(PodView.self) != nil || change.of(AgentSession.self) != nil else {
                continue
            }
            keys.insert(Key(namespace: change.object.namespace, name: change.object.name))
        }
        if !hasStarted {
            hasStarted = true
            keys.formUnion(view.all(PodView.self).map(\.key))
        }
        return keys.sorted().flatMap { key in
            forget(key, in: view) + note(key, in: view, at: now.instant)
        }
    }

    private func forget(_ key: Key<PodView>, in view: ClusterView) -> [MachineCommand] {
        let name = Key<AgentSession>(namespace: key.namespace, name: key.name)
        guard let session = view[name], view[key]?.metadata.uid != session.metadata.uid else {
            return []
        }
        return [.retract(session.reference)]
    }

    private mutating func note(
        _ key: Key<PodView>, in view: ClusterView, at now: Instant
    ) -> [MachineCommand] {
        let known = sightings[key]
        guard let pod = view[key] else {
            sightings[key] = nil
            return known.map { [.retract($0.reference)] } ?? []
        }
        let seen = PodSighting(of: pod, after: known, at: now)
        guard seen != known else { return [] }
        sightings[key] = seen
        return [.publish(seen)]
    }
}
