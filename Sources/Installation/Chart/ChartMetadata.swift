import KubernetesCore

/// What the chart says about itself.
enum ChartMetadata {
    /// `Chart.yaml`.
    static let chart: JSONValue = [
        "apiVersion": "v2", "name": "swiftlet", "type": "application",
        "version": .string(InstallForm.version), "appVersion": .string(InstallForm.version),
        // API priority and fairness, and CEL rules in definitions, are v1 from here on.
        "kubeVersion": ">= 1.29.0-0",
        "description": "Pools of background agents, and a durable queue of tasks for them.",
        "keywords": ["operator", "agents", "tasks", "queue", "swift"],
    ]
}
