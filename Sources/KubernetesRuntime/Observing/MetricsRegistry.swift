import ControlLoop
import Locking

/// Counters, gauges and histograms of this process, and their text for scrapers.
///
/// Bounded: a family takes in at most `seriesMax` sets of labels; further ones are counted together
/// under the label value `other`.
public final class MetricsRegistry: Sendable {
    typealias Kind = MetricFamily.Kind

    struct Series: Sendable {
        var value = 0.0
        var buckets: [UInt64] = []
        var count: UInt64 = 0
    }

    struct Family: Sendable {
        let kind: Kind
        let help: String
        let labels: [String]
        let bounds: [Double]
        /// Most series; nil for the registry's own limit.
        var seriesMax: Int?
        var series: [[String]: Series] = [:]
    }

    let families = Mutex<[String: Family]>([:])
    private let collectors = Mutex<[@Sendable () -> Void]>([])
    let seriesMax: Int

    /// An empty registry.
    public init(seriesMax: Int = 500) { self.seriesMax = seriesMax }

    /// A counter. `name` is without the suffix `_total`, which the text adds.
    public func counter(_ name: String, _ help: String, labels: [String] = []) -> Counter {
        declare(name, Family(kind: .counter, help: help, labels: labels, bounds: []))
        return Counter(registry: self, name: name)
    }

    /// A value that goes up and down, one for each combination of labels.
    public func gauge(_ name: String, _ help: String, labels: [String] = []) -> Gauge {
        declare(name, Family(kind: .gauge, help: help, labels: labels, bounds: []))
        return Gauge(registry: self, name: name)
    }

    /// A histogram with these upper bounds, ascending; the unbounded bucket is added.
    public func histogram(
        _ name: String, _ help: String, labels: [String] = [],
        bounds: [Double] = MetricsRegistry.latencyBounds
    ) -> Histogram {
        declare(
            name, Family(kind: .histogram, help: help, labels: labels, bounds: bounds.sorted()))
        return Histogram(registry: self, name: name)
    }

    /// Bounds for latencies in seconds, from half a millisecond to one minute.
    public static let latencyBounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    func declare(_ name: String, _ family: Family) {
        families.withLock { families in
            if families[name] == nil { families[name] = family }
        }
    }

    /// Has `collect` called before each reading of the text, for what is only known at that moment.
    public func addCollector(_ collect: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(collect) }
    }

    /// Changes one series; a wrong number of label values is padded or cut.
    func update(_ name: String, _ labels: [String], _ change: (inout Series, [Double]) -> Void) {
        families.withLock { families in
            guard var family = families.removeValue(forKey: name) else { return }
            var key = Array(labels.prefix(family.labels.count))
            while key.count < family.labels.count { key.append("") }
            if family.series[key] == nil, family.series.count >= family.seriesMax ?? seriesMax {
                key = key.map { _ in "other" }
            }
            var series = family.series.removeValue(forKey: key) ?? Series()
            change(&series, family.bounds)
            family.series[key] = series
            families[name] = family
        }
    }

    /// The value of a counter or gauge, for tests and health checks; nil where it has none.
    public func value(_ name: String, _ labels: [String] = []) -> Double? {
        families.withLock { $0[name]?.series[labels]?.value }
    }

    /// Everything as text; families and series in order of names.
    public func text(_ format: MetricsFormat = .openMetrics) -> String {
        for collect in collectors.withLock({ $0 }) { collect() }
        let families = families.withLock { $0 }
        var lines: [String] = []
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            lines += MetricsText.head(name, family, format)
            let series = family.series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            for (labels, series) in series {
                lines += MetricsText.lines(name, family, labels, series)
            }
        }
        if format == .openMetrics { lines.append("# EOF") }
        return lines.map { $0 + "\n" }.joined()
    }
}

/// A number that only grows.
public struct Counter: Sendable {
    let registry: MetricsRegistry
    let name: String

    /// Adds to the series of these label values; a negative amount is ignored.
    public func increment(_ labels: [String] = [], by amount: Double = 1) {
        guard amount >= 0 else { return }
        registry.update(name, labels) { series, _ in series.value += amount }
    }

    /// Takes over what something else has counted; a smaller number than before is ignored.
    func set(_ value: Double) {
        registry.update(name, []) { series, _ in series.value = max(series.value, value) }
    }
}

/// A number that goes up and down.
public struct Gauge: Sendable {
    let registry: MetricsRegistry
    let name: String

    /// Sets the series of these label values.
    public func set(_ value: Double, _ labels: [String] = []) {
        registry.update(name, labels) { series, _ in series.value = value }
    }
}

extension MetricsRegistry.Series {
    /// Makes the buckets of a histogram.
    fileprivate mutating func fit(_ bounds: [Double]) {
        guard buckets.isEmpty else { return }
        buckets = [UInt64](repeating: 0, count: bounds.count + 1)
    }
}

/// How often values fell under which bounds.
public struct Histogram: Sendable {
    let registry: MetricsRegistry
    let name: String

    /// Counts a value in the series of these label values.
    public func observe(_ value: Double, _ labels: [String] = []) {
        registry.update(name, labels) { series, bounds in
            series.fit(bounds)
            let index = bounds.firstIndex { value <= $0 } ?? bounds.count
            series.buckets[index] += 1
            series.count += 1
            series.value += value
        }
    }

    /// Brings the series of these label values into being, without any value.
    func declare(_ labels: [String]) {
        registry.update(name, labels) { series, bounds in series.fit(bounds) }
    }
}
