public import KubernetesCore

/// Holds an item back until the cache has seen what was written for it, or a time limit has passed.
///
/// This is what makes a plan safe that is computed from a cache: the next plan for the same item
/// never misses its own last writes, so that no hand-made expectations are needed.
public struct WriteBarrier<Item: Hashable & Comparable & Sendable>: Sendable {
    private struct Hold: Sendable {
        var writes: [Write]
        var until: Instant
    }

    private var holds: [Item: Hold] = [:]

    /// How long an item is held at most.
    public let patience: Duration

    /// A barrier that holds nothing; `patience` is how long it will hold an item at most.
    public init(patience: Duration = .seconds(5)) { self.patience = patience }

    /// How many items are held.
    public var count: Int { holds.count }

    /// Holds the item until a picture shows all these writes; those that `view` already shows do
    /// not count. Adds to what it is held for already.
    public mutating func hold(
        _ item: Item, for writes: [Write], in view: ClusterView, at now: Instant
    ) {
        let unseen = writes.filter { !view.shows($0) }
        guard !unseen.isEmpty else { return }
        holds[item, default: Hold(writes: [], until: now)].writes += unseen
        holds[item]?.until = now + patience
    }

    /// Until when the item is held at most; nil where it is not.
    public func deadline(of item: Item) -> Instant? { holds[item]?.until }

    /// Lets go of every item whose writes the picture shows or whose time has passed; returns them
    /// in order, with whether the time ran out.
    public mutating func release(
        in view: ClusterView, at now: Instant
    ) -> [(item: Item, timedOut: Bool)] {
        guard !holds.isEmpty else { return [] }
        var released: [(item: Item, timedOut: Bool)] = []
        for (item, hold) in holds {
            let unseen = hold.writes.filter { !view.shows($0) }
            if unseen.isEmpty {
                released.append((item, false))
            } else if now >= hold.until {
                released.append((item, true))
            } else if unseen.count < hold.writes.count {
                holds[item]?.writes = unseen
            }
        }
        for (item, _) in released { holds[item] = nil }
        return released.sorted { $0.item < $1.item }
    }

    /// Lets go of an item, because it is gone.
    public mutating func forget(_ item: Item) { holds[item] = nil }

    /// The earliest time at which an item is let go whatever the cache shows.
    public var nextDeadline: Instant? { holds.values.map(\.until).min() }
}

extension ClusterView {
    /// Whether this picture shows a write or something later. Versions are compared as KEP-5504
    /// allows; where they cannot be, only the object's own version counts.
    public func shows(_ write: Write) -> Bool {
        // A kind that is not watched will never show anything; there is nothing to wait for.
        guard knows(write.object.type) else { return true }
        if write.version != .unknown,
            version(of: write.object.type).hasReached(write.version) == true
        {
            return true
        }
        let metadata = metadata(of: write.object)
        let isOther = write.object.uid != nil && metadata.map { $0.uid != write.object.uid } == true
        switch write.effect {
        case .deleted:
            return metadata == nil || isOther || metadata?.isDeleting == true
        case .stored:
            guard let metadata else { return false }
            return isOther || metadata.resourceVersion.hasReached(write.version) == true
        }
    }
}
