import ControlLoop

/// How series are written in the text formats of OpenMetrics and of Prometheus.
enum MetricsText {
    /// The two lines that come before a family. Prometheus' own format knows a counter by the name
    /// of its samples.
    static func head(
        _ name: String, _ family: MetricsRegistry.Family, _ format: MetricsFormat
    ) -> [String] {
        let isSuffixed = format == .prometheus && family.kind == .counter
        let name = isSuffixed ? name + "_total" : name
        return [
            "# HELP \(name) \(escaped(family.help))", "# TYPE \(name) \(family.kind.rawValue)",
        ]
    }

    static func lines(
        _ name: String, _ family: MetricsRegistry.Family, _ values: [String],
        _ series: MetricsRegistry.Series
    ) -> [String] {
        let labels = Array(zip(family.labels, values))
        switch family.kind {
        case .gauge: return ["\(name)\(set(labels)) \(number(series.value))"]
        case .counter: return ["\(name)_total\(set(labels)) \(number(series.value))"]
        case .histogram:
            var result: [String] = []
            var total: UInt64 = 0
            for (index, count) in series.buckets.enumerated() {
                total += count
                let bound = index < family.bounds.count ? bound(family.bounds[index]) : "+Inf"
                result.append("\(name)_bucket\(set(labels + [("le", bound)])) \(total)")
            }
            result.append("\(name)_sum\(set(labels)) \(number(series.value))")
            result.append("\(name)_count\(set(labels)) \(series.count)")
            return result
        }
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"": result += "\\\""
            default: result.append(character)
            }
        }
        return result
    }

    private static func set(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
    }

    /// An upper bound, which OpenMetrics wants with a point: `1.0`.
    private static func bound(_ value: Double) -> String {
        let text = number(value)
        return text.contains(where: { ".eIN".contains($0) }) ? text : text + ".0"
    }

    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        return String(value)
    }
}
