/// Entries in ascending order, kept in blocks: every operation moves at most one block's entries
/// and bisects the rest, and a rank is a sum over blocks.
///
/// A heap would be smaller, but knows neither ranks nor how to take out an entry from the middle.
struct SortedEntries: Sendable {
    private static let blockMax = 128

    private var blocks: [[QueueEntry]] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The entry whose turn it is.
    var first: QueueEntry? { blocks.first?.first }

    /// Puts `entry` into its place.
    mutating func insert(_ entry: QueueEntry) {
        count += 1
        guard !blocks.isEmpty else {
            blocks.append([entry])
            return
        }
        let block = blockIndex(of: entry)
        let at = Self.position(of: entry, in: blocks[block])
        blocks[block].insert(entry, at: at)
        if blocks[block].count > Self.blockMax { split(block) }
    }

    /// Takes `entry` out; false where it is not there.
    @discardableResult
    mutating func remove(_ entry: QueueEntry) -> Bool {
        guard !blocks.isEmpty else { return false }
        let block = blockIndex(of: entry)
        let at = Self.position(of: entry, in: blocks[block])
        guard at < blocks[block].count, blocks[block][at] == entry else { return false }
        blocks[block].remove(at: at)
        if blocks[block].isEmpty { blocks.remove(at: block) }
        count -= 1
        return true
    }

    /// How many entries go before `entry`, whether it is there or not.
    func rank(of entry: QueueEntry) -> Int {
        guard !blocks.isEmpty else { return 0 }
        let block = blockIndex(of: entry)
        var before = 0
        for index in 0..<block { before += blocks[index].count }
        return before + Self.position(of: entry, in: blocks[block])
    }

    /// The first `most` entries in order.
    func first(_ most: Int) -> [QueueEntry] {
        var result: [QueueEntry] = []
        for block in blocks where result.count < most {
            result += block.prefix(most - result.count)
        }
        return result
    }

    /// All entries in order.
    var all: [QueueEntry] { blocks.flatMap { $0 } }

    /// The last block that begins at or before `entry`, or the first one.
    private func blockIndex(of entry: QueueEntry) -> Int {
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) / 2
            if entry < blocks[middle][0] { high = middle } else { low = middle + 1 }
        }
        return max(0, low - 1)
    }

    private static func position(of entry: QueueEntry, in block: [QueueEntry]) -> Int {
        var low = 0
        var high = block.count
        while low < high {
            let middle = (low + high) / 2
            if block[middle] < entry { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func split(_ block: Int) {
        let middle = blocks[block].count / 2
        let upper = Array(blocks[block][middle...])
        blocks[block].removeLast(blocks[block].count - middle)
        blocks.insert(upper, at: block + 1)
    }
}
