import ControlLoop
import KubernetesRuntime
import Testing

/// Metrics that are declared and measured as values.
@Suite struct MetricsValueTests {
    private static let counter = MetricFamily("ended", .counter, "Ends", labels: ["ns", "pool"])
    private static let gauge = MetricFamily(
        "standing", .gauge, "Stands", labels: ["ns", "pool"], seriesMax: 2)
    private static let histogram = MetricFamily(
        "took_seconds", .histogram, "Took", labels: ["ns", "pool"], bounds: [1, 10])

    private static func registry() -> MetricsRegistry {
        let registry = MetricsRegistry()
        registry.declare([counter, gauge, histogram])
        return registry
    }

    @Test func `measurements go where their family says`() {
        let registry = Self.registry()
        registry.record([
            Measurement(Self.counter, ["a", "p"]), Measurement(Self.counter, ["a", "p"], 2),
            Measurement(Self.gauge, ["a", "p"], 7), Measurement(Self.histogram, ["a", "p"], 5),
            Measurement(MetricFamily("foreign", .counter, "Unknown")),
        ])
        #expect(registry.value("ended", ["a", "p"]) == 3)
        #expect(registry.value("standing", ["a", "p"]) == 7)
        let text = registry.text(.prometheus)
        #expect(text.contains(#"took_seconds_bucket{ns="a",pool="p",le="10.0"} 1"#))
        #expect(!text.contains("foreign"))
        #expect(registry.declared.map(\.name) == ["ended", "standing", "took_seconds"])
    }

    @Test func `gauges that are replaced forget what is gone`() {
        let registry = Self.registry()
        registry.replace([Self.gauge], with: [Measurement(Self.gauge, ["a", "p"], 1)])
        registry.replace([Self.gauge], with: [Measurement(Self.gauge, ["b", "q"], 2)])
        #expect(registry.value("standing", ["a", "p"]) == nil)
        #expect(registry.value("standing", ["b", "q"]) == 2)
    }

    @Test func `a family has its own bound`() {
        let registry = Self.registry()
        registry.replace(
            [Self.gauge], with: (0..<50).map { Measurement(Self.gauge, ["a", "\($0)"], 1) })
        let series = registry.text(.prometheus).split(separator: "\n")
            .filter { $0.hasPrefix("standing{") }
        #expect(series.count == 3)
        // What is left out is counted together, so that sums over all series are right.
        #expect(registry.value("standing", ["other", "other"]) == 48)
    }

    @Test func `the series of an object go with it, and no others`() {
        let registry = Self.registry()
        registry.record([
            Measurement(Self.counter, ["a", "p"]), Measurement(Self.counter, ["a", "q"]),
            Measurement(Self.histogram, ["a", "p"], 1),
        ])
        registry.forget(["ns": "a", "pool": "p"])
        registry.forget([:])
        registry.forget(["tenant": "a"])
        let text = registry.text(.prometheus)
        #expect(!text.contains(#"pool="p""#))
        #expect(registry.value("ended", ["a", "q"]) == 1)
    }
}
