/// A metric as it is declared: what it is called, what it counts, and by what.
public struct MetricFamily: Sendable, Hashable {
    /// How its numbers move.
    public enum Kind: String, Sendable, Hashable {
        /// Only grows. In the text its name has the suffix `_total`.
        case counter
        /// Goes up and down.
        case gauge
        /// How often values fell under which bounds.
        case histogram
    }

    /// Its name; of a counter without `_total`.
    public let name: String
    /// How its numbers move.
    public let kind: Kind
    /// What it counts, in a sentence for people.
    public let help: String
    /// The names of its labels, in their order.
    public let labels: [String]
    /// The upper bounds of a histogram's buckets, ascending.
    public let bounds: [Double]
    /// Most sets of labels that it has; what is more is counted together as `other`.
    public let seriesMax: Int

    /// A family by all its parts.
    public init(
        _ name: String, _ kind: Kind, _ help: String, labels: [String] = [],
        bounds: [Double] = [], seriesMax: Int = 500
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.bounds = bounds
        self.seriesMax = seriesMax
    }

    /// The names that its samples have in the text.
    public var sampleNames: [String] {
        switch kind {
        case .counter: [name + "_total"]
        case .gauge: [name]
        case .histogram: ["_bucket", "_sum", "_count"].map { name + $0 }
        }
    }
}
