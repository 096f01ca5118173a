/// Texts as the programs of Kubernetes print them, so that messages are the same to the letter.
public enum GoText {
    /// `text` in double quotes with everything escaped that is not printable.
    public static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{07}": result += "\\a"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0B}": result += "\\v"
            default: result += isPrintable(scalar) ? String(scalar) : escape(scalar)
            }
        }
        return result + "\""
    }

    /// A number with the fewest digits that read back; exponents below 1e-4 and from 1e21 on.
    static func general(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf" }
        guard number != 0 else { return number.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = decimal(number.magnitude)
        let sign = number < 0 ? "-" : ""
        if exponent < -4 || exponent >= 21 {
            let rest = digits.dropFirst()
            let mantissa = String(digits.prefix(1)) + (rest.isEmpty ? "" : "." + rest)
            let power = String(exponent.magnitude)
            return sign + mantissa + "e" + (exponent < 0 ? "-" : "+")
                + (power.utf8.count < 2 ? "0" : "") + power
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        if digits.utf8.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.utf8.count)
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The significant digits of a positive number and the power of ten of the first of them.
    static func decimal(_ number: Double) -> (digits: String, exponent: Int) {
        let text = "\(number)"
        let parts = text.split(separator: "e", maxSplits: 1)
        let mantissa = parts.first ?? ""
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let point = mantissa.split(separator: ".", maxSplits: 1)
        let whole = String(point.first ?? "")
        let fraction = point.count > 1 ? String(point[1]) : ""
        var digits = whole + fraction
        exponent += whole.utf8.count - 1
        while digits.utf8.count > 1, digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.utf8.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, exponent)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        func pad(_ width: Int) -> String {
            String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        if scalar.value < 0x80 { return "\\x" + pad(2) }
        return scalar.value < 0x10000 ? "\\u" + pad(4) : "\\U" + pad(8)
    }
}
