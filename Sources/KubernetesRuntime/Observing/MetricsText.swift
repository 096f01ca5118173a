/// How series are written in the text format of OpenMetrics.
enum MetricsText {
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
                let bound = index < family.bounds.count ? number(family.bounds[index]) : "+Inf"
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

    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        return String(value)
    }
}
