/// Texts of values and values of texts.
enum CELConversions {
    /// The text of a double as the function `string` makes it: the shortest digits that read back
    /// as the same number, with an exponent below 1e-4 and from 1e6 on.
    static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        let sign = number.sign == .minus ? "-" : ""
        if number == 0 { return sign + "0" }
        let (digits, exponent) = shortest(number.magnitude)
        if exponent < -4 || exponent >= 6 {
            var mantissa = String(digits.prefix(1))
            if digits.count > 1 { mantissa += "." + digits.dropFirst() }
            let power = String(exponent.magnitude)
            return sign + mantissa + "e" + (exponent < 0 ? "-" : "+")
                + (power.count < 2 ? "0" : "") + power
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The shortest digits of a positive number and the power of ten of the first of them.
    static func shortest(_ number: Double) -> (digits: String, exponent: Int) {
        var text = Substring(number.description)
        var power = 0
        if let at = text.firstIndex(of: "e") {
            power = Int(text[text.index(after: at)...].replacing("+", with: "")) ?? 0
            text = text[..<at]
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(parts.first ?? "")
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        var digits = whole + fraction
        var exponent = whole.count - 1 + power
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        return (digits, exponent)
    }

    /// The text of a key of a map.
    static func text(of key: CELValue) throws(CELError) -> String {
        switch key {
        case .string(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number): return text(number)
        default: throw CELError("unsupported key type")
        }
    }

    /// A value in a message.
    static func display(_ value: CELValue) -> String {
        switch value {
        case .null: "null"
        case .string(let text): text
        case .timestamp(let time): time.text
        case .duration(let nanoseconds): CELDuration.text(nanoseconds)
        case .type(let type): type.name
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .bool, .int, .uint, .double: (try? text(of: value)) ?? ""
        case .list, .map, .optional, .opaque: "<" + value.type.name + ">"
        }
    }

    /// Reads what Go's `ParseFloat` reads.
    static func double(_ text: String) -> Double? {
        var body = text.lowercased()
        var negative = false
        if body.hasPrefix("-") || body.hasPrefix("+") {
            negative = body.hasPrefix("-")
            body.removeFirst()
        }
        switch body {
        case "inf", "infinity": return negative ? -.infinity : .infinity
        case "nan": return .nan
        default: break
        }
        let isHex = body.hasPrefix("0x")
        let allowed = isHex ? "0123456789abcdefxp.+-" : "0123456789e.+-"
        guard let first = body.unicodeScalars.first, first == "." || CELLexer.isDigit(first),
            body.unicodeScalars.allSatisfy({ allowed.unicodeScalars.contains($0) })
        else { return nil }
        if isHex && !body.contains("p") { return nil }
        let mantissa = body.unicodeScalars.prefix { $0 != "e" || isHex }
        guard mantissa.contains(where: CELLexer.isDigit) else { return nil }
        if body.hasPrefix(".") { body = "0" + body }
        body = body.replacing(".e", with: ".0e")
        if body.hasSuffix(".") { body += "0" }
        guard let number = Double(body), number.isFinite else { return nil }
        return negative ? -number : number
    }

    /// Reads `[+-]?` and decimal digits.
    static func integer(_ text: String) -> Int64? {
        let digits = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.unicodeScalars.allSatisfy(CELLexer.isDigit) else {
            return nil
        }
        return Int64(text)
    }

    /// Reads decimal digits.
    static func unsigned(_ text: String) -> UInt64? {
        guard !text.isEmpty, text.unicodeScalars.allSatisfy(CELLexer.isDigit) else { return nil }
        return UInt64(text)
    }

    /// The text that `bytes` are in UTF-8; `nil` where they are none.
    static func utf8(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }
}
