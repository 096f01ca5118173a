/// Character classes and escapes.
extension PatternParser {
    /// Reads `[…]` from its opening bracket on.
    mutating func bracketClass() throws(PatternError) -> PatternClass {
        let start = position
        position += 1
        var result = PatternClass()
        result.folds = flags.folds
        if peek() == "^" {
            result.negated = true
            position += 1
        }
        var isFirst = true
        while true {
            guard let scalar = peek() else {
                throw PatternError("missing closing ]", text(start))
            }
            if scalar == "]" && !isFirst { break }
            if scalar == "-" && !isFirst && !nextIs("]") {
                // A dash between members is only allowed at either end.
                if position + 1 < scalars.count {
                    throw PatternError(
                        "invalid character class range", text(position, position + 2))
                }
            }
            isFirst = false
            if scalar == "[", nextIs(":"), let item = try posixClass() {
                result.add(item)
                continue
            }
            if scalar == "\\", let item = try classEscape() {
                result.add(item)
                continue
            }
            try range(into: &result, classStart: start)
        }
        position += 1
        return result.sealed()
    }

    private func nextIs(_ scalar: Unicode.Scalar) -> Bool {
        position + 1 < scalars.count && scalars[position + 1] == scalar
    }

    private mutating func range(
        into result: inout PatternClass, classStart: Int
    ) throws(PatternError) {
        let start = position
        let low = try member(classStart)
        var high = low
        if peek() == "-", position + 1 < scalars.count, !nextIs("]") {
            position += 1
            high = try member(classStart)
            guard high >= low else {
                throw PatternError("invalid character class range", text(start, position))
            }
        }
        result.add(low, high)
    }

    private mutating func member(_ classStart: Int) throws(PatternError) -> UInt32 {
        guard let scalar = peek() else {
            throw PatternError("missing closing ]", text(classStart))
        }
        if scalar == "\\" { return try escapedScalar() }
        position += 1
        return scalar.value
    }

    /// Reads `[:alpha:]`; `nil`, having read nothing, where there is no `:]`.
    private mutating func posixClass() throws(PatternError) -> PatternClass? {
        var end = position + 2
        while end + 1 < scalars.count, !(scalars[end] == ":" && scalars[end + 1] == "]") {
            end += 1
        }
        guard end + 1 < scalars.count else { return nil }
        var name = text(position + 2, end)
        let negated = name.hasPrefix("^")
        if negated { name.removeFirst() }
        guard let ranges = Self.posix[name] else {
            throw PatternError("invalid character class range", text(position, end + 2))
        }
        position = end + 2
        return Self.set(ranges, negated: negated)
    }

    /// Reads `\d`, `\pL` and their like; `nil`, having read nothing, where it is none of these.
    mutating func classEscape() throws(PatternError) -> PatternClass? {
        guard position + 1 < scalars.count else { return nil }
        let letter = scalars[position + 1]
        switch letter {
        case "d", "D", "s", "S", "w", "W":
            position += 2
            let ranges: [(UInt32, UInt32)] =
                letter == "d" || letter == "D"
                ? [(0x30, 0x39)]
                : letter == "s" || letter == "S"
                    ? [(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)]
                    : [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]
            return Self.set(ranges, negated: letter == "D" || letter == "S" || letter == "W")
        case "p", "P": return try unicodeClass(negated: letter == "P")
        default: return nil
        }
    }

    private mutating func unicodeClass(negated: Bool) throws(PatternError) -> PatternClass {
        let start = position
        position += 2
        guard let first = peek() else {
            throw PatternError("invalid character class range", text(start, position))
        }
        position += 1
        var name = String(Character(first))
        if first == "{" {
            let nameStart = position
            while let scalar = peek(), scalar != "}" { position += 1 }
            guard peek() == "}" else {
                throw PatternError("invalid character class range", text(start))
            }
            name = text(nameStart, position)
            position += 1
        }
        var isNegated = negated
        if name.hasPrefix("^") {
            isNegated.toggle()
            name.removeFirst()
        }
        guard let property = UnicodeProperty(named: name) else {
            throw PatternError("invalid character class range", text(start, position))
        }
        var result = PatternClass()
        result.add(property, negated: isNegated)
        return result
    }

    /// Reads an escape that stands for one code point, from the backslash on.
    mutating func escapedScalar() throws(PatternError) -> UInt32 {
        let start = position
        position += 1
        guard let letter = peek() else {
            throw PatternError("trailing backslash at end of expression", "")
        }
        position += 1
        switch letter {
        case "1"..."7":
            // A single digit would be a back-reference, which does not exist.
            guard let next = peek(), ("0"..."7").contains(next) else { throw invalidEscape(start) }
            return octal(letter)
        case "0": return octal(letter)
        case "x": return try hexadecimal(start)
        case "a": return 0x07
        case "f": return 0x0C
        case "t": return 0x09
        case "n": return 0x0A
        case "r": return 0x0D
        case "v": return 0x0B
        default:
            let isWord =
                letter == "_" || letter.properties.isAlphabetic
                || ("0"..."9").contains(letter)
            guard letter.isASCII, !isWord || letter == "_" else { throw invalidEscape(start) }
            return letter.value
        }
    }

    private func invalidEscape(_ start: Int) -> PatternError {
        PatternError("invalid escape sequence", text(start, position))
    }

    private mutating func octal(_ first: Unicode.Scalar) -> UInt32 {
        var result = first.value - 0x30
        var digits = 1
        while digits < 3, let next = peek(), ("0"..."7").contains(next) {
            result = result * 8 + next.value - 0x30
            position += 1
            digits += 1
        }
        return result
    }

    private mutating func hexadecimal(_ start: Int) throws(PatternError) -> UInt32 {
        var result: UInt32 = 0
        if peek() == "{" {
            position += 1
            var digits = 0
            while let digit = hexDigit() {
                result = result * 16 + digit
                digits += 1
                guard result <= 0x10FFFF else { throw invalidEscape(start) }
            }
            guard digits > 0, peek() == "}" else { throw invalidEscape(start) }
            position += 1
            return result
        }
        for _ in 0..<2 {
            guard let digit = hexDigit() else { throw invalidEscape(start) }
            result = result * 16 + digit
        }
        return result
    }

    private mutating func hexDigit() -> UInt32? {
        guard let scalar = peek(), scalar.isASCII,
            let digit = Character(scalar).hexDigitValue
        else { return nil }
        position += 1
        return UInt32(digit)
    }

    private static func set(_ ranges: [(UInt32, UInt32)], negated: Bool) -> PatternClass {
        var result = PatternClass()
        result.negated = negated
        for (low, high) in ranges { result.add(low, high) }
        return result
    }

    private static let posix: [String: [(UInt32, UInt32)]] = [
        "alnum": [(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        "alpha": [(0x41, 0x5A), (0x61, 0x7A)], "ascii": [(0, 0x7F)],
        "blank": [(0x09, 0x09), (0x20, 0x20)], "cntrl": [(0, 0x1F), (0x7F, 0x7F)],
        "digit": [(0x30, 0x39)], "graph": [(0x21, 0x7E)], "lower": [(0x61, 0x7A)],
        "print": [(0x20, 0x7E)], "punct": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        "space": [(0x09, 0x0D), (0x20, 0x20)], "upper": [(0x41, 0x5A)],
        "word": [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
        "xdigit": [(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
    ]
}
