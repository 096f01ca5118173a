/// Dates as HTTP writes them (RFC 9110, 5.6.7): always in GMT, in the one form that is written
/// today and in the two that must still be read.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The time that `text` says; nil where it is no such date. Pinned by
    /// `a date of HTTP is read in all three forms`.
    static func read(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 40 else { return nil }
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" })
            .map(String.init)
        switch words.count {
        case 6 where words[5] == "GMT" && words[3].utf8.count == 4:
            // Sun, 06 Nov 1994 08:49:37 GMT
            return time(year: words[3], month: words[2], day: words[1], clock: words[4])
        case 6 where words[5] == "GMT":
            // Sunday, 06-Nov-94 08:49:37 GMT
            guard let short = Int(words[3]), (0..<100).contains(short) else { return nil }
            return time(
                year: String(short < 70 ? 2_000 + short : 1_900 + short), month: words[2],
                day: words[1], clock: words[4])
        case 5:
            // Sun Nov  6 08:49:37 1994
            return time(year: words[4], month: words[1], day: words[2], clock: words[3])
        default: return nil
        }
    }

    private static func time(
        year: String, month: String, day: String, clock: String
    ) -> Timestamp? {
        guard let number = months.firstIndex(of: month) else { return nil }
        let padded = day.utf8.count == 1 ? "0" + day : day
        let ordinal = number + 1 < 10 ? "0\(number + 1)" : "\(number + 1)"
        return Timestamp("\(year)-\(ordinal)-\(padded)T\(clock)Z")
    }
}
