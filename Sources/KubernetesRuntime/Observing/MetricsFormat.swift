/// In which words metrics are told.
public enum MetricsFormat: Sendable, Hashable {
    /// OpenMetrics 1.0.
    case openMetrics
    /// The text format of Prometheus, 0.0.4.
    case prometheus

    /// The format that a scraper gets which sends this `Accept` field: OpenMetrics where it names
    /// it, else the older one, which everything reads.
    public init(accept: String?) {
        self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
    }

    /// The media type of the text.
    public var contentType: String {
        switch self {
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        }
    }
}
