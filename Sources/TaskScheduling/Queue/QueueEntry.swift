/// A task's place in the order: the smallest entry goes first.
///
/// `key` is the time at which a task of priority 0 would have had to join to be equal. It does not
/// depend on when it is looked at, so an order once made stays right while everybody ages.
struct QueueEntry: Comparable, Sendable {
    let key: Int64
    let queuedAt: Int64
    let id: String
    /// Where the task's record is in the engine's table.
    let row: Int32

    static func < (left: QueueEntry, right: QueueEntry) -> Bool {
        if left.key != right.key { return left.key < right.key }
        if left.queuedAt != right.queuedAt { return left.queuedAt < right.queuedAt }
        return left.id < right.id
    }

    static func == (left: QueueEntry, right: QueueEntry) -> Bool {
        left.key == right.key && left.queuedAt == right.queuedAt && left.id == right.id
    }
}
