import HeapModule

/// What is going to happen, in order of time; what happens at the same time, in order of planning.
struct EventHeap: Sendable {
    private struct Entry: Comparable, Sendable {
        let time: SimulatedTime
        let sequence: UInt64
        let happening: Happening

        static func < (left: Entry, right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.sequence < right.sequence
        }

        static func == (left: Entry, right: Entry) -> Bool { left.sequence == right.sequence }
    }

    private var heap = Heap<Entry>()
    private var sequence: UInt64 = 0

    /// How much is planned.
    var count: Int { heap.count }

    /// Plans something.
    mutating func add(_ happening: Happening, at time: SimulatedTime) {
        sequence += 1
        heap.insert(Entry(time: time, sequence: sequence, happening: happening))
    }

    /// When the next thing happens; nil where nothing is planned.
    var next: SimulatedTime? { heap.min?.time }

    /// Takes out what happens next.
    mutating func take() -> (SimulatedTime, Happening)? {
        heap.popMin().map { ($0.time, $0.happening) }
    }
}
