import KubernetesCore

/// A map, or an object with a schema; what comes from JSON is converted entry by entry, only when
/// it is looked at.
public struct CELMap: Sendable {
    enum Storage: Sendable {
        case entries(CELEntries)
        case json(JSONObject)
        /// Entries of any name and one schema.
        case typed(JSONObject, SchemaType)
        /// Named fields.
        case object(JSONObject, SchemaType)
    }

    let storage: Storage

    /// A map of texts to values; of repeated keys the last one counts.
    public init(_ members: [String: CELValue]) {
        storage = .entries(CELEntries(members.map { (CELValue.string($0.key), $0.value) }))
    }

    init(_ entries: [(CELValue, CELValue)]) { storage = .entries(CELEntries(entries)) }

    init(json members: JSONObject) { storage = .json(members) }

    init(_ members: JSONObject, _ schema: SchemaType) {
        storage = schema.isObject ? .object(members, schema) : .typed(members, schema)
    }

    /// How many entries there are; of an object how many members its JSON has.
    public var count: Int {
        switch storage {
        case .entries(let entries): entries.list.count
        case .json(let members), .typed(let members, _), .object(let members, _): members.count
        }
    }

    /// The schema of an object with named fields.
    var schema: SchemaType? {
        if case .object(_, let schema) = storage { schema } else { nil }
    }

    /// The value of `key`, numbers being looked up by what they amount to; `nil` where there is
    /// none.
    func value(_ key: CELValue) throws(CELError) -> CELValue? {
        switch storage {
        case .entries(let entries): return entries.value(key)
        case .json(let members):
            guard case .string(let name) = key else { return nil }
            return members[name].map { CELValue($0) }
        case .typed(let members, let schema):
            guard case .string(let name) = key, let member = members[name] else { return nil }
            return try schema.elementValue(member)
        case .object(let members, let schema):
            guard case .string(let name) = key else { return nil }
            return try schema.fieldValue(name, in: members)
        }
    }

    /// The value of the key `name`.
    func value(named name: String) throws(CELError) -> CELValue? {
        switch storage {
        case .json(let members): members[name].map { CELValue($0) }
        default: try value(.string(name))
        }
    }

    /// The keys in ascending order; of an object the names of the fields it has.
    func keys() throws(CELError) -> [CELValue] {
        switch storage {
        case .entries(let entries): entries.list.map(\.0)
        case .json(let members), .typed(let members, _): members.keys.map(CELValue.string)
        case .object(let members, let schema):
            try schema.fieldNames(in: members).map(CELValue.string)
        }
    }

    /// Keys and values in the order of the keys.
    func entries() throws(CELError) -> [(CELValue, CELValue)] {
        if case .entries(let entries) = storage { return entries.list }
        var result: [(CELValue, CELValue)] = []
        for key in try keys() {
            if let value = try value(key) { result.append((key, value)) }
        }
        return result
    }
}

/// The entries of a map that an expression made, in the order of their keys.
final class CELEntries: Sendable {
    let list: [(CELValue, CELValue)]
    private let index: [CELKey: Int]

    /// Of repeated keys the last one counts.
    init(_ entries: [(CELValue, CELValue)]) {
        var places: [CELKey: Int] = [:]
        var unique: [(CELKey, CELValue, CELValue)] = []
        for (key, value) in entries {
            guard let hashed = CELKey(key) else { continue }
            if let place = places[hashed] {
                unique[place].2 = value
            } else {
                places[hashed] = unique.count
                unique.append((hashed, key, value))
            }
        }
        unique.sort { $0.0 < $1.0 }
        for (place, entry) in unique.enumerated() { places[entry.0] = place }
        list = unique.map { ($0.1, $0.2) }
        index = places
    }

    func value(_ key: CELValue) -> CELValue? {
        for candidate in CELKey.candidates(key) {
            if let place = index[candidate] { return list[place].1 }
        }
        return nil
    }
}

/// A key of a map.
enum CELKey: Hashable, Comparable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(UInt64)
    case string(String)

    /// `nil` for what cannot be a key.
    init?(_ value: CELValue) {
        switch value {
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .uint(let number): self = .uint(number)
        case .double(let number): self = .double(number.bitPattern)
        case .string(let text): self = .string(text)
        default: return nil
        }
    }

    /// What `value` finds: itself first, then the same number of another type.
    static func candidates(_ value: CELValue) -> [CELKey] {
        guard let exact = CELKey(value) else { return [] }
        switch value {
        case .int(let number):
            return number >= 0 ? [exact, .uint(UInt64(number))] : [exact]
        case .uint(let number):
            return Int64(exactly: number).map { [exact, .int($0)] } ?? [exact]
        case .double(let number):
            var result = [exact]
            if let whole = Int64(exactly: number) { result.append(.int(whole)) }
            if let whole = UInt64(exactly: number) { result.append(.uint(whole)) }
            return result
        default: return [exact]
        }
    }

    static func == (left: CELKey, right: CELKey) -> Bool {
        switch (left, right) {
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.uint(let a), .uint(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.string(let a), .string(let b)): CELText.equal(a, b)
        default: false
        }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(rank)
        switch self {
        case .bool(let flag): hasher.combine(flag)
        case .int(let number): hasher.combine(number)
        case .uint(let number), .double(let number): hasher.combine(number)
        case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    static func < (left: CELKey, right: CELKey) -> Bool {
        switch (left, right) {
        case (.bool(let a), .bool(let b)): !a && b
        case (.int(let a), .int(let b)): a < b
        case (.uint(let a), .uint(let b)): a < b
        case (.double(let a), .double(let b)): Double(bitPattern: a) < Double(bitPattern: b)
        case (.string(let a), .string(let b)): CELText.compare(a, b) < 0
        default: left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .bool: 0
        case .int: 1
        case .uint: 2
        case .double: 3
        case .string: 4
        }
    }
}
