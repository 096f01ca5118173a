public import ControlLoop
import Locking

/// Families and measurements that are values: what pure code measures is taken in here.
extension MetricsRegistry {
    /// Declares families; one that is there already stays as it is.
    public func declare(_ families: [MetricFamily]) {
        for family in families {
            declare(
                family.name,
                Family(
                    kind: family.kind, help: family.help, labels: family.labels,
                    bounds: family.bounds.sorted(), seriesMax: family.seriesMax))
        }
    }

    /// Everything that is declared, in order of names.
    public var declared: [MetricFamily] {
        families.withLock { $0 }.sorted { $0.key < $1.key }.map { name, family in
            MetricFamily(
                name, family.kind, family.help, labels: family.labels, bounds: family.bounds,
                seriesMax: family.seriesMax ?? seriesMax)
        }
    }

    /// Takes measurements in: counters grow, gauges are set, histograms count. What belongs to no
    /// family is ignored.
    public func record(_ measurements: some Sequence<Measurement>) {
        for measurement in measurements {
            let kind = families.withLock { $0[measurement.family]?.kind }
            let amount = measurement.amount
            switch kind {
            case .counter:
                Counter(registry: self, name: measurement.family)
                    .increment(measurement.labels, by: amount)
            case .gauge:
                Gauge(registry: self, name: measurement.family).set(amount, measurement.labels)
            case .histogram:
                Histogram(registry: self, name: measurement.family)
                    .observe(amount, measurement.labels)
            case nil: continue
            }
        }
    }

    /// Puts these measurements in the place of everything that gauges of these families say: what
    /// is not measured any more is gone. Above a family's bound, `other` has the sum.
    public func replace(_ gauges: [MetricFamily], with measurements: some Sequence<Measurement>) {
        families.withLock { families in
            for gauge in gauges { families[gauge.name]?.series = [:] }
        }
        for measurement in measurements {
            // Each set of labels is measured once, so that adding to nothing sets it.
            update(measurement.family, measurement.labels) { series, _ in
                series.value += measurement.amount
            }
        }
    }

    /// Removes every series that has all of these label values: those of an object that is gone.
    public func forget(_ labels: [String: String]) {
        guard !labels.isEmpty else { return }
        families.withLock { families in
            for (name, family) in families where Set(labels.keys).isSubset(of: family.labels) {
                let places = family.labels.indices.filter { labels[family.labels[$0]] != nil }
                families[name]?.series = family.series.filter { key, _ in
                    !places.allSatisfy { key[$0] == labels[family.labels[$0]] }
                }
            }
        }
    }
}
