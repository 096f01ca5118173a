import KubernetesCore
import Locking

/// The text of the `date` field of answers, made once a second.
final class DateField: Sendable {
    private let last = Mutex((second: Int64.min, text: ""))

    /// The time now, as HTTP writes it.
    var text: String {
        let time = WallClock.time
        return last.withLock { last in
            if last.second != time.seconds { last = (time.seconds, Self.text(of: time)) }
            return last.text
        }
    }

    /// A time as HTTP writes it (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. Pinned by
    /// `a date is written as HTTP has it`.
    static func text(of time: Timestamp) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        // 2026-03-01T09:30:00Z
        let digits = Array(time.description)
        guard digits.count == 20, let month = Int(String(digits[5...6])),
            months.indices.contains(month - 1)
        else { return "Thu, 01 Jan 1970 00:00:00 GMT" }
        let day = time.seconds / 86_400 - (time.seconds % 86_400 < 0 ? 1 : 0)
        return days[Int((day % 7 + 7) % 7)] + ", " + String(digits[8...9]) + " "
            + months[month - 1] + " " + String(digits[0...3]) + " " + String(digits[11...18])
            + " GMT"
    }
}
