public import KubernetesCore

/// What expressions of the Common Expression Language work on and result in.
public enum CELValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list(CELList)
    case map(CELMap)
    case timestamp(CELTimestamp)
    /// Nanoseconds.
    case duration(Int64)
    case type(CELType)
    /// A value that may be missing.
    indirect case optional(CELValue?)
    /// A value of a library, as an IP address.
    case opaque(CELOpaque)
}

extension CELValue {
    /// The value of `json` as CEL sees what has no schema: whole numbers inside int64 are ints,
    /// other numbers doubles. Lists and objects are converted as they are walked.
    public init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .integer(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(CELList(json: elements))
        case .object(let members): self = .map(CELMap(json: members))
        }
    }

    /// A list of these values.
    public static func list(_ values: [CELValue]) -> CELValue { .list(CELList(values)) }

    /// The type at run time.
    public var type: CELType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .list: .list(.dyn)
        case .map(let map): map.schema.map { .object($0) } ?? .map(.dyn, .dyn)
        case .timestamp: .timestamp
        case .duration: .duration
        case .type: .type
        case .optional: .optional(.dyn)
        case .opaque(let value): .opaque(value.typeName)
        }
    }

    /// This value as JSON, where JSON can hold it: bytes become base64, times and durations their
    /// texts; types, optionals and the values of libraries are errors, and so is a value that holds
    /// so many others that writing it down would not end.
    public func json() throws(CELError) -> JSONValue {
        guard weight(atMost: Self.weightMax) <= Self.weightMax else { throw .overCost }
        return try unboundedJSON()
    }

    private func unboundedJSON() throws(CELError) -> JSONValue {
        switch self {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .integer(number)
        case .uint(let number):
            return Int64(exactly: number).map(JSONValue.integer) ?? .double(Double(number))
        case .double(let number): return .double(number)
        case .string(let text): return .string(text)
        case .bytes(let bytes): return .string(Base64.encode(bytes))
        case .list(let list):
            var result: [JSONValue] = []
            for index in 0..<list.count { result.append(try list.element(index).unboundedJSON()) }
            return .array(result)
        case .map(let map):
            var members: [(String, JSONValue)] = []
            for (key, value) in try map.entries() {
                members.append((try CELConversions.text(of: key), try value.unboundedJSON()))
            }
            return .object(JSONObject(members))
        case .timestamp(let time): return .string(time.text)
        case .duration(let nanoseconds): return .string(CELDuration.text(nanoseconds))
        case .type, .optional, .opaque:
            throw CELError("a value of type \(type) has no JSON form")
        }
    }
}

/// Texts compared code point by code point; Swift's own comparison takes canonically equivalent
/// texts for equal, CEL does not.
enum CELText {
    /// Whether both hold the same code points.
    static func equal(_ left: String, _ right: String) -> Bool {
        let (left, right) = (left.utf8, right.utf8)
        return left.count == right.count && left.elementsEqual(right)
    }

    /// -1, 0 or 1 by the order of code points.
    static func compare(_ left: String, _ right: String) -> Int {
        var other = right.utf8.makeIterator()
        for byte in left.utf8 {
            guard let second = other.next() else { return 1 }
            if byte != second { return byte < second ? -1 : 1 }
        }
        return other.next() == nil ? 0 : -1
    }
}
