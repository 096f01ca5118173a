public import ControlLoop
public import KubernetesCore
import SwiftletAPI

/// Reads the persona files of pools. What it finds is told to pools and attempts as
/// `PoolPersonas`; it writes nothing.
///
/// Files are read when a pool or its ConfigMap changes, and only of ConfigMaps with the label
/// `swiftlet.dev/personas`: the others are not even followed.
public struct PersonaMachine: PlanningMachine {
    /// The name in metrics and logs.
    public static let name = "personas"
    /// Reads pools and ConfigMaps; writes nothing.
    public static let access = Access(reads: [.backgroundAgentPool, .configMap], writes: [])

    /// How soon it is looked again whether all ConfigMaps have been seen.
    static let patience = Duration.seconds(2)

    private typealias PoolKey = Key<BackgroundAgentPool>

    private let reader: PersonaReader
    private var view = ClusterView()
    private var told: [PoolKey: PoolPersonas] = [:]
    /// Pools whose files have to be read.
    private var dirty: Set<PoolKey> = []

    /// A machine that reads YAML with `text`, which has to keep to bounds of its own.
    public init(text: PolicyText) { reader = PersonaReader(yaml: text) }

    /// Pools, and the ConfigMaps of personas.
    public var watched: [any ClusterObject.Type] {
        [BackgroundAgentPool.self, PersonaConfigMap.self]
    }

    /// Takes one input; what follows from it is told.
    public mutating func handle(_ input: MachineInput, at now: Moment) -> [MachineCommand] {
        if case .changed(let changes, let view) = input {
            self.view = view
            for change in changes { note(change) }
        }
        guard !dirty.isEmpty else { return [] }
        // Before that a ConfigMap that is not there means nothing.
        guard view.isSynced(.configMap) else {
            return [.wake(at: now.instant + PersonaMachine.patience)]
        }
        let due = dirty.sorted()
        dirty = []
        return due.compactMap { look(at: $0) }
    }

    private mutating func note(_ change: AnyChange) {
        if let change = change.of(BackgroundAgentPool.self) {
            if change.old?.metadata.uid != change.new?.metadata.uid
                || change.old?.spec.persona != change.new?.spec.persona
            {
                dirty.insert(change.key)
            }
        } else if let change = change.of(PersonaConfigMap.self) {
            for pool in view.all(BackgroundAgentPool.self)
            where pool.metadata.namespace == change.key.namespace
                && pool.spec.persona?.name == change.key.name
            {
                dirty.insert(pool.key)
            }
        }
    }

    private mutating func look(at key: PoolKey) -> MachineCommand? {
        guard let pool = view[key], let source = pool.spec.persona else {
            return told.removeValue(forKey: key).map { .retract($0.reference) }
        }
        let map = view[Key<PersonaConfigMap>(namespace: key.namespace, name: source.name)]
        let found = PoolPersonas(of: pool, source, in: map, reading: reader)
        guard told[key] != found else { return nil }
        told[key] = found
        return .publish(found)
    }
}
