import KubernetesCore

/// How long ago something was, in at most two units, as kubectl shows ages.
enum HumanDuration {
    /// The age of a time text of an object; `<unknown>` where there is none.
    static func age(_ text: String?, now: Timestamp) -> String {
        guard let text, let time = Timestamp(text) else { return "<unknown>" }
        return HumanDuration.text(now - time)
    }

    static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        if seconds < 120 { return "\(seconds)s" }
        let minutes = seconds / 60
        if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        let hours = minutes / 60
        if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if days < 8 { return pair(days, "d", hours % 24, "h") }
        if days < 365 * 2 { return "\(days)d" }
        if days < 365 * 8 { return pair(days / 365, "y", days % 365, "d") }
        return "\(days / 365)y"
    }

    private static func pair(
        _ first: Int64, _ unit: String, _ second: Int64, _ smaller: String
    ) -> String {
        second == 0 ? "\(first)\(unit)" : "\(first)\(unit)\(second)\(smaller)"
    }
}
