import HeapModule
public import KubernetesCore

/// What has to be looked at, and when. Each item is in here at most once and never taken twice at
/// the same time; of what is due, higher priorities come first. Among equals, those who have items
/// here take turns, so that a flood of one delays others by one item each and no more; each one's
/// own items are served first come, first served.
///
/// A value without clock or concurrency: adding, taking and finishing cost O(log n).
public struct WorkQueue<Item: Hashable & Comparable & Sendable>: Sendable {
    /// What comes first among items that are due.
    public enum Priority: Int, Sendable, Hashable, Comparable {
        case low
        case normal
        case high

        /// The less urgent of two priorities.
        public static func < (left: Priority, right: Priority) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    private struct Entry: Sendable {
        var due: Instant
        var priority: Priority
        var ticket: UInt64
    }

    private struct Waiting: Sendable, Comparable {
        let due: Instant
        let ticket: UInt64
        let item: Item

        static func < (left: Waiting, right: Waiting) -> Bool {
            (left.due, left.ticket) < (right.due, right.ticket)
        }
    }

    private struct Ready: Sendable, Comparable {
        let priority: Priority
        /// In which round its owner's turn comes.
        let round: UInt64
        let ticket: UInt64
        let item: Item

        /// The more urgent is the greater: high priority first, then the earlier round, then the
        /// lower ticket.
        static func < (left: Ready, right: Ready) -> Bool {
            (left.priority, right.round, right.ticket) < (right.priority, left.round, left.ticket)
        }
    }

    private var entries: [Item: Entry] = [:]
    private var taken: Set<Item> = []
    private var waiting = Heap<Waiting>()
    private var ready = Heap<Ready>()
    private var tickets: UInt64 = 0
    private let owner: @Sendable (Item) -> String
    /// The last round in which each owner of ready items has one.
    private var rounds: [String: UInt64] = [:]
    /// The round of the item that was taken last.
    private var round: UInt64 = 0

    /// Most items that may wait; further ones are refused.
    public let capacity: Int
    /// How many additions were taken in, ever.
    public private(set) var additions = 0
    /// How long the item that was taken last had been due.
    public private(set) var lastWait: Duration = .zero

    /// An empty queue.
    ///
    /// - Parameter owner: whose turn an item takes; where it is not given, all are one owner's.
    public init(
        capacity: Int = 1 << 20, owner: @escaping @Sendable (Item) -> String = { _ in "" }
    ) {
        self.capacity = capacity
        self.owner = owner
    }

    /// How many items wait, due or not; those that are taken do not count.
    public var count: Int { entries.count }

    /// How many items are taken and not finished.
    public var takenCount: Int { taken.count }

    /// Whether the item waits.
    public func contains(_ item: Item) -> Bool { entries[item] != nil }

    /// Adds an item, or makes a waiting one due earlier or more urgent. An item that is taken waits
    /// until it is finished. False where the queue is full and the item was refused.
    @discardableResult
    public mutating func add(
        _ item: Item, due: Instant, priority: Priority = .normal
    ) -> Bool {
        if let entry = entries[item] {
            let sooner = min(entry.due, due)
            let higher = max(entry.priority, priority)
            if sooner != entry.due || higher != entry.priority {
                enter(item, Entry(due: sooner, priority: higher, ticket: nextTicket()))
            }
            return true
        }
        guard entries.count < capacity else { return false }
        additions += 1
        enter(item, Entry(due: due, priority: priority, ticket: nextTicket()))
        return true
    }

    /// Takes the most urgent item that is due and not taken already.
    public mutating func take(at now: Instant) -> Item? {
        var due: [Waiting] = []
        while let first = waiting.min, first.due <= now {
            waiting.removeMin()
            if entries[first.item]?.ticket == first.ticket { due.append(first) }
        }
        // What became due since the last look is served in the order in which it was added.
        for one in due.sorted(by: { $0.ticket < $1.ticket }) {
            ready.insert(
                Ready(
                    priority: entries[one.item]?.priority ?? .normal,
                    round: nextRound(of: one.item), ticket: one.ticket, item: one.item))
        }
        while let first = ready.popMax() {
            guard let entry = entries[first.item], entry.ticket == first.ticket,
                !taken.contains(first.item)
            else { continue }
            entries[first.item] = nil
            taken.insert(first.item)
            round = max(round, first.round)
            if ready.isEmpty { rounds = [:] }
            lastWait = max(.zero, now - entry.due)
            return first.item
        }
        return nil
    }

    /// Ends a taken item. Where it was added meanwhile, it waits again; `again` adds it once more.
    public mutating func finish(_ item: Item, again due: Instant? = nil) {
        guard taken.remove(item) != nil else { return }
        if let entry = entries[item] {
            push(item, entry)
        }
        if let due { add(item, due: due) }
    }

    /// Drops a waiting item; a taken one stays taken.
    public mutating func remove(_ item: Item) { entries[item] = nil }

    /// When the next item that is not taken becomes due; nil where none waits. May lie in the past.
    public mutating func nextDeadline() -> Instant? {
        dropStale()
        if let first = ready.max, let entry = entries[first.item] { return entry.due }
        return waiting.min?.due
    }

    /// One round after its owner's last item, and never in one that is over.
    private mutating func nextRound(of item: Item) -> UInt64 {
        let owner = owner(item)
        let next = max(round, rounds[owner].map { $0 + 1 } ?? round)
        rounds[owner] = next
        return next
    }

    private mutating func nextTicket() -> UInt64 {
        tickets += 1
        return tickets
    }

    private mutating func enter(_ item: Item, _ entry: Entry) {
        entries[item] = entry
        if !taken.contains(item) { push(item, entry) }
        // Entries that were overtaken stay in the heaps until they surface; this bounds them.
        if waiting.count + ready.count > 2 * entries.count + 64 { rebuild() }
    }

    private mutating func push(_ item: Item, _ entry: Entry) {
        waiting.insert(Waiting(due: entry.due, ticket: entry.ticket, item: item))
    }

    private func isCurrent(_ item: Item, _ ticket: UInt64) -> Bool {
        entries[item]?.ticket == ticket && !taken.contains(item)
    }

    private mutating func dropStale() {
        while let first = ready.max, !isCurrent(first.item, first.ticket) { ready.removeMax() }
        while let first = waiting.min, !isCurrent(first.item, first.ticket) {
            waiting.removeMin()
        }
    }

    private mutating func rebuild() {
        var current: [Waiting] = []
        for (item, entry) in entries where !taken.contains(item) {
            current.append(Waiting(due: entry.due, ticket: entry.ticket, item: item))
        }
        waiting = Heap(current)
        ready = Heap()
        rounds = [:]
    }
}
