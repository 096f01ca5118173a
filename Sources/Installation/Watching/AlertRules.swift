public import KubernetesCore

/// The alerts that come with Swiftlet. Each says what people lose, not which number is high.
public enum AlertRules {
    /// All of them.
    public static let all: [AlertRule] = operators + pools + tasks

    /// The content of a PrometheusRule, and of a file of rules.
    public static var groups: JSONValue {
        func group(_ name: String, _ rules: [AlertRule]) -> JSONValue {
            ["name": .string(name), "rules": .array(rules.map(\.json))]
        }
        return [
            "groups": [
                group("swiftlet.operator", operators), group("swiftlet.pools", pools),
                group("swiftlet.tasks", tasks),
            ]
        ]
    }

    /// A pool in a summary.
    private static let pool = "{{ $labels.namespace }}/{{ $labels.pool }}"

    private static let operators: [AlertRule] = [
        AlertRule(
            name: "SwiftletNoLeader",
            expression: #"""
                (sum(leader_election_master_status{name="swiftlet-operator"}) or vector(0)) < 1
                """#,
            duration: "2m", severity: .critical,
            summary: "No operator leads: no task is started, and no agent replaced."),
        AlertRule(
            name: "SwiftletTwoLeaders",
            expression: #"sum(leader_election_master_status{name="swiftlet-operator"}) > 1"#,
            duration: "1m", severity: .critical,
            summary: "More than one operator believes that it leads."),
        AlertRule(
            name: "SwiftletReconcileErrors",
            expression: """
                sum by (controller) (rate(controller_runtime_reconcile_errors_total[10m]))
                  / sum by (controller) (rate(controller_runtime_reconcile_total[10m])) > 0.2
                """,
            duration: "15m", severity: .warning,
            summary: "One in five plans of the controller {{ $labels.controller }} fails."),
        AlertRule(
            name: "SwiftletAPIErrors",
            expression: #"""
                sum(rate(rest_client_requests_total{code=~"5..|429|<error>"}[10m]))
                  / sum(rate(rest_client_requests_total[10m])) > 0.1
                """#,
            duration: "10m", severity: .warning,
            summary: "One in ten requests to the API server fails or is turned away."),
        AlertRule(
            name: "SwiftletWatchFailing",
            expression: "sum by (kind) (increase(swiftlet_watch_failures_total[10m])) > 10",
            duration: "10m", severity: .warning,
            summary: "The operator cannot follow {{ $labels.kind }}: its picture is old."),
        AlertRule(
            name: "SwiftletUnreadableObjects",
            expression: "sum by (kind) (increase(swiftlet_unreadable_objects_total[1h])) > 0",
            duration: "0m", severity: .warning,
            summary: "Objects of the kind {{ $labels.kind }} cannot be read and are left alone."),
        AlertRule(
            name: "SwiftletGatewayFailing",
            expression: #"""
                sum(rate(swiftlet_gateway_requests_total{code=~"5.."}[10m]))
                  / sum(rate(swiftlet_gateway_requests_total[10m])) > 0.1
                """#,
            duration: "10m", severity: .critical,
            summary: "One in ten calls of agents is not answered: results may come late."),
        AlertRule(
            name: "SwiftletCertificateExpiring",
            expression: """
                min(swiftlet_gateway_certificate_expiry_timestamp_seconds) - time() < 30 * 86400
                """,
            duration: "1h", severity: .warning,
            summary: "The gateway's certificate ends in less than thirty days."),
    ]

    private static let pools: [AlertRule] = [
        AlertRule(
            name: "SwiftletPoolWithoutAgents",
            expression: """
                swiftlet_pool_ready_agents == 0 and swiftlet_pool_desired_agents > 0
                """,
            duration: "5m", severity: .critical,
            summary: "The pool \(pool) has no agent that is ready."),
        AlertRule(
            name: "SwiftletPoolDegraded",
            expression: #"swiftlet_pool_condition{condition="Degraded"} == 1"#,
            duration: "15m", severity: .warning,
            summary: "The pool \(pool) has agents that break."),
        AlertRule(
            name: "SwiftletPoolQuotaExceeded",
            expression: #"swiftlet_pool_condition{condition="QuotaExceeded"} == 1"#,
            duration: "15m", severity: .warning,
            summary: "The pool \(pool) gets no more agents: a quota is used up."),
        AlertRule(
            name: "SwiftletPolicyDenied",
            expression: #"""
                swiftlet_pool_policy_compliant == 0
                  and on (namespace, pool) swiftlet_pool_desired_agents > 0
                """#,
            duration: "10m", severity: .warning,
            summary: "A policy forbids new agents of \(pool)."),
    ]

    private static let tasks: [AlertRule] = [
        AlertRule(
            name: "SwiftletQueueStuck",
            expression: """
                swiftlet_pool_oldest_queued_seconds > 1800
                  unless on (namespace, pool)
                  sum by (namespace, pool) (increase(swiftlet_tasks_finished_total[30m])) > 0
                """,
            duration: "5m", severity: .critical,
            summary: "Tasks wait in \(pool), and none has ended for half an hour."),
        AlertRule(
            name: "SwiftletQueueSlow",
            expression: "swiftlet_pool_oldest_queued_seconds > 3600",
            duration: "15m", severity: .warning,
            summary: "A task has waited in \(pool) for over an hour."),
        AlertRule(
            name: "SwiftletRetryStorm",
            expression: #"""
                sum by (namespace, pool)
                    (rate(swiftlet_task_attempts_total{outcome=~"Failed|Lost"}[15m]))
                  / sum by (namespace, pool) (rate(swiftlet_task_attempts_total[15m])) > 0.5
                  and sum by (namespace, pool) (increase(swiftlet_task_attempts_total[15m])) > 20
                """#,
            duration: "10m", severity: .warning,
            summary: "More than half of the attempts in \(pool) fail."),
        AlertRule(
            name: "SwiftletAgentsLost",
            expression: #"""
                sum by (namespace, pool)
                  (increase(swiftlet_task_attempts_total{outcome="Lost"}[30m])) > 5
                """#,
            duration: "5m", severity: .warning,
            summary: "Agents of \(pool) are lost while they work."),
    ]
}
