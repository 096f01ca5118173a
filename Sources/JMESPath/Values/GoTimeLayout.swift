import CivilCalendar

/// Go's way to say how a time is written: by the moment `Mon Jan 2 15:04:05 MST 2006`, written so.
struct GoTimeLayout {
    static let rfc3339 = GoTimeLayout("2006-01-02T15:04:05Z07:00")

    /// A part of a layout.
    enum Part: Equatable {
        case text(String)
        case longYear, year
        case longMonth, month, numberMonth, zeroMonth
        case longWeekday, weekday
        case day, spaceDay, zeroDay
        case spaceYearDay, zeroYearDay
        case hour, hour12, zeroHour12
        case minute, zeroMinute, second, zeroSecond
        case fraction(digits: Int), anyFraction
        case upperHalf, lowerHalf
        case zoneName
        case zone(Zone)

        /// Whether this reads the digits behind a second's point.
        var isFraction: Bool {
            switch self {
            case .fraction, .anyFraction: true
            default: false
            }
        }
    }

    /// How an offset from UTC is written.
    struct Zone: Equatable {
        /// Whether `Z` stands for no offset.
        var allowsZ: Bool
        var hasColons: Bool
        /// Hours, minutes and seconds: 1 to 3.
        var parts: Int
    }

    private(set) var parts: [Part] = []

    init(_ layout: String) {
        var rest = Array(layout.utf8)[...]
        var text: [UInt8] = []
        while let first = rest.first {
            if let (part, length) = Self.part(rest) {
                if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
                text = []
                parts.append(part)
                rest.removeFirst(length)
            } else {
                text.append(first)
                rest.removeFirst()
            }
        }
        if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
    }

    /// Words with a meaning, longer ones before those that they start with.
    private static let words: [(String, Part)] = [
        ("January", .longMonth), ("Monday", .longWeekday), ("MST", .zoneName),
        ("2006", .longYear), ("002", .zeroYearDay), ("01", .zeroMonth), ("02", .zeroDay),
        ("03", .zeroHour12), ("04", .zeroMinute), ("05", .zeroSecond), ("06", .year),
        ("15", .hour), ("__2", .spaceYearDay), ("_2", .spaceDay), ("PM", .upperHalf),
        ("pm", .lowerHalf), ("1", .numberMonth), ("2", .day), ("3", .hour12), ("4", .minute),
        ("5", .second),
    ]
    private static let zones: [(String, Zone)] = ["Z", "-"].flatMap { sign in
        [
            ("070000", false, 3), ("07:00:00", true, 3), ("0700", false, 2), ("07:00", true, 2),
            ("07", false, 1),
        ].map { digits, hasColons, parts in
            (sign + digits, Zone(allowsZ: sign == "Z", hasColons: hasColons, parts: parts))
        }
    }

    private static func part(_ rest: ArraySlice<UInt8>) -> (Part, Int)? {
        // `_2006` is an underscore and a year.
        if rest.starts(with: "_2006".utf8) { return nil }
        for (word, part) in words where rest.starts(with: word.utf8) {
            return (part, word.utf8.count)
        }
        for (word, part) in [("Jan", Part.month), ("Mon", .weekday)]
        where rest.starts(with: word.utf8) {
            // Not where it starts some other word.
            let next = rest.dropFirst(3).first
            if next.map({ $0 >= 0x61 && $0 <= 0x7A }) != true { return (part, 3) }
        }
        for (word, zone) in zones where rest.starts(with: word.utf8) {
            return (.zone(zone), word.utf8.count)
        }
        return fraction(rest)
    }

    private static func fraction(_ rest: ArraySlice<UInt8>) -> (Part, Int)? {
        guard let point = rest.first, point == UInt8(ascii: ".") || point == UInt8(ascii: ","),
            let digit = rest.dropFirst().first,
            digit == UInt8(ascii: "0") || digit == UInt8(ascii: "9")
        else { return nil }
        let digits = rest.dropFirst().prefix { $0 == digit }
        if let next = rest.dropFirst(1 + digits.count).first, next >= 0x30, next <= 0x39 {
            return nil
        }
        let part: Part = digit == UInt8(ascii: "0") ? .fraction(digits: digits.count) : .anyFraction
        return (part, 1 + digits.count)
    }

    /// The time that `text` says in this layout; `nil` where it says none.
    func read(_ text: String) -> GoTime? {
        var reader = GoTimeReader(text)
        for (index, part) in parts.enumerated() {
            let next = index + 1 < parts.count ? parts[index + 1] : nil
            guard reader.read(part, next: next) else { return nil }
        }
        return reader.time
    }
}
