/// A place in a parsed document. Cheap to copy; strings are made only when asked for.
public struct JSONNode: Sendable {
    let storage: JSONDocument.Storage
    let index: Int

    private var token: JSONToken { storage.tape[index] }

    /// Whether this is JSON's `null`.
    public var isNull: Bool { token.kind == .null }

    /// Whether this is an object.
    public var isObject: Bool { token.kind == .object }

    /// Whether this is an array.
    public var isArray: Bool { token.kind == .array }

    /// How many elements or members this has; 0 for anything else.
    public var count: Int {
        token.kind == .array || token.kind == .object ? Int(token.length) : 0
    }

    /// The member `key`; `nil` where this is no object, has no such member, or it is `null`, which
    /// Kubernetes takes for absent. Of repeated keys the last one counts.
    public subscript(_ key: StaticString) -> JSONNode? {
        guard let at = index(of: key), storage.tape[at].kind != .null else { return nil }
        return JSONNode(storage: storage, index: at)
    }

    /// Where the value of the last member `key` stands.
    private func index(of key: StaticString) -> Int? {
        let token = token
        guard token.kind == .object else { return nil }
        // Spans: this is done for every field that a projection reads.
        let (tapeArray, byteArray) = (storage.tape, storage.bytes)
        let tape = tapeArray.span
        let bytes = byteArray.span
        let length = key.utf8CodeUnitCount
        var found: Int?
        var at = index + 1
        let end = Int(token.next)
        while at < end {
            let name = tape[at]
            if name.kind == .escapedString {
                if decoded(name) == "\(key)" { found = at + 1 }
            } else if Int(name.length) == length, Self.isText(bytes, Int(name.start), key) {
                found = at + 1
            }
            at = Int(tape[at + 1].next)
        }
        return found
    }

    private static func isText(_ bytes: Span<UInt8>, _ start: Int, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            for offset in 0..<text.count where bytes[start + offset] != text[offset] {
                return false
            }
            return true
        }
    }

    /// The member that `key` names at run time; otherwise as the other subscript.
    public subscript(named key: String) -> JSONNode? {
        var found: JSONNode?
        for (name, node) in members where name == key { found = node }
        return found.flatMap { $0.isNull ? nil : $0 }
    }

    /// The elements of an array in order; none for anything else.
    public var elements: [JSONNode] {
        guard token.kind == .array else { return [] }
        var result: [JSONNode] = []
        result.reserveCapacity(Int(token.length))
        var at = index + 1
        while at < Int(token.next) {
            result.append(JSONNode(storage: storage, index: at))
            at = Int(storage.tape[at].next)
        }
        return result
    }

    /// The members of an object in the order of the text; none for anything else.
    public var members: [(key: String, value: JSONNode)] {
        guard token.kind == .object else { return [] }
        var result: [(key: String, value: JSONNode)] = []
        result.reserveCapacity(Int(token.length))
        var at = index + 1
        while at < Int(token.next) {
            let value = JSONNode(storage: storage, index: at + 1)
            result.append((JSONNode(storage: storage, index: at).text, value))
            at = Int(storage.tape[at + 1].next)
        }
        return result
    }

    /// The text, its escapes resolved. Fails where this is something else than a string.
    public func string() throws(JSONError) -> String {
        guard token.kind == .string || token.kind == .escapedString else {
            throw mismatch("a string")
        }
        return text
    }

    /// This whole number; a number without a fraction, as in `3.0`, counts as one.
    public func integer() throws(JSONError) -> Int {
        let digits = raw
        if token.kind == .integer, let number = Int(digits) { return number }
        if token.kind == .integer || token.kind == .double,
            let number = Double(digits), let whole = Int(exactly: number)
        {
            return whole
        }
        throw mismatch("a whole number")
    }

    /// This number.
    public func double() throws(JSONError) -> Double {
        guard token.kind == .integer || token.kind == .double, let number = Double(raw) else {
            throw mismatch("a number")
        }
        return number
    }

    /// This truth value.
    public func bool() throws(JSONError) -> Bool {
        switch token.kind {
        case .trueValue: true
        case .falseValue: false
        default: throw mismatch("true or false")
        }
    }

    /// This object's members as strings, for labels and annotations.
    public func stringMap() throws(JSONError) -> [String: String] {
        guard isObject else { throw mismatch("an object") }
        var result = [String: String](minimumCapacity: count)
        var at = index + 1
        let end = Int(token.next)
        while at < end {
            let value = JSONNode(storage: storage, index: at + 1)
            let key = JSONNode(storage: storage, index: at).text
            result[key] = value.isNull ? "" : try value.string()
            at = Int(value.token.next)
        }
        return result
    }

    /// This array's elements as strings.
    public func strings() throws(JSONError) -> [String] {
        guard isArray else { throw mismatch("an array") }
        var result: [String] = []
        result.reserveCapacity(count)
        for element in elements { result.append(try element.string()) }
        return result
    }

    /// The member `key`, which must be there.
    public func required(_ key: StaticString) throws(JSONError) -> JSONNode {
        guard let node = self[key] else {
            throw JSONError(.missing, at: path, "\(key) is required")
        }
        return node
    }

    /// This value and all inside it as a tree. A whole number outside Int64 becomes a double.
    public func value() -> JSONValue {
        switch token.kind {
        case .null: .null
        case .falseValue: .bool(false)
        case .trueValue: .bool(true)
        case .integer: Int64(raw).map(JSONValue.integer) ?? .double(Double(raw) ?? 0)
        case .double: .double(Double(raw) ?? 0)
        case .string, .escapedString: .string(text)
        case .array: .array(elements.map { $0.value() })
        case .object: .object(JSONObject(members.lazy.map { ($0.key, $0.value.value()) }))
        }
    }

    /// The error that this value is not `expected`.
    public func mismatch(_ expected: String) -> JSONError {
        JSONError(.mismatch, at: path, "expected \(expected), found \(kindName)")
    }

    /// Where this value stands in its document, as in `spec.containers[0].name`. Searched for only
    /// when an error needs it.
    public var path: String {
        var result = ""
        var current = 0
        while current != index {
            let container = JSONNode(storage: storage, index: current)
            let isObject = container.isObject
            var at = current + 1
            var ordinal = 0
            descend: while at < Int(storage.tape[current].next) {
                let value = isObject ? at + 1 : at
                if index < Int(storage.tape[value].next) {
                    let name = JSONNode(storage: storage, index: at)
                    result += isObject ? (result.isEmpty ? "" : ".") + name.text : "[\(ordinal)]"
                    current = max(value, current + 1)
                    break descend
                }
                at = Int(storage.tape[value].next)
                ordinal += 1
            }
            if current > index { return result }
        }
        return result
    }

    private var kindName: String {
        switch token.kind {
        case .null: "null"
        case .falseValue, .trueValue: "a truth value"
        case .integer, .double: "the number \(raw)"
        case .string, .escapedString: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    private var raw: String {
        let start = Int(token.start)
        return String(decoding: storage.bytes[start..<start + Int(token.length)], as: UTF8.self)
    }

    var text: String { token.kind == .escapedString ? decoded(token) : raw }

    /// The string of an escaped token.
    func decoded(_ token: JSONToken) -> String {
        JSONEscapes.decode(storage.bytes, Int(token.start), Int(token.length))
    }
}
