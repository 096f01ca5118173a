public import ControlLoop

/// The page of the reference about metrics.
public enum MetricsReference {
    /// The page for these metrics.
    public static func page(_ families: [MetricFamily]) -> String {
        var lines = [
            "# Metrics", "",
            "Written by `swiftlet generate` from what the operator declares. `/metrics` on "
                + "`--metrics-listen` has all of them,",
            "as OpenMetrics 1.0 where a scraper accepts it, else as Prometheus' text format 0.0.4.",
            "",
            "Those of pools, tasks and tenants are told by the operator that leads and by no other,"
                + " so that sums over all",
            "replicas are right. Series of a pool go when the pool goes. A family has a bounded "
                + "number of series; further ones",
            "are counted together, with `other` for every label.",
        ]
        let groups: [(String, (String) -> Bool)] = [
            ("Pools, tasks, tenants, gateway", { $0.hasPrefix("swiftlet_") }),
            (
                "Controllers and their queues",
                { $0.hasPrefix("controller_") || $0.hasPrefix("work") }
            ),
            ("API server and election", { $0.hasPrefix("rest_") || $0.hasPrefix("leader_") }),
            ("Process", { $0.hasPrefix("process_") }),
        ]
        for (title, belongs) in groups {
            lines += ["", "## \(title)", "", "| metric | kind | labels | what it says |"]
            lines.append("|---|---|---|---|")
            for family in families where belongs(family.name) {
                let name = family.kind == .counter ? family.name + "_total" : family.name
                let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
                lines.append("| `\(name)` | \(family.kind.rawValue) | \(labels) | \(family.help) |")
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
