import KubernetesCore

/// An alert: what must hold for how long, and what people are told.
public struct AlertRule: Sendable, Hashable {
    /// How soon somebody has to look.
    public enum Severity: String, Sendable, Hashable {
        /// At once.
        case critical
        /// Today.
        case warning
    }

    /// Its name; its runbook is the section of that name in `docs/runbooks/alerts.md`.
    public let name: String
    /// The expression in Prometheus' language.
    public let expression: String
    /// For how long it must hold.
    public let duration: String
    /// How soon somebody has to look.
    public let severity: Severity
    /// What is the matter, in one sentence; with labels as `{{ $labels.pool }}`.
    public let summary: String

    /// Where its runbook is, from the repository's root.
    public var runbook: String { "docs/runbooks/alerts.md#\(name.lowercased())" }

    /// The rule as Prometheus reads it.
    var json: JSONValue {
        [
            "alert": .string(name), "expr": .string(expression), "for": .string(duration),
            "labels": ["severity": .string(severity.rawValue)],
            "annotations": ["summary": .string(summary), "runbook": .string(runbook)],
        ]
    }

    /// The names of metrics that an expression reads.
    public static func metrics(in expression: String) -> Set<String> {
        let known = [
            "swiftlet_", "controller_runtime_", "workqueue_", "rest_client_", "leader_election_",
            "process_",
        ]
        let words = expression.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        return Set(words.map(String.init).filter { word in known.contains { word.hasPrefix($0) } })
    }
}
