/// The members of a JSON object, always in ascending order of their keys, so that two equal objects
/// look equal, are written equal and are walked in the same order on every run.
///
/// Kept as two parallel sorted arrays: small objects, which nearly all are, cost two allocations
/// and are searched by bisection. Building from a list is O(n log n).
public struct JSONObject: Hashable, Sendable {
    /// The keys, ascending and unique.
    public private(set) var keys: [String]
    /// The values, in the order of `keys`.
    public private(set) var values: [JSONValue]

    /// An object without members.
    public init() {
        keys = []
        values = []
    }

    /// An object of these members; of repeated keys the last one counts.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        self.init()
        let list = Array(members)
        var ascending = true
        for index in list.indices.dropFirst() where list[index - 1].0 >= list[index].0 {
            ascending = false
            break
        }
        keys.reserveCapacity(list.count)
        values.reserveCapacity(list.count)
        guard !ascending else {
            for (key, value) in list {
                keys.append(key)
                values.append(value)
            }
            return
        }
        let order = list.indices.sorted {
            list[$0].0 == list[$1].0 ? $0 < $1 : list[$0].0 < list[$1].0
        }
        for index in order {
            if keys.last == list[index].0 {
                values[values.count - 1] = list[index].1
            } else {
                keys.append(list[index].0)
                values.append(list[index].1)
            }
        }
    }

    /// How many members there are.
    public var count: Int { keys.count }

    /// Whether there are no members.
    public var isEmpty: Bool { keys.isEmpty }

    /// The value of `key`; assigning `nil` removes the member.
    public subscript(_ key: String) -> JSONValue? {
        get {
            let (index, found) = position(of: key)
            return found ? values[index] : nil
        }
        set {
            let (index, found) = position(of: key)
            switch (newValue, found) {
            case (let value?, true): values[index] = value
            case (let value?, false):
                keys.insert(key, at: index)
                values.insert(value, at: index)
            case (nil, true):
                keys.remove(at: index)
                values.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// Changes the member `key` where it is; where it is absent, an empty object is put there
    /// first.
    mutating func change(_ key: String, _ body: (inout JSONValue) -> Void) {
        let (index, found) = position(of: key)
        if !found {
            keys.insert(key, at: index)
            values.insert(.object(JSONObject()), at: index)
        }
        body(&values[index])
    }

    /// Takes the member `key` out and returns what it was.
    @discardableResult
    public mutating func remove(_ key: String) -> JSONValue? {
        let (index, found) = position(of: key)
        guard found else { return nil }
        keys.remove(at: index)
        return values.remove(at: index)
    }

    /// The same keys with other values.
    public func mapValues<E: Error>(
        _ transform: (JSONValue) throws(E) -> JSONValue
    ) throws(E) -> JSONObject {
        var result = self
        for index in values.indices { result.values[index] = try transform(values[index]) }
        return result
    }

    /// Where `key` stands, or where it would have to be put.
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

extension JSONObject: Sequence {
    /// Walks the members in ascending order of their keys.
    public func makeIterator() -> Zip2Sequence<[String], [JSONValue]>.Iterator {
        zip(keys, values).makeIterator()
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object; of repeated keys the last one counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
