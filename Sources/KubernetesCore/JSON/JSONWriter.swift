extension JSONValue {
    /// This value as compact JSON with keys in ascending order: equal values give equal bytes.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    /// This value as compact JSON text.
    public var text: String { String(decoding: encoded(), as: UTF8.self) }

    /// This value as JSON text over several lines, indented by two spaces, for people.
    public var prettyText: String {
        var bytes: [UInt8] = []
        writePretty(into: &bytes, indent: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Parses one JSON text into a tree.
    public init(
        parsing bytes: [UInt8], limits: JSONDocument.Limits = JSONDocument.Limits()
    ) throws(JSONError) {
        self = try JSONDocument(parsing: bytes, limits: limits).root.value()
    }

    /// Parses the UTF-8 of `text` into a tree.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Appends this value as compact JSON.
    public func write(into bytes: inout [UInt8]) {
        switch self {
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for index in members.keys.indices {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONEscapes.encode(members.keys[index], into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                members.values[index].write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        default: writeScalar(into: &bytes)
        }
    }

    private func writeScalar(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .double(let number): bytes.append(contentsOf: JSONValue.format(number).utf8)
        case .string(let text): JSONEscapes.encode(text, into: &bytes)
        case .array, .object: write(into: &bytes)
        }
    }

    private func writePretty(into bytes: inout [UInt8], indent: Int) {
        func newline(_ depth: Int) {
            bytes.append(0x0A)
            bytes.append(contentsOf: repeatElement(0x20, count: depth * 2))
        }
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                newline(indent + 1)
                element.writePretty(into: &bytes, indent: indent + 1)
            }
            newline(indent)
            bytes.append(UInt8(ascii: "]"))
        case .object(let members) where !members.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, (key, value)) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                newline(indent + 1)
                JSONEscapes.encode(key, into: &bytes)
                bytes.append(contentsOf: ": ".utf8)
                value.writePretty(into: &bytes, indent: indent + 1)
            }
            newline(indent)
            bytes.append(UInt8(ascii: "}"))
        default: write(into: &bytes)
        }
    }

    /// The shortest text that reads back as `number`, in the form Go writes: no exponent between
    /// 1e-6 and 1e21, no trailing `.0`. JSON knows no infinity and no NaN: they become null.
    static func format(_ number: Double) -> String {
        guard number.isFinite else { return "null" }
        if let whole = Int64(exactly: number), number.magnitude < 1e15 { return String(whole) }
        let (digits, exponent) = GoText.decimal(number.magnitude)
        let sign = number < 0 ? "-" : ""
        if exponent >= -4 && exponent < 21 { return GoText.general(number) }
        if exponent == -5 || exponent == -6 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        let rest = digits.dropFirst()
        return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
            + "e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }
}
