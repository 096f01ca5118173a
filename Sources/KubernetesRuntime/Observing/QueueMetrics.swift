import KubernetesCore

/// The metrics of work queues, by the names of Kubernetes' own components.
struct QueueMetrics: Sendable {
    let depth: Gauge
    let adds: Counter
    let retries: Counter
    let waited: Histogram
    let worked: Histogram
    let unfinished: Gauge
    let longest: Gauge

    init(_ registry: MetricsRegistry) {
        let labels = ["name", "controller"]
        depth = registry.gauge("workqueue_depth", "Keys that wait", labels: labels)
        adds = registry.counter("workqueue_adds", "Keys added", labels: labels)
        retries = registry.counter(
            "workqueue_retries", "Keys added again after a failure", labels: labels)
        waited = registry.histogram(
            "workqueue_queue_duration_seconds", "How long keys had been due when they were taken",
            labels: labels)
        worked = registry.histogram(
            "workqueue_work_duration_seconds", "How long it took to deal with keys that were taken",
            labels: labels)
        unfinished = registry.gauge(
            "workqueue_unfinished_work_seconds",
            "How long all keys that are being dealt with have taken until now", labels: labels)
        longest = registry.gauge(
            "workqueue_longest_running_processor_seconds",
            "How long the key that takes longest has taken until now", labels: labels)
    }

    /// Brings every series of one queue into being, at zero.
    func declare(_ name: String) {
        for gauge in [depth, unfinished, longest] { gauge.set(0, [name, name]) }
        for counter in [adds, retries] { counter.increment([name, name], by: 0) }
        for histogram in [waited, worked] { histogram.declare([name, name]) }
    }
}
