public import KubernetesCore

/// Durations as `kubectl get` shows ages: two units where that helps, one where it does not.
public enum AgeText {
    /// `duration` in words; what lies in the future by a clock that differs is `0s`.
    public static func of(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        if seconds < 120 { return "\(seconds)s" }
        let minutes = seconds / 60
        if minutes < 10 { return "\(minutes)m" + rest(seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        let hours = minutes / 60
        if hours < 8 { return "\(hours)h" + rest(minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if days < 8 { return "\(days)d" + rest(hours % 24, "h") }
        if days < 730 { return "\(days)d" }
        let years = days / 365
        return years < 8 ? "\(years)y" + rest(days % 365, "d") : "\(years)y"
    }

    /// The time from `start` to `end`; nil where one is not known.
    public static func between(_ start: Timestamp?, _ end: Timestamp?) -> String? {
        guard let start, let end else { return nil }
        return of(end - start)
    }

    private static func rest(_ count: Int64, _ unit: String) -> String {
        count == 0 ? "" : "\(count)\(unit)"
    }
}
