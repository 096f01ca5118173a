import KubernetesCore

/// Values as Kyverno shows them in messages and as it compares them with texts.
enum GoFormat {
    /// The plain form: strings as they are, `map[a:1 b:2]`, `[1 2]`, `<nil>`.
    static func plain(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: "<nil>"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .double(let number): shortest(number)
        case .string(let text): text
        case .array(let elements): "[" + elements.map(plain).joined(separator: " ") + "]"
        case .object(let members):
            "map[" + members.map { $0 + ":" + plain($1) }.joined(separator: " ") + "]"
        }
    }

    /// The name of the kind of value.
    static func typeName(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: "<nil>"
        case .bool: "bool"
        case .integer: "int64"
        case .double: "float64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }

    /// The fewest digits that read back, with an exponent from a million on and below a
    /// ten-thousandth.
    static func shortest(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf" }
        guard number != 0 else { return number.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = decimal(number.magnitude)
        let sign = number < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            return sign + scientific(digits, exponent, "e")
        }
        return sign + positional(digits, exponent)
    }

    /// A mantissa and an exponent of at least two digits, as in `8.08E+03`.
    static func exponential(_ number: Double) -> String {
        guard number.isFinite else { return shortest(number) }
        guard number != 0 else { return number.sign == .minus ? "-0E+00" : "0E+00" }
        let (digits, exponent) = decimal(number.magnitude)
        return (number < 0 ? "-" : "") + scientific(digits, exponent, "E")
    }

    /// Exactly six decimals where the number is of a size to have any.
    static func fixed(_ number: Double) -> String {
        let scaled = (number.magnitude * 1e6).rounded(.toNearestOrEven)
        guard scaled < 9e18 else {
            guard number.isFinite else { return shortest(number) }
            let (digits, exponent) = decimal(number.magnitude)
            return (number < 0 ? "-" : "") + positional(digits, exponent)
        }
        let (whole, rest) = UInt64(scaled).quotientAndRemainder(dividingBy: 1_000_000)
        let decimals = String(rest)
        let zeros = String(repeating: "0", count: 6 - decimals.utf8.count)
        return (number < 0 ? "-" : "") + "\(whole).\(zeros)\(decimals)"
    }

    private static func scientific(_ digits: String, _ exponent: Int, _ mark: String) -> String {
        let rest = digits.dropFirst()
        let power = String(exponent.magnitude)
        return digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + mark
            + (exponent < 0 ? "-" : "+") + (power.utf8.count < 2 ? "0" : "") + power
    }

    private static func positional(_ digits: String, _ exponent: Int) -> String {
        if exponent < 0 {
            return "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        let count = digits.utf8.count
        if count <= exponent + 1 {
            return digits + String(repeating: "0", count: exponent + 1 - count)
        }
        return digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The significant digits of a positive number and the power of ten of the first of them.
    private static func decimal(_ number: Double) -> (digits: String, exponent: Int) {
        let parts = "\(number)".split(separator: "e", maxSplits: 1)
        let point = (parts.first ?? "").split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        var digits = Substring((point.first ?? "") + (point.count > 1 ? point[1] : ""))
        exponent += (point.first?.utf8.count ?? 1) - 1
        while digits.utf8.count > 1, digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.utf8.count > 1, digits.last == "0" { digits.removeLast() }
        return (String(digits), exponent)
    }
}
