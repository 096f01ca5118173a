import CivilCalendar
import KubernetesCore

/// A point in time with the offset from UTC that it was written with. Any year from 0 to 9999 can
/// be read.
struct GoTime: Equatable {
    /// Seconds since 1970-01-01T00:00:00Z.
    var seconds: Int64
    /// Nanoseconds behind them, 0 to 999,999,999.
    var nanoseconds: Int64
    /// Seconds east of UTC.
    var offset: Int64

    private static let billion: Int64 = 1_000_000_000
    /// Seconds from the start of the year 1, where Go's time starts, to 1970.
    private static let yearOne: Int64 = 62_135_596_800

    init(seconds: Int64, nanoseconds: Int64 = 0, offset: Int64 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.offset = offset
    }

    init(_ time: Timestamp) {
        seconds = time.seconds
        nanoseconds = time.nanoseconds - time.seconds * Self.billion
        offset = 0
    }

    /// Whether this is the earlier moment.
    func isBefore(_ other: GoTime) -> Bool {
        (seconds, nanoseconds) < (other.seconds, other.nanoseconds)
    }

    /// The length of time from `other` to this, held inside what a duration can be.
    func since(_ other: GoTime) -> GoDuration {
        let difference =
            (Int128(seconds) - Int128(other.seconds)) * Int128(Self.billion)
            + Int128(nanoseconds - other.nanoseconds)
        return GoDuration(nanoseconds: Int64(clamping: difference))
    }

    /// This much later, with the same offset.
    func adding(_ duration: GoDuration) -> GoTime {
        let sum = nanoseconds + duration.nanoseconds % Self.billion
        let carry: Int64 = sum < 0 ? -1 : sum / Self.billion
        return GoTime(
            seconds: seconds + duration.nanoseconds / Self.billion + carry,
            nanoseconds: sum - carry * Self.billion, offset: offset)
    }

    /// The last moment that is a multiple of `duration` since the year 1; this where `duration` is
    /// not above zero.
    func truncated(to duration: GoDuration) -> GoTime {
        guard duration.nanoseconds > 0 else { return self }
        let total =
            (Int128(seconds) + Int128(Self.yearOne)) * Int128(Self.billion) + Int128(nanoseconds)
        let unit = Int128(duration.nanoseconds)
        let rest = ((total % unit) + unit) % unit
        return adding(GoDuration(nanoseconds: -Int64(rest)))
    }

    /// What a clock and a calendar show at this time with `offset`.
    var fields: CivilTime { CivilTime(seconds: seconds + offset) }

    /// The text of RFC 3339, to the second.
    var text: String {
        let result = fields.text
        guard offset != 0 else { return result + "Z" }
        let minutes = Int64(offset.magnitude) / 60
        return result + (offset < 0 ? "-" : "+") + CivilTime.pad(minutes / 60, 2) + ":"
            + CivilTime.pad(minutes % 60, 2)
    }
}
