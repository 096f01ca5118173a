/// A duration as the format `duration` of schemas takes it: as Go writes it, or one number and a
/// unit in words, as in `3 days` (package `strfmt` of go-openapi).
enum SpokenDuration {
    private static let units: Set<String> = [
        "ns", "nano", "us", "micro", "ms", "milli", "s", "sec", "m", "min", "h", "hr", "hour", "d",
        "day", "w", "wk", "week",
    ]

    /// Whether `text` is a duration.
    static func accepts(_ text: String) -> Bool {
        if GoDuration(text) != nil { return true }
        let trimmed = text.drop { $0 == " " }
        let digits = trimmed.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, Double(digits) != nil else { return false }
        var unit = trimmed.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        if !units.contains(unit), unit.hasSuffix("s") { unit.removeLast() }
        return units.contains(unit)
    }
}
