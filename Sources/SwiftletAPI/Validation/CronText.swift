/// Whether a text has the shape of a cron expression: five fields of numbers, names, ranges, lists
/// and steps inside their bounds, or a macro. When it fires is the scheduler's to say.
public enum CronText {
    /// The macros that stand for whole expressions.
    public static let macros: Set<String> = [
        "@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly",
    ]

    /// What is wrong with `text`, in words; nil where it is well formed.
    public static func fault(in text: String) -> String? {
        let trimmed = text.trimmingSpaces
        if trimmed.hasPrefix("@") {
            return macros.contains(trimmed)
                ? nil
                : "\"\(text.prefix(64))\" is none of \(macros.sorted().joined(separator: ", "))"
        }
        let parts = trimmed.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard parts.count == fields.count else {
            return "has \(parts.count) fields where a cron expression has 5: minute, hour, day of "
                + "month, month, day of week"
        }
        for (part, field) in zip(parts, fields) {
            if let fault = field.fault(in: part) { return "\(field.name): \(fault)" }
        }
        return nil
    }

    private static let fields = [
        Field(name: "minute", range: 0...59, words: []),
        Field(name: "hour", range: 0...23, words: []),
        Field(name: "day of month", range: 1...31, words: []),
        Field(
            name: "month", range: 1...12,
            words: [
                "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
            ]),
        Field(
            name: "day of week", range: 0...7,
            words: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ]

    /// One of the five fields. The first of `words` stands for the range's lower bound.
    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        let words: [String]

        func fault(in text: Substring) -> String? {
            for item in text.split(separator: ",", omittingEmptySubsequences: false) {
                if let fault = itemFault(item) { return fault }
            }
            return nil
        }

        private func itemFault(_ item: Substring) -> String? {
            let halves = item.split(
                separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            if halves.count == 2 {
                guard let step = Int(halves[1]), step >= 1, step <= range.upperBound else {
                    return "\"\(item.prefix(32))\" has no step from 1 to \(range.upperBound)"
                }
            }
            guard let span = halves.first, span != "*", span != "?" else { return nil }
            let ends = span.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            var numbers: [Int] = []
            for end in ends {
                guard let number = number(end) else {
                    return "\"\(end.prefix(32))\" is no value from \(range.lowerBound) to "
                        + "\(range.upperBound)"
                }
                numbers.append(number)
            }
            if let first = numbers.first, let last = numbers.last, first > last {
                return "\"\(span.prefix(32))\" ends before it begins"
            }
            return nil
        }

        private func number(_ text: Substring) -> Int? {
            if let index = words.firstIndex(of: text.uppercased()) {
                return range.lowerBound + index
            }
            guard let number = Int(text), range.contains(number) else { return nil }
            return number
        }
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmingSpaces: String {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        var rest = self[...]
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
