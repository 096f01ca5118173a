/// Numbers as people read them.
enum DecimalText {
    /// `value` with one decimal, without one where it is large; `–` where it is no number.
    static func of(_ value: Double?) -> String {
        guard let value, value.isFinite, abs(value) < 1e15 else { return "–" }
        if abs(value) >= 100 { return "\(Int(value.rounded()))" }
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    /// `count` with thin gaps between thousands, as in `12 000`.
    static func grouped(_ count: Int) -> String {
        var result = ""
        for (index, digit) in String(count.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { result.append("\u{202F}") }
            result.append(digit)
        }
        return (count < 0 ? "-" : "") + String(result.reversed())
    }
}
