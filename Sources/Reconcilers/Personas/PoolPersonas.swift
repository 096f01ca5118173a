public import ControlLoop
public import KubernetesCore
public import SwiftletAPI

/// The persona files of a pool: a local observation beside the pool, under the pool's key.
public struct PoolPersonas: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "PoolPersonas",
        plural: "poolpersonas")
    /// The pool's namespace and name.
    public var metadata: ObjectMeta
    /// The pool that was looked at: what is said of another of its name says nothing.
    public var pool: UID
    /// Where the files were looked for.
    public var source: BackgroundAgentPoolSpec.PersonaSource
    /// Whether there is such a ConfigMap.
    public var isFound: Bool
    /// Its files that count, in the order of their keys, at most `Bounds.listedPersonas`.
    public var files: [PersonaFile] = []
    /// How many files are not among them.
    public var omitted = 0

    /// What is known of the personas of a pool whose ConfigMap is `map`.
    init(
        of pool: BackgroundAgentPool, _ source: BackgroundAgentPoolSpec.PersonaSource,
        in map: PersonaConfigMap?, reading reader: PersonaReader
    ) {
        metadata = ObjectMeta(name: pool.metadata.name, namespace: pool.metadata.namespace)
        self.pool = pool.metadata.uid
        self.source = source
        isFound = map != nil
        guard let map else { return }
        let shelf = PersonaShelf(map, only: source.key, reading: reader)
        files = shelf.files
        omitted = shelf.omitted
    }

    /// What is known of the personas of `pool`.
    public static func of(
        _ pool: Key<BackgroundAgentPool>, in view: ClusterView
    ) -> PoolPersonas? {
        view[Key<PoolPersonas>(namespace: pool.namespace, name: pool.name)]
    }

    /// The file that an attempt of `task` is given: the pool's one, or the one that the task asks
    /// for; nil where there is none, or it was refused.
    public func file(for task: BackgroundTask) -> PersonaFile? {
        let usable = files.filter { $0.text != nil }
        if source.key == nil, let asked = task.spec.persona {
            return usable.first { $0.persona.names.contains(asked) }
        }
        return usable.count == 1 ? usable.first : nil
    }
}
