public import KubernetesCore

/// The Grafana dashboard.
public enum Dashboard {
    /// A panel: one question, and the queries that answer it.
    public struct Panel: Sendable, Hashable {
        /// The question, in a few words.
        public let title: String
        /// The unit of the values, in Grafana's words.
        public let unit: String
        /// Queries, each with what its lines are called.
        public let queries: [Query]
    }

    /// A query of a panel.
    public struct Query: Sendable, Hashable {
        /// The expression in Prometheus' language.
        public let expression: String
        /// What a line is called, as in `{{pool}}`.
        public let legend: String
    }

    private static let filter = #"{namespace=~"$namespace",pool=~"$pool"}"#

    private static func quantile(_ part: Double, of metric: String) -> String {
        "histogram_quantile(\(part), sum by (le) (rate(\(metric)_bucket\(filter)[5m])))"
    }

    /// A filter with another condition.
    private static func filter(_ more: String) -> String {
        #"{namespace=~"$namespace",pool=~"$pool",\#(more)}"#
    }

    private static func panel(
        _ title: String, _ unit: String, _ queries: (String, String)...
    ) -> Panel {
        Panel(
            title: title, unit: unit,
            queries: queries.map { Query(expression: $0.0, legend: $0.1) })
    }

    /// What agents use of `amount`, and the limits that they have been given.
    private static func usage(_ title: String, _ unit: String, _ amount: String) -> Panel {
        let parts = amount.split(separator: " ")
        func sum(_ kind: String) -> String {
            "sum by (namespace, pool) (swiftlet_pool_agents_"
                + parts.joined(separator: kind) + "\(filter))"
        }
        return panel(
            title, unit, (sum("_"), "{{namespace}}/{{pool}}"),
            (sum("_limit_"), "{{namespace}}/{{pool}}: at most"))
    }

    /// All panels, two in a row.
    public static let panels: [Panel] = [
        panel(
            "Tasks by phase", "short",
            (
                "sum by (phase) (swiftlet_tasks\(filter(#"phase!~"Succeeded|Failed|Cancelled""#)))",
                "{{phase}}"
            )),
        panel(
            "Tasks that ended, a minute", "short",
            (
                "sum by (outcome) (rate(swiftlet_tasks_finished_total\(filter)[5m])) * 60",
                "{{outcome}}"
            )),
        panel(
            "How long tasks wait", "s",
            (quantile(0.5, of: "swiftlet_task_wait_seconds"), "half"),
            (quantile(0.99, of: "swiftlet_task_wait_seconds"), "99 of 100")),
        panel(
            "From new to running, with a free slot", "s",
            (quantile(0.5, of: "swiftlet_task_scheduling_seconds"), "half"),
            (quantile(0.99, of: "swiftlet_task_scheduling_seconds"), "99 of 100")),
        panel(
            "Slots", "short",
            ("sum by (state) (swiftlet_pool_slots\(filter))", "{{state}}")),
        panel(
            "Agents by state", "short",
            ("sum by (state) (swiftlet_pool_agents\(filter))", "{{state}}"),
            ("sum(swiftlet_pool_desired_agents\(filter))", "wanted")),
        usage("Processors that agents use", "short", "cpu cores"),
        usage("Memory that agents use", "bytes", "memory bytes"),
        usage("Disk that agents use", "bytes", "disk bytes"),
        panel(
            "Attempts by what went wrong, a minute", "short",
            (
                "sum by (class) (rate(swiftlet_task_attempts_total"
                    + filter(#"outcome!="Succeeded""#) + "[5m])) * 60", "{{class}}"
            )),
        panel(
            "How long attempts take", "s",
            (quantile(0.5, of: "swiftlet_task_attempt_seconds"), "half"),
            (quantile(0.95, of: "swiftlet_task_attempt_seconds"), "95 of 100")),
        panel(
            "Oldest task in the queue", "s",
            (
                "max by (namespace, pool) (swiftlet_pool_oldest_queued_seconds\(filter))",
                "{{namespace}}/{{pool}}"
            )),
        panel(
            "Slots by tenant", "short",
            ("sum by (tenant) (swiftlet_tenant_slots_used)", "{{tenant}}")),
        panel(
            "Verdicts of policies, an hour", "short",
            (
                "sum by (policy, action) (increase(swiftlet_policy_violations_total[1h]))",
                "{{policy}} {{action}}"
            )),
        panel(
            "Checkpoints, bytes a second", "Bps",
            ("sum(rate(swiftlet_checkpoint_bytes_total\(filter)[5m]))", "committed")),
        panel(
            "Calls of agents by answer", "reqps",
            (
                "sum by (route, code) (rate(swiftlet_gateway_requests_total[5m]))",
                "{{route}} {{code}}"
            )),
        panel(
            "Requests to the API server by answer", "reqps",
            ("sum by (code) (rate(rest_client_requests_total[5m]))", "{{code}}")),
        panel(
            "Plans by how they ended", "ops",
            (
                "sum by (controller, result) (rate(controller_runtime_reconcile_total[5m]))",
                "{{controller}} {{result}}"
            )),
        panel(
            "Memory of the operator", "bytes",
            (#"process_resident_memory_bytes{job=~".*swiftlet.*"}"#, "{{pod}}")),
        panel(
            "Processor of the operator", "percentunit",
            (#"rate(process_cpu_seconds_total{job=~".*swiftlet.*"}[5m])"#, "{{pod}}")),
    ]

    /// The dashboard as Grafana reads it.
    public static var json: JSONValue {
        [
            "title": "Swiftlet", "uid": "swiftlet", "schemaVersion": 39, "editable": true,
            "refresh": "30s", "tags": ["swiftlet"], "time": ["from": "now-3h", "to": "now"],
            "templating": [
                "list": [
                    [
                        "name": "datasource", "type": "datasource", "query": "prometheus",
                        "label": "Prometheus",
                    ],
                    variable("namespace", "label_values(swiftlet_pool_desired_agents, namespace)"),
                    variable(
                        "pool",
                        "label_values(swiftlet_pool_desired_agents"
                            + #"{namespace=~"$namespace"}, pool)"#
                    ),
                ]
            ],
            "panels": .array(panels.enumerated().map { object($1, at: $0) }),
        ]
    }

    private static func variable(_ name: String, _ query: String) -> JSONValue {
        [
            "name": .string(name), "label": .string(name), "type": "query",
            "datasource": source, "query": .string(query), "refresh": 2, "includeAll": true,
            "multi": true, "allValue": ".*", "current": ["text": "All", "value": "$__all"],
        ]
    }

    private static let source: JSONValue = ["type": "prometheus", "uid": "${datasource}"]

    private static func object(_ panel: Panel, at index: Int) -> JSONValue {
        [
            "id": .int(index + 1), "type": "timeseries", "title": .string(panel.title),
            "datasource": source,
            "gridPos": [
                "h": 8, "w": 12, "x": .int(index % 2 * 12), "y": .int(index / 2 * 8),
            ],
            "fieldConfig": ["defaults": ["unit": .string(panel.unit), "min": 0], "overrides": []],
            "targets": .array(
                panel.queries.enumerated().map { number, query in
                    [
                        "refId": .string(number == 0 ? "A" : "B"), "datasource": source,
                        "expr": .string(query.expression), "legendFormat": .string(query.legend),
                    ]
                }),
        ]
    }
}
