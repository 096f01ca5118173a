/// Something that was measured, as a value: which metric it belongs to, and how much.
public struct Measurement: Sendable, Equatable {
    /// The name of the metric's family.
    public let family: String
    /// The values of the family's labels, in their order.
    public let labels: [String]
    /// How much: what a counter grows by, what a gauge stands at, a value of a histogram.
    public let amount: Double

    /// A measurement by all its parts.
    public init(_ family: MetricFamily, _ labels: [String] = [], _ amount: Double = 1) {
        self.family = family.name
        self.labels = labels
        self.amount = amount
    }
}
