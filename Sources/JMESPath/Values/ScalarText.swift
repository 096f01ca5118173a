import KubernetesCore

/// Scalars as the texts that Kyverno makes of them.
enum ScalarText {
    /// The text of a text, a number or a truth value; `nil` for anything else. Numbers are written
    /// without an exponent and with no more digits than 32 bits hold.
    static func of(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): plain("\(Float(number))")
        case .double(let number): plain("\(Float(number))")
        case .null, .array, .object: nil
        }
    }

    /// How many digits behind the point `number` has when it is written without an exponent.
    static func decimals(_ number: Double) -> Int {
        let text = plain("\(number)")
        guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
        return text.utf8.distance(from: point, to: text.utf8.endIndex) - 1
    }

    /// A number that is written with an exponent or `.0`, without them.
    private static func plain(_ text: String) -> String {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: "e", maxSplits: 1)
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let number = (parts.first ?? "").split(separator: ".", maxSplits: 1)
        let whole = String(number.first ?? "")
        let fraction = number.count > 1 && number[1] != "0" ? String(number[1]) : ""
        var digits = whole + fraction
        var point = whole.utf8.count + exponent
        if point <= 0 {
            digits = String(repeating: "0", count: 1 - point) + digits
            point = 1
        }
        if point > digits.utf8.count {
            digits += String(repeating: "0", count: point - digits.utf8.count)
        }
        let tail = digits.dropFirst(point)
        let result = digits.prefix(point) + (tail.isEmpty ? "" : "." + tail)
        return (isNegative ? "-" : "") + result
    }
}
