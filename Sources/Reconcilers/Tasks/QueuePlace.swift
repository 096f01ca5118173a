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

    /// Whether it is worth a write after `position` has been told: near the head every step is,
    /// further back only one that shortens the wait by a quarter. So a task that comes from far
    /// behind is written about a dozen times at most, however many go before it.
    func isNews(after position: Int?, isStuck: Bool) -> Bool {
        guard let position, fitsNowhere == isStuck else { return true }
        if self.position == position { return false }
        return min(self.position, position) <= QueuePlace.exactMax || self.position > position
            || self.position * 4 <= position * 3
    }

    /// Up to which place every step is told.
    static let exactMax = 5

    /// The place of `task`; nil where it is not among the first of a queue.
    static func of(_ task: BackgroundTask, in view: ClusterView) -> QueuePlace? {
        guard let pool = task.poolKey, let queue = PoolQueue.of(pool, in: view) else {
            return nil
        }
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
        /// The task that waits.
        public var task: Key<BackgroundTask>
        /// How far it is from being handed out.
        public var place: QueuePlace

        /// A task at a place.
        public init(task: Key<BackgroundTask>, place: QueuePlace) {
            self.task = task
            self.place = place
        }
    }

    /// An attempt that should stop for a task of more priority.
    public struct Yield: Hashable, Sendable {
        /// The task whose attempt it is.
        public var victim: Key<BackgroundTask>
        /// The number of the attempt: another one is not meant.
        public var attempt: Int
        /// The waiting task.
        public var by: Key<BackgroundTask>

        /// A request by all its parts.
        public init(victim: Key<BackgroundTask>, attempt: Int, by: Key<BackgroundTask>) {
            self.victim = victim
            self.attempt = attempt
            self.by = by
        }
    }

    /// How many places are told.
    public static let placesMax = 50

    /// The pool's namespace and name.
    public var metadata: ObjectMeta
    /// The first tasks of the queue, in order.
    public var places: [Entry]
    /// Attempts that should stop for tasks of more priority.
    public var preemptions: [Yield] = []
    /// Agents that have had as many attempts as the pool lets one have, ascending.
    public var wornAgents: [UID] = []

    /// When the pool last gave out a task; nil where it has given out none for a while.
    public var lastStart: Timestamp?
    /// How many it gave out in the ten seconds before that.
    public var recentStarts = 0

    /// The head of the queue of `pool`.
    public init(pool: Key<BackgroundAgentPool>, places: [Entry]) {
        metadata = ObjectMeta(name: pool.name, namespace: pool.namespace)
        self.places = places
    }

    /// Whether there is nothing to tell.
    public var isEmpty: Bool { places.isEmpty && preemptions.isEmpty && wornAgents.isEmpty }

    /// The queue of `pool`; nil where there is nothing to tell.
    static func of(_ pool: Key<BackgroundAgentPool>, in view: ClusterView) -> PoolQueue? {
        view[Key<PoolQueue>(namespace: pool.namespace, name: pool.name)]
    }

    /// The task for which the running attempt of `task` should stop; nil where there is none.
    static func preemptor(of task: BackgroundTask, in view: ClusterView) -> String? {
        let queue = task.poolKey.flatMap { PoolQueue.of($0, in: view) }
        let yield = queue?.preemptions.first {
            $0.victim == task.key && $0.attempt == task.status.attempt
        }
        return yield?.by.description
    }
}
