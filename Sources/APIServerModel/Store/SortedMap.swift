/// A map in ascending order of its keys, kept in chunks: insertion moves at most one chunk, copies
/// share what neither of them changes.
struct SortedMap<Value: Sendable>: Sendable {
    private struct Chunk: Sendable {
        var keys: [String] = []
        var values: [Value] = []
    }

    private static var chunkMax: Int { 256 }

    private var chunks: [Chunk] = []
    private(set) var count = 0

    /// A place in the order.
    private struct Position {
        var chunk: Int
        var offset: Int
        var found: Bool
    }

    subscript(_ key: String) -> Value? {
        get {
            let at = position(of: key)
            return at.found ? chunks[at.chunk].values[at.offset] : nil
        }
        set {
            let at = position(of: key)
            switch (newValue, at.found) {
            case (let value?, true): chunks[at.chunk].values[at.offset] = value
            case (let value?, false): insert(value, for: key, at: at)
            case (nil, true): remove(at: at)
            case (nil, false): break
            }
        }
    }

    private mutating func insert(_ value: Value, for key: String, at: Position) {
        count += 1
        guard at.chunk < chunks.count else {
            chunks.append(Chunk(keys: [key], values: [value]))
            return
        }
        chunks[at.chunk].keys.insert(key, at: at.offset)
        chunks[at.chunk].values.insert(value, at: at.offset)
        let size = chunks[at.chunk].keys.count
        guard size > Self.chunkMax else { return }
        let tail = Chunk(
            keys: Array(chunks[at.chunk].keys[(size / 2)...]),
            values: Array(chunks[at.chunk].values[(size / 2)...]))
        chunks[at.chunk].keys.removeLast(size - size / 2)
        chunks[at.chunk].values.removeLast(size - size / 2)
        chunks.insert(tail, at: at.chunk + 1)
    }

    private mutating func remove(at: Position) {
        count -= 1
        chunks[at.chunk].keys.remove(at: at.offset)
        chunks[at.chunk].values.remove(at: at.offset)
        if chunks[at.chunk].keys.isEmpty { chunks.remove(at: at.chunk) }
    }

    /// Where `key` stands, or where it would be inserted.
    private func position(of key: String) -> Position {
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if (chunks[middle].keys.first ?? "") <= key { low = middle + 1 } else { high = middle }
        }
        let chunk = max(0, low - 1)
        guard chunk < chunks.count else { return Position(chunk: 0, offset: 0, found: false) }
        let keys = chunks[chunk].keys
        low = 0
        high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return Position(chunk: chunk, offset: low, found: low < keys.count && keys[low] == key)
    }

    /// Walks the entries whose key is at or after `start` and begins with `prefix`, in order, until
    /// `body` returns false.
    func forEach(from start: String = "", prefix: String = "", _ body: (String, Value) -> Bool) {
        let at = position(of: max(start, prefix))
        var chunk = at.chunk
        var offset = at.offset
        while chunk < chunks.count {
            while offset < chunks[chunk].keys.count {
                let key = chunks[chunk].keys[offset]
                guard key.hasPrefix(prefix) else { return }
                guard body(key, chunks[chunk].values[offset]) else { return }
                offset += 1
            }
            chunk += 1
            offset = 0
        }
    }

    /// All values in the order of their keys.
    var values: [Value] {
        var result: [Value] = []
        result.reserveCapacity(count)
        for chunk in chunks { result.append(contentsOf: chunk.values) }
        return result
    }
}
