import CivilCalendar

/// The time zones that schedules can be read in. The files come from the edge: what is decided
/// follows from values alone.
public struct ZoneTable: Sendable {
    private let zones: [String: ZoneRules]

    /// UTC alone.
    public static let utc = ZoneTable(files: [:])

    /// The zones of a time zone database: compiled files (RFC 9636) by their names, as in
    /// `Europe/Berlin`. What is no such file is left out.
    public init(files: [String: [UInt8]]) {
        var zones = files.compactMapValues { ZoneRules(parsing: $0) }
        for name in ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z"] where zones[name] == nil {
            zones[name] = .utc
        }
        self.zones = zones
    }

    /// How many zones there are.
    public var count: Int { zones.count }

    subscript(name: String) -> ZoneRules? { zones[name] }
}
