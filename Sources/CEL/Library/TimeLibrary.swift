import CivilCalendar

/// Getters of times and durations.
enum TimeLibrary {
    static let functions: [CELFunction] = clocks + dates

    private static func define(
        _ name: String, onDurations: (@Sendable (Int64) -> Int64)? = nil,
        _ get: @escaping @Sendable (CivilTime, CELTimestamp) -> Int64
    ) -> [CELFunction] {
        var signatures = ["timestamp.() -> int", "timestamp.(string) -> int"]
        if onDurations != nil { signatures.append("duration.() -> int") }
        return CELFunction.define(name, signatures) { a, e throws(CELError) in
            switch a[0] {
            case .timestamp(let time):
                var offset: Int64 = 0
                if a.count > 1 {
                    guard case .string(let zone) = a[1] else { throw .noOverload }
                    offset = try TimeZones.offset(zone, time.seconds, e.zones)
                }
                return .int(get(CivilTime(seconds: time.seconds + offset), time))
            case .duration(let nanoseconds):
                guard let onDurations, a.count == 1 else { throw .noOverload }
                return .int(onDurations(nanoseconds))
            default: throw .noOverload
            }
        }
    }

    private static let clocks: [CELFunction] =
        define("getHours", onDurations: { $0 / 3_600_000_000_000 }) { civil, _ in civil.hour }
        + define("getMinutes", onDurations: { $0 / 60_000_000_000 }) { civil, _ in civil.minute }
        + define("getSeconds", onDurations: { $0 / 1_000_000_000 }) { civil, _ in civil.second }
        + define("getMilliseconds", onDurations: { $0 / 1_000_000 }) { _, time in
            Int64(time.nanoseconds) / 1_000_000
        }

    private static let dates: [CELFunction] =
        define("getFullYear") { civil, _ in civil.year }
        + define("getMonth") { civil, _ in civil.month - 1 }
        + define("getDayOfYear") { civil, _ in civil.dayOfYear }
        + define("getDayOfMonth") { civil, _ in civil.day - 1 }
        + define("getDate") { civil, _ in civil.day }
        + define("getDayOfWeek") { civil, _ in civil.weekday }
}

/// Offsets from UTC.
enum TimeZones {
    /// The offset of `zone` at `seconds`: an offset as `+02:00`, or a name that `zones` knows.
    static func offset(
        _ zone: String, _ seconds: Int64, _ zones: CELZones
    ) throws(CELError) -> Int64 {
        if zone == "UTC" || zone.isEmpty { return 0 }
        if let fixed = fixed(zone) { return fixed }
        let isName =
            zone.utf8.count <= 64 && !zone.contains("..") && !zone.hasPrefix("/")
            && zone.unicodeScalars.allSatisfy {
                CELLexer.isLetter($0) || CELLexer.isDigit($0)
                    || "/+-".unicodeScalars.contains($0)
            }
        guard isName, let data = zones.data(zone), let rules = ZoneRules(parsing: data) else {
            throw CELError("unknown time zone \(zone)")
        }
        return rules.offset(at: seconds)
    }

    private static func fixed(_ zone: String) -> Int64? {
        let negative = zone.hasPrefix("-")
        let body = negative || zone.hasPrefix("+") ? zone.dropFirst() : zone[...]
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count <= 2, parts[1].utf8.count == 2,
            let hours = CELConversions.unsigned(String(parts[0])),
            let minutes = CELConversions.unsigned(String(parts[1])), hours <= 23, minutes <= 59
        else { return nil }
        let seconds = Int64(hours * 3_600 + minutes * 60)
        return negative ? -seconds : seconds
    }
}
