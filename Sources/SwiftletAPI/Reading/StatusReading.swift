import KubernetesCore

/// How statuses are read: they are ours, but anyone with rights may have edited them.
extension Optional where Wrapped == JSONNode {
    /// A count; absent or negative is zero, and none is larger than a billion.
    func count(_ key: StaticString) throws(JSONError) -> Int {
        guard let node = self[key] else { return 0 }
        return Swift.min(Swift.max(try node.integer(), 0), 1_000_000_000)
    }

    /// A word of ours; one that this version does not know is nil.
    func statusWord<Word: RawRepresentable>(
        _ key: StaticString
    ) throws(JSONError) -> Word? where Word.RawValue == String {
        try text(key).flatMap(Word.init(rawValue:))
    }
}
