import HeapModule

/// What is going to happen, in order of time; what happens at the same time, in order of planning.
struct EventHeap: Sendable {
    /// What moves about in the heap is small; the happenings stay where they are put.
    private struct Entry: Comparable, Sendable {
        let time: SimulatedTime
        let sequence: UInt64
        let slot: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.sequence < right.sequence
        }

        static func == (left: Entry, right: Entry) -> Bool { left.sequence == right.sequence }
    }

    private var heap = Heap<Entry>()
    private var happenings: [Happening?] = []
    private var free: [Int] = []
    private var sequence: UInt64 = 0

    /// How much is planned.
    var count: Int { heap.count }

    /// Plans something.
    mutating func add(_ happening: Happening, at time: SimulatedTime) {
        sequence += 1
        let slot: Int
        if let last = free.popLast() {
            slot = last
            happenings[slot] = happening
        } else {
            slot = happenings.count
            happenings.append(happening)
        }
        heap.insert(Entry(time: time, sequence: sequence, slot: slot))
    }

    /// When the next thing happens; nil where nothing is planned.
    var next: SimulatedTime? { heap.min?.time }

    /// Takes out what happens next.
    mutating func take() -> (SimulatedTime, Happening)? {
        guard let first = heap.popMin(), let happening = happenings[first.slot] else { return nil }
        happenings[first.slot] = nil
        free.append(first.slot)
        return (first.time, happening)
    }
}
