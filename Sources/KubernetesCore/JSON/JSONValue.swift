/// A JSON value as a tree: for patches, policies, schemas and writes.
///
/// Numbers follow Kubernetes: what is written as a whole number inside Int64 is `integer`, all else
/// is `double`. Reads of watched objects use `JSONNode`, which makes no tree.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// The members, where this is an object.
    public var object: JSONObject? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The elements, where this is an array.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The text, where this is a string.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, where this is a whole number.
    public var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The number, where this is a number of either kind.
    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The truth value, where this is one.
    public var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// Whether this is JSON's `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The name of this value's kind as JSON Schema and Kubernetes messages spell it.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The member `key` of an object; `nil` where this is no object or has no such member.
    /// Assigning `nil` removes the member; assigning into a value that is no object makes it one.
    public subscript(_ key: String) -> JSONValue? {
        get {
            if case .object(let members) = self { members[key] } else { nil }
        }
        set {
            var members = takeMembers()
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The value below `path`, member by member; `nil` as soon as one is missing.
    public subscript(path path: [String]) -> JSONValue? {
        get {
            var current = self
            for key in path {
                guard let next = current[key] else { return nil }
                current = next
            }
            return current
        }
        set {
            set(newValue, at: path[...])
        }
    }

    private mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
        guard let first = path.first else {
            self = value ?? .null
            return
        }
        if path.count > 1, value == nil, self[first] == nil { return }
        var members = takeMembers()
        if path.count == 1 {
            members[first] = value
        } else {
            members.change(first) { $0.set(value, at: path.dropFirst()) }
        }
        self = .object(members)
    }

    /// The members of an object, or none, to be changed and put back: as nothing else holds them
    /// meanwhile, they are changed where they are.
    private mutating func takeMembers() -> JSONObject {
        guard case .object(let members) = self else { return JSONObject() }
        self = .null
        return members
    }

    /// The element at `index` of an array; `nil` where there is none.
    public subscript(_ index: Int) -> JSONValue? {
        guard let elements = array, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    // There is no `nil` literal on purpose: `found ? value : nil` as a `JSONValue?` would then mean
    // JSON's null instead of no value at all. Write `.null`.

    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; of repeated keys the last one counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
}

extension JSONValue {
    /// A number of Swift's default integer type.
    public static func int(_ number: Int) -> JSONValue { .integer(Int64(number)) }

    /// An array of strings.
    public static func strings(_ texts: some Sequence<String>) -> JSONValue {
        .array(texts.map(JSONValue.string))
    }

    /// An object of string members, for labels and annotations.
    public static func strings(_ members: [String: String]) -> JSONValue {
        .object(JSONObject(members.map { ($0.key, JSONValue.string($0.value)) }))
    }
}
