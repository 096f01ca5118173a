/// Named values, always walked in ascending order of their names, so that whatever is made from
/// them is the same on every run.
public struct SortedMembers<Value> {
    /// The names, ascending and unique.
    public private(set) var keys: [String] = []
    /// The values, in the order of `keys`.
    public private(set) var values: [Value] = []

    /// No members.
    public init() {}

    /// These members; of repeated names the last one counts.
    public init(_ members: some Sequence<(String, Value)>) {
        for (key, value) in members { self[key] = value }
    }

    /// Whether there are none.
    public var isEmpty: Bool { keys.isEmpty }

    /// How many there are.
    public var count: Int { keys.count }

    /// The value of `key`; assigning `nil` removes the member.
    public subscript(_ key: String) -> Value? {
        get {
            let (index, found) = position(of: key)
            return found ? values[index] : nil
        }
        set {
            let (index, found) = position(of: key)
            if let newValue {
                if found {
                    values[index] = newValue
                } else {
                    keys.insert(key, at: index)
                    values.insert(newValue, at: index)
                }
            } else if found {
                keys.remove(at: index)
                values.remove(at: index)
            }
        }
    }

    /// The same names with other values.
    public func mapValues<Other, E: Error>(
        _ transform: (Value) throws(E) -> Other
    ) throws(E) -> SortedMembers<Other> {
        var result = SortedMembers<Other>()
        result.keys = keys
        result.values.reserveCapacity(values.count)
        for value in values { result.values.append(try transform(value)) }
        return result
    }

    private func position(of key: String) -> (Int, found: Bool) {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return (low, low < keys.count && keys[low] == key)
    }
}

extension SortedMembers: Equatable where Value: Equatable {}
extension SortedMembers: Hashable where Value: Hashable {}
extension SortedMembers: Sendable where Value: Sendable {}

extension SortedMembers: Sequence {
    /// Walks the members in ascending order of their names.
    public func makeIterator() -> Zip2Sequence<[String], [Value]>.Iterator {
        zip(keys, values).makeIterator()
    }
}

extension SortedMembers: ExpressibleByDictionaryLiteral {
    /// These members; of repeated names the last one counts.
    public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }
}
