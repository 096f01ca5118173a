import CivilCalendar
import KubernetesCore

/// Texts of durations, which are nanoseconds.
enum CELDuration {
    /// Seconds with their fraction, as in `1.5s`.
    static func text(_ nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        var result = (nanoseconds < 0 ? "-" : "") + String(magnitude / 1_000_000_000)
        let rest = magnitude % 1_000_000_000
        if rest != 0 {
            var digits = CivilTime.pad(Int64(rest), 9)
            while digits.hasSuffix("0") { digits.removeLast() }
            result += "." + digits
        }
        return result + "s"
    }

    /// Reads Go's syntax: `1h30m`, `-1.5s`, `0`; `nil` where it is none or does not fit.
    static func parse(_ text: String) -> Int64? { GoDuration(text)?.nanoseconds }
}
