import ControlLoop
public import KubernetesCore
public import SwiftletAPI

/// A task's place in its pool's queue, as the scheduler last told.
public struct QueuePlace: Hashable, Sendable {
    /// How many go first, plus one.
    public var position: Int
    /// Since when it has had this place.
    public var since: Timestamp
    /// Whether no agent of the pool can take it as loaded now, though slots may be free.
    public var fitsNowhere: Bool

    /// A place by all its parts.
    public init(position: Int, since: Timestamp, fitsNowhere: Bool = false) {
        self.position = position
        self.since = since
        self.fitsNowhere = fitsNowhere
    }

    /// The place of `task`; nil where it is not among the first of a queue.
    static func of(_ task: BackgroundTask, in view: ClusterView) -> QueuePlace? {
        guard let pool = task.poolKey,
            let queue = view[Key<PoolQueue>(namespace: pool.namespace, name: pool.name)]
        else { return nil }
        return queue.places.first { $0.task == task.key }?.place
    }
}

/// The head of a pool's queue: a local observation that the scheduler puts into the cache under the
/// pool's key, so that people can be told how long they will wait.
public struct PoolQueue: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "PoolQueue",
        plural: "poolqueues")

    /// A task and its place.
    public struct Entry: Hashable, Sendable {
        /// The task.
        public var task: Key<BackgroundTask>
        /// Its place.
        public var place: QueuePlace

        /// A task at a place.
        public init(task: Key<BackgroundTask>, place: QueuePlace) {
            self.task = task
            self.place = place
        }
    }

    /// How many places are told.
    public static let placesMax = 50

    /// The pool's namespace and name.
    public var metadata: ObjectMeta
    /// The first tasks of the queue, in order.
    public var places: [Entry]

    /// The head of the queue of `pool`.
    public init(pool: Key<BackgroundAgentPool>, places: [Entry]) {
        metadata = ObjectMeta(name: pool.name, namespace: pool.namespace)
        self.places = places
    }
}
