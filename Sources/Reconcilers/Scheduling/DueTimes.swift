import KubernetesCore

/// When to look at which task again, the earliest first. A binary heap; a task's later entry makes
/// its earlier one void, which is dropped when its turn comes.
struct DueTimes<Item: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Sendable {
        let time: Timestamp
        let item: Item

        static func < (left: Entry, right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.item < right.item
        }
    }

    private var heap: [Entry] = []
    private var times: [Item: Timestamp] = [:]

    /// The earliest time; nil where nothing is due ever.
    var next: Timestamp? {
        mutating get {
            dropVoid()
            return heap.first?.time
        }
    }

    /// Makes `item` due at `time`; nil makes it due never.
    mutating func set(_ item: Item, at time: Timestamp?) {
        guard times[item] != time else { return }
        times[item] = time
        guard let time else { return }
        heap.append(Entry(time: time, item: item))
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out what is due at `now`, the earliest first.
    mutating func take(at now: Timestamp) -> [Item] {
        var due: [Item] = []
        dropVoid()
        while let first = heap.first, first.time <= now {
            times[first.item] = nil
            removeFirst()
            due.append(first.item)
            dropVoid()
        }
        return due
    }

    private mutating func dropVoid() {
        while let first = heap.first, times[first.item] != first.time { removeFirst() }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
