import KubernetesCore

/// What Kyverno calculates with: amounts of resources, lengths of time, and numbers.
enum Operand {
    /// `places`: how many decimals the text was written with; quotients keep as many.
    case quantity(Quantity, places: Int)
    case duration(GoDuration)
    case scalar(Double)

    /// Reads a number, or a text that is a quantity or a duration, tried in this order.
    init?(_ value: JSONValue) {
        switch value {
        case .integer, .double: self = .scalar(value.double ?? 0)
        case .string(let text):
            guard text.utf8.count <= 400 else { return nil }
            if let quantity = try? Quantity(text) {
                self = .quantity(quantity, places: Self.places(text, quantity.format))
            } else if let duration = GoDuration(text) {
                self = .duration(duration)
            } else {
                return nil
            }
        default: return nil
        }
    }

    /// The decimals that a server keeps for a quantity: those written, moved by the unit.
    private static func places(_ text: String, _ format: Quantity.Format) -> Int {
        let isDigit = { (byte: UInt8) in byte >= 0x30 && byte <= 0x39 }
        let number = text.utf8.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        let whole = number.prefix(while: isDigit)
        var rest = number.dropFirst(whole.count)
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(fraction)
        }
        let suffix = String(decoding: rest, as: UTF8.self)
        if suffix.hasSuffix("i") { return fraction == 0 ? 0 : 9 }
        guard whole.count + fraction <= 18 else { return 9 }
        let powers = ["n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18]
        let power = powers[suffix] ?? Int(suffix.dropFirst()) ?? 0
        return fraction - min(max(power, -1_000), 1_000)
    }

    /// What a server makes of a scalar that meets a quantity.
    static func quantity(of scalar: Double) -> Quantity? {
        try? Quantity(reading: .double(scalar))
    }
}
