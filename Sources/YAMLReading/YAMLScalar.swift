import KubernetesCore

/// What a plain scalar stands for.
enum YAMLScalar {
    /// The value; `nil` for infinities and NaN, which JSON does not have.
    static func value(_ text: String, _ rules: YAMLText.Rules = .core) -> JSONValue? {
        if rules == .kubernetes {
            if let flag = flag(text) { return .bool(flag) }
            if text.utf8.contains(UInt8(ascii: "_")), let first = text.utf8.first,
                isDigit(first) || first == UInt8(ascii: "-") || first == UInt8(ascii: "+"),
                let number = number(text.filter { $0 != "_" })
            {
                return number
            }
        }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "-.inf", "+.Inf", "-.Inf", "+.INF", "-.INF", ".nan",
            ".NaN", ".NAN":
            return nil
        default: return number(text) ?? .string(text)
        }
    }

    /// The words that YAML 1.1 has for truth values, besides those of YAML 1.2.
    private static func flag(_ text: String) -> Bool? {
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": true
        case "n", "N", "no", "No", "NO", "off", "Off", "OFF": false
        default: nil
        }
    }

    /// Whether other readers of YAML, by the rules of its version 1.1, could take a plain `text`
    /// for something else than a string.
    static func isAmbiguous(_ text: String) -> Bool {
        guard case .string? = value(text), let first = text.utf8.first else { return true }
        switch text.lowercased() {
        case "y", "n", "yes", "no", "on", "off", "<<", "=": return true
        default: break
        }
        // Dates, sexagesimal numbers and numbers with underscores all begin like a number.
        let isNumeric = first == UInt8(ascii: "+") || first == UInt8(ascii: ".") || isDigit(first)
        return isNumeric
            && text.utf8.allSatisfy { byte in
                isDigit(byte) || ".+-_:eEtTzZxXoabcdfABCDF ".utf8.contains(byte)
            }
    }

    private static func number(_ text: String) -> JSONValue? {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : Substring(text)
        guard let first = digits.utf8.first, isDigit(first) || first == UInt8(ascii: ".") else {
            return nil
        }
        if let (radix, rest) = radix(digits) {
            guard let magnitude = UInt64(rest, radix: radix) else { return nil }
            return integer(magnitude, isNegative)
        }
        if digits.utf8.allSatisfy(isDigit) {
            if let magnitude = UInt64(digits), let value = integer(magnitude, isNegative) {
                return value
            }
            return Double(text).flatMap { $0.isFinite ? .double($0) : nil }
        }
        guard isFloat(digits), let number = Double(text), number.isFinite else { return nil }
        return .double(number)
    }

    private static func integer(_ magnitude: UInt64, _ isNegative: Bool) -> JSONValue? {
        if let value = Int64(exactly: magnitude) { return .integer(isNegative ? -value : value) }
        if isNegative, magnitude == Int64.min.magnitude { return .integer(.min) }
        return .double(isNegative ? -Double(magnitude) : Double(magnitude))
    }

    private static func radix(_ digits: Substring) -> (Int, Substring)? {
        guard digits.utf8.count > 1, digits.hasPrefix("0") else { return nil }
        let rest = digits.dropFirst(2)
        let result: (Int, Substring)
        switch digits.dropFirst().first {
        case "x", "X": result = (16, rest)
        case "o", "O": result = (8, rest)
        case "b", "B": result = (2, rest)
        default:
            let octal = digits.dropFirst()
            guard octal.utf8.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
            return (8, octal)
        }
        guard let first = result.1.first, first != "+", first != "-" else { return nil }
        return result
    }

    /// Digits with a point, an exponent or both, and at least one digit before the exponent.
    private static func isFloat(_ text: Substring) -> Bool {
        var bytes = Array(text.utf8)[...]
        let whole = bytes.prefix(while: isDigit)
        bytes = bytes.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if bytes.first == UInt8(ascii: ".") {
            fraction = bytes.dropFirst().prefix(while: isDigit)
            bytes = bytes.dropFirst(fraction.count + 1)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return false }
        guard let mark = bytes.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        bytes = bytes.dropFirst()
        if bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-") {
            bytes = bytes.dropFirst()
        }
        return !bytes.isEmpty && bytes.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
