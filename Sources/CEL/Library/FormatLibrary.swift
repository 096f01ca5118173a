import CivilCalendar

/// `string.format(list)` as the strings library has it below version 4, which Kubernetes uses.
enum FormatLibrary {
    static let functions: [CELFunction] =
        CELFunction.define(
            "format", ["string.(list(dyn)) -> string"], cost: CostModel.traversal
        ) { a, e throws(CELError) in
            guard case .string(let text) = a[0], case .list(let list) = a[1] else {
                throw .noOverload
            }
            var result = ""
            var next = 0
            for part in try parse(text) {
                switch part {
                case .text(let text): result += text
                case .clause(let clause):
                    guard next < list.count else {
                        throw CELError("index \(next) out of range")
                    }
                    result += try format(try list.element(next), clause, e)
                    next += 1
                }
                guard result.utf8.count <= Evaluator.sizeMax else { break }
            }
            try e.checkSize(result.utf8.count)
            return .string(result)
        }

    struct Clause {
        var letter: Unicode.Scalar
        var precision: Int?
    }

    private enum Part {
        case text(String)
        case clause(Clause)
    }

    private static let precisionMax = 1_000

    private static func parse(_ text: String) throws(CELError) -> [Part] {
        var parts: [Part] = []
        var literal = String.UnicodeScalarView()
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                literal.append(scalar)
                continue
            }
            guard let next = scalars.first else { throw CELError("unexpected end of string") }
            if next == "%" {
                scalars.removeFirst()
                literal.append("%")
                continue
            }
            parts.append(.text(String(literal)))
            literal = String.UnicodeScalarView()
            parts.append(.clause(try clause(&scalars)))
        }
        parts.append(.text(String(literal)))
        return parts
    }

    private static func clause(
        _ scalars: inout ArraySlice<Unicode.Scalar>
    ) throws(CELError) -> Clause {
        let prefix = "could not parse formatting clause: "
        var precision: Int?
        if scalars.first == "." {
            scalars.removeFirst()
            let digits = scalars.prefix(while: CELLexer.isDigit)
            guard digits.count < scalars.count else {
                throw CELError(
                    prefix
                        + "error while parsing precision: could not find end of precision specifier"
                )
            }
            guard let number = Int(StringLibrary.join(digits)), number <= precisionMax else {
                throw CELError(
                    prefix + "error while parsing precision: error while converting precision to "
                        + "integer")
            }
            precision = number
            scalars.removeFirst(digits.count)
        }
        guard let letter = scalars.popFirst() else { throw CELError("unexpected end of string") }
        guard "sdfebxXo".unicodeScalars.contains(letter) else {
            throw CELError(prefix + "unrecognized formatting clause \"\(Character(letter))\"")
        }
        return Clause(letter: letter, precision: precision)
    }

    /// Fails where the clauses of `text` do not fit arguments of these types; `nil` is a type that
    /// is not known.
    static func check(_ text: String, _ types: [CELType?]) throws(CELError) {
        var count = 0
        for case .clause(let clause) in try parse(text) {
            guard count < types.count else { throw CELError("index \(count) out of range") }
            if let type = types[count], !accepts(clause.letter, type) {
                throw CELError("error during formatting: \(refusal(clause.letter))")
            }
            count += 1
        }
        guard count == types.count else {
            throw CELError(
                "too many arguments supplied to string.format (expected \(count), got "
                    + "\(types.count))")
        }
    }

    private static func accepts(_ letter: Unicode.Scalar, _ type: CELType) -> Bool {
        switch (letter, type) {
        case (_, .dyn), ("s", _): true
        case ("d", .int), ("d", .uint), ("o", .int), ("o", .uint): true
        case ("f", .double), ("e", .double), ("f", .string), ("e", .string): true
        case ("b", .int), ("b", .uint), ("b", .bool): true
        case ("x", .int), ("x", .uint), ("x", .string), ("x", .bytes): true
        case ("X", .int), ("X", .uint), ("X", .string), ("X", .bytes): true
        default: false
        }
    }

    private static func refusal(_ letter: Unicode.Scalar) -> String {
        switch letter {
        case "d": "decimal clause can only be used on integers"
        case "f": "fixed-point clause can only be used on doubles"
        case "e": "scientific clause can only be used on doubles"
        case "b": "only integers and bools can be formatted as binary"
        case "o": "octal clause can only be used on integers"
        case "s":
            "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, "
                + "types, durations, and timestamps"
        default: "only integers, byte buffers, and strings can be formatted as hex"
        }
    }

    // MARK: Clauses

    private static func format(
        _ value: CELValue, _ clause: Clause, _ e: Evaluator
    ) throws(CELError) -> String {
        let refused = CELError(
            "error during formatting: \(refusal(clause.letter)), was given \(value.type.name)")
        switch (clause.letter, value) {
        case ("s", _): return try plain(value, refused, e)
        case ("d", .int(let number)): return String(number)
        case ("d", .uint(let number)): return String(number)
        case ("f", _):
            guard let number = double(value) else { throw refused }
            return fixed(number, clause.precision ?? 6, grouped: true)
        case ("e", _):
            guard let number = double(value) else { throw refused }
            return scientific(number, clause.precision ?? 6)
        case ("b", .bool(let flag)): return flag ? "1" : "0"
        case ("b", .int(let number)): return String(number, radix: 2)
        case ("b", .uint(let number)): return String(number, radix: 2)
        case ("o", .int(let number)): return String(number, radix: 8)
        case ("o", .uint(let number)): return String(number, radix: 8)
        case ("x", _), ("X", _): return try hexadecimal(value, clause.letter == "X", refused)
        default: throw refused
        }
    }

    private static func double(_ value: CELValue) -> Double? {
        switch value {
        case .double(let number): number
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        default: nil
        }
    }

    private static func hexadecimal(
        _ value: CELValue, _ upper: Bool, _ refused: CELError
    ) throws(CELError) -> String {
        switch value {
        case .int(let number): return String(number, radix: 16, uppercase: upper)
        case .uint(let number): return String(number, radix: 16, uppercase: upper)
        case .string(let text): return octets(Array(text.utf8), upper)
        case .bytes(let bytes): return octets(bytes, upper)
        default: throw refused
        }
    }

    private static func octets(_ bytes: [UInt8], _ upper: Bool) -> String {
        bytes.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: upper)
        }.joined()
    }

    /// With `grouped`, thousands are set off by commas.
    private static func fixed(_ number: Double, _ precision: Int, grouped: Bool) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-∞" : "∞" }
        var (whole, fraction) = ExactDecimal(number).fixed(precision)
        if grouped {
            var groups: [Substring] = []
            var rest = whole[...]
            while rest.count > 3 {
                groups.insert(rest.suffix(3), at: 0)
                rest = rest.dropLast(3)
            }
            whole = ([rest] + groups).joined(separator: ",")
        }
        return (number.sign == .minus ? "-" : "") + whole + (precision > 0 ? "." + fraction : "")
    }

    private static let superscripts = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")

    private static func scientific(_ number: Double, _ precision: Int) -> String {
        if !number.isFinite { return fixed(number, precision, grouped: true) }
        let parts = ExactDecimal(number).scientific(precision)
        let power = CivilTime.pad(Int64(parts.exponent.magnitude), 2)
        let raised = power.utf8.map { String(superscripts[Int($0 - 0x30)]) }.joined()
        return (number.sign == .minus ? "-" : "") + parts.first
            + (precision > 0 ? "." + parts.fraction : "") + "×10"
            + (parts.exponent < 0 ? "⁻" : "") + raised
    }

    // MARK: %s

    private static func plain(
        _ value: CELValue, _ refused: CELError, _ e: Evaluator
    ) throws(CELError) -> String {
        switch value {
        case .null: return "null"
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .type(let type): return type.name
        case .list, .map: return try nested(value, refused, e)
        case .optional, .opaque: throw refused
        default: return try ConversionLibrary.string(value)
        }
    }

    /// A value inside a list or a map. The same list can be in it again and again, so that what is
    /// written counts as it is written.
    private static func nested(
        _ value: CELValue, _ refused: CELError, _ e: Evaluator
    ) throws(CELError) -> String {
        let text = try nestedText(value, refused, e)
        try e.spend(1 + text.utf8.count / 16)
        guard text.utf8.count <= Evaluator.sizeMax else { throw .overCost }
        return text
    }

    private static func nestedText(
        _ value: CELValue, _ refused: CELError, _ e: Evaluator
    ) throws(CELError) -> String {
        switch value {
        case .string(let text): return CELQuote.quote(text)
        case .bytes(let bytes):
            return "b" + CELQuote.quote(String(decoding: bytes, as: UTF8.self))
        case .double(let number):
            guard number.isFinite else { return CELQuote.quote(CELConversions.text(number)) }
            return fixed(number, 6, grouped: false)
        case .timestamp(let time): return "timestamp(\(CELQuote.quote(time.text)))"
        case .duration(let nanoseconds):
            return "duration(\(CELQuote.quote(CELDuration.text(nanoseconds))))"
        case .list(let list):
            var parts: [String] = []
            for element in try list.elements() { parts.append(try nested(element, refused, e)) }
            return "[" + parts.joined(separator: ", ") + "]"
        case .map(let map):
            var parts: [(key: String, text: String)] = []
            for (key, value) in try map.entries() {
                let name = try nested(key, refused, e)
                parts.append((name, name + ":" + (try nested(value, refused, e))))
            }
            parts.sort { CELText.compare($0.key, $1.key) < 0 }
            return "{" + parts.map(\.text).joined(separator: ", ") + "}"
        default: return try plain(value, refused, e)
        }
    }
}
