import KubernetesCore

/// Says what is wrong with a time text in the words of Go's reader of times, which clients of
/// Kubernetes know.
enum GoTimeFault {
    /// The two forms in which Kubernetes writes times.
    enum Layout {
        /// RFC 3339, fractions of seconds allowed.
        case seconds
        /// RFC 3339 with exactly six digits behind the seconds.
        case microseconds

        var text: String {
            switch self {
            case .seconds: "2006-01-02T15:04:05Z07:00"
            case .microseconds: "2006-01-02T15:04:05.000000Z07:00"
            }
        }
    }

    /// One part of a layout: what it is called, and how it is read from the front of a text.
    private enum Part {
        case digits(String, count: Int, range: ClosedRange<Int>, unit: String)
        case literal(String)
        case fraction
        case zone
    }

    private static let parts: [Part] = [
        .digits("2006", count: 4, range: 0...9_999, unit: "year"), .literal("-"),
        .digits("01", count: 2, range: 1...12, unit: "month"), .literal("-"),
        .digits("02", count: 2, range: 1...31, unit: "day"), .literal("T"),
        .digits("15", count: 2, range: 0...23, unit: "hour"), .literal(":"),
        .digits("04", count: 2, range: 0...59, unit: "minute"), .literal(":"),
        .digits("05", count: 2, range: 0...59, unit: "second"),
    ]

    /// What is wrong with `text`; nil where it is a time of this layout.
    static func describe(_ text: String, _ layout: Layout) -> String? {
        var rest = Substring(text)
        let all = parts + (layout == .microseconds ? [.fraction] : []) + [.zone]
        for part in all {
            if let name = take(part, from: &rest, layout) {
                guard name.isRange else {
                    return "parsing time \(GoText.quote(text)) as \(GoText.quote(layout.text)): "
                        + "cannot parse \(GoText.quote(String(name.at))) as "
                        + GoText.quote(name.part)
                }
                return "parsing time \(GoText.quote(text)): \(name.part) out of range"
            }
        }
        guard rest.isEmpty else {
            return "parsing time \(GoText.quote(text)): extra text: \(GoText.quote(String(rest)))"
        }
        return nil
    }

    /// Where and at what a text stops being a time.
    private struct Stop {
        var part: String
        var at: Substring
        var isRange = false
    }

    private static func take(
        _ part: Part, from rest: inout Substring, _ layout: Layout
    ) -> Stop? {
        let start = rest
        switch part {
        case .literal(let text):
            guard rest.hasPrefix(text) else { return Stop(part: text, at: start) }
            rest.removeFirst(text.count)
        case .digits(let name, let count, let range, let unit):
            let digits = rest.prefix(count)
            guard digits.count == count, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(digits)
            else { return Stop(part: name, at: start) }
            rest.removeFirst(count)
            guard range.contains(number) else { return Stop(part: unit, at: start, isRange: true) }
            if unit == "second", layout == .seconds { skipFraction(&rest) }
        case .fraction:
            let digits = rest.dropFirst().prefix(6)
            guard rest.hasPrefix("."), digits.count == 6,
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return Stop(part: ".000000", at: start) }
            rest.removeFirst(7)
        case .zone: return zone(&rest)
        }
        return nil
    }

    private static func skipFraction(_ rest: inout Substring) {
        guard rest.hasPrefix("."), rest.dropFirst().first?.isNumber == true else { return }
        rest.removeFirst()
        while rest.first?.isNumber == true { rest.removeFirst() }
    }

    private static func zone(_ rest: inout Substring) -> Stop? {
        let start = rest
        if rest.first == "Z" {
            rest.removeFirst()
            return nil
        }
        let field = Array(rest.prefix(6).utf8)
        let isOffset =
            field.count == 6 && (field[0] == 0x2B || field[0] == 0x2D) && field[3] == 0x3A
            && [1, 2, 4, 5].allSatisfy { (0x30...0x39).contains(field[$0]) }
        guard isOffset else { return Stop(part: "Z07:00", at: start) }
        rest.removeFirst(6)
        return nil
    }
}
