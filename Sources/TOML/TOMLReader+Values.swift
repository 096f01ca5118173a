import KubernetesCore

extension TOMLReader {
    /// A value inside `depth` tables and arrays.
    mutating func value(depth: Int) throws(TOMLError) -> JSONValue {
        try count(at: place)
        guard depth <= limits.depthMax else { throw describe(.tooDeep, at: place) }
        switch next {
        case UInt8(ascii: "\""): return .string(try basicString(isKey: false))
        case UInt8(ascii: "'"): return .string(try literalString(isKey: false))
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "{"): return try inlineTable(depth: depth)
        default: return try scalar()
        }
    }

    private mutating func array(depth: Int) throws(TOMLError) -> JSONValue {
        let start = place
        place += 1
        var elements: [JSONValue] = []
        while true {
            try skipLines()
            if skip(UInt8(ascii: "]")) { return .array(elements) }
            guard next != nil else { throw fault("the array has no end", at: start) }
            elements.append(try value(depth: depth + 1))
            try skipLines()
            guard skip(UInt8(ascii: ",")) || next == UInt8(ascii: "]") else {
                throw next == nil
                    ? fault("the array has no end", at: start)
                    : fault(", or ] is expected in an array")
            }
        }
    }

    /// Goes over blanks, comments and ends of lines, which an array may have anywhere.
    private mutating func skipLines() throws(TOMLError) {
        repeat {
            skipBlanks()
            try skipComment()
        } while skipNewline()
    }

    private mutating func inlineTable(depth: Int) throws(TOMLError) -> JSONValue {
        let start = place
        place += 1
        var tables = TOMLTables(limits: limits)
        skipBlanks()
        if skip(UInt8(ascii: "}")) { return .object(JSONObject()) }
        while true {
            skipBlanks()
            try pair(in: TOMLTables.root, of: &tables, depth: depth)
            skipBlanks()
            if skip(UInt8(ascii: "}")) { return .object(tables.object(TOMLTables.root)) }
            guard skip(UInt8(ascii: ",")) else {
                throw next == nil
                    ? fault("the inline table has no end", at: start)
                    : fault(", or } is expected in an inline table, which stands on one line")
            }
        }
    }

    /// A truth value, a number, a date or a time.
    private mutating func scalar() throws(TOMLError) -> JSONValue {
        let start = place
        word()
        // A date and a time may have a space between them.
        if place - start == 10, next == 0x20, bytes[start + 4] == UInt8(ascii: "-"),
            let digit = ahead(1), digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9")
        {
            place += 1
            word()
        }
        guard place > start else { throw fault("a value is expected") }
        do throws(TOMLScalar.Fault) {
            return try TOMLScalar.value(of: bytes[start..<place])
        } catch {
            throw fault(error.reason, at: start)
        }
    }

    private mutating func word() {
        while let byte = next {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ":"):
                place += 1
            default: return
            }
        }
    }
}
