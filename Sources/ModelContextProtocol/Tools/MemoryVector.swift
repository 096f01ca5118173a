/// A text as a vector, for databases that find by vectors: each word falls into one of a number of
/// places. The same text has the same vector on every machine, and needs no model.
public enum MemoryVector {
    /// How many numbers a vector has.
    public static let size = 256

    /// The vector of a text, of length one; of a text without words, one that nothing is near to.
    public static func of(_ text: String) -> [Double] {
        var counts = [Double](repeating: 0, count: size)
        for word in Set(MemoryBook.words(of: text)) {
            let hash = hash(word)
            // Half of the words count down, so that those that share a place cancel out.
            counts[Int(hash % UInt64(size))] += hash & (1 << 32) == 0 ? 1 : -1
        }
        let length = counts.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else {
            counts[0] = 1
            return counts
        }
        return counts.map { $0 / length }
    }

    /// FNV-1a, of 64 bits.
    private static func hash(_ word: String) -> UInt64 {
        word.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension MemoryBook.Memory {
    /// Whether it has a word of `query`.
    public func shares(wordsOf query: String) -> Bool {
        !Set(MemoryBook.words(of: query)).isDisjoint(
            with: MemoryBook.words(of: text + " " + (key ?? "")))
    }
}
