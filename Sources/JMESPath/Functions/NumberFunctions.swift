import KubernetesCore

/// The specification's functions of numbers.
enum NumberFunctions {
    static let all: [Function] = [
        Function("abs", [.number]) { a, _ throws(JMESPathError) in
            if case .integer(let number) = a.value(0), number != .min {
                return .integer(number < 0 ? -number : number)
            }
            return try number(a.number(0).magnitude, a.function)
        },
        Function("ceil", [.number]) { a, _ throws(JMESPathError) in
            if case .integer = a.value(0) { return a.value(0) }
            return try number(a.number(0).rounded(.up), a.function)
        },
        Function("floor", [.number]) { a, _ throws(JMESPathError) in
            if case .integer = a.value(0) { return a.value(0) }
            return try number(a.number(0).rounded(.down), a.function)
        },
        Function("avg", [.numbers]) { a, _ throws(JMESPathError) in
            let elements = a.array(0)
            guard !elements.isEmpty else { return .null }
            let total = elements.reduce(0.0) { $0 + ($1.double ?? 0) }
            return try number(total / Double(elements.count), a.function)
        },
        Function("sum", [.numbers]) { a, _ throws(JMESPathError) in
            let elements = a.array(0)
            var exact: Int64? = 0
            var total = 0.0
            for element in elements {
                total += element.double ?? 0
                exact = exact.flatMap { sum in
                    guard let whole = element.integer else { return nil }
                    let (next, overflow) = sum.addingReportingOverflow(whole)
                    return overflow ? nil : next
                }
            }
            if let exact { return .integer(exact) }
            return try number(total, a.function)
        },
        Function("max", [[.numbers, .strings]]) { a, _ throws(JMESPathError) in
            extreme(a.array(0)) { $0 > 0 }
        },
        Function("min", [[.numbers, .strings]]) { a, _ throws(JMESPathError) in
            extreme(a.array(0)) { $0 < 0 }
        },
        Function("to_number", [.any]) { a, run throws(JMESPathError) in
            switch a.value(0) {
            case .integer, .double: return a.value(0)
            case .string(let text): return parse(text, run.dialect) ?? .null
            default: return .null
            }
        },
    ]

    /// The first of the elements that is before all others in the order that `wins` asks for.
    private static func extreme(_ elements: [JSONValue], _ wins: (Int) -> Bool) -> JSONValue {
        guard var best = elements.first else { return .null }
        for element in elements.dropFirst() {
            if let order = Order.of(element, best), wins(order) { best = element }
        }
        return best
    }

    /// `value` as JSON: a whole number where it is one. There is no number for infinity.
    static func number(_ value: Double, _ function: Function) throws(JMESPathError) -> JSONValue {
        guard value.isFinite else { throw function.invalid("the result is no finite number") }
        if value.magnitude < 0x1p53, let whole = Int64(exactly: value) { return .integer(whole) }
        return .double(value)
    }

    /// The number that a text spells: as JSON writes it; Kyverno also takes `+1`, `.5` and `1.`.
    private static func parse(_ text: String, _ dialect: JMESPathDialect) -> JSONValue? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 400 else { return nil }
        let isDigit = { (byte: UInt8) in byte >= 0x30 && byte <= 0x39 }
        if dialect == .standard {
            guard isDigit(first) || first == UInt8(ascii: "-"), isDigit(bytes[bytes.count - 1])
            else { return nil }
            guard let value = try? JSONValue(parsing: bytes), let number = value.double,
                number.isFinite
            else { return nil }
            return value
        }
        let allowed = Set("+-.eE".utf8)
        guard bytes.allSatisfy({ isDigit($0) || allowed.contains($0) }) else { return nil }
        if let whole = Int64(text) { return .integer(whole) }
        var padded = text.hasSuffix(".") ? text + "0" : text
        let body = padded.drop { $0 == "+" || $0 == "-" }
        if body.hasPrefix(".") { padded = padded.prefix(padded.count - body.count) + "0" + body }
        guard let number = Double(padded), number.isFinite else { return nil }
        return .double(number)
    }
}
