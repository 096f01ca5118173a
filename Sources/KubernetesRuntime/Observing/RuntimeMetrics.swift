public import KubernetesClient
import KubernetesCore

/// The runtime's own metrics, by the names that dashboards for controllers already know.
public struct RuntimeMetrics: Sendable {
    let reconciles: Counter
    let reconcileErrors: Counter
    let terminalErrors: Counter
    let reconcileTime: Histogram
    let activeWorkers: Gauge
    let maxWorkers: Gauge
    let queueDepth: Gauge
    let queueAdds: Counter
    let queueRetries: Counter
    let barrierTimeouts: Counter
    let requests: Counter
    let requestTime: Histogram
    let writes: Counter
    let leader: Gauge
    let watchFailures: Counter
    let unreadable: Counter
    let events: Counter

    /// Declares the metrics in `registry`.
    public init(_ registry: MetricsRegistry) {
        let controller = ["controller"]
        reconciles = registry.counter(
            "controller_runtime_reconcile", "Plans by how they ended",
            labels: ["controller", "result"])
        reconcileErrors = registry.counter(
            "controller_runtime_reconcile_errors", "Plans that failed", labels: controller)
        terminalErrors = registry.counter(
            "controller_runtime_terminal_reconcile_errors",
            "Plans that were refused and are not repeated", labels: controller)
        reconcileTime = registry.histogram(
            "controller_runtime_reconcile_time_seconds", "How long plans took to carry out",
            labels: controller)
        activeWorkers = registry.gauge(
            "controller_runtime_active_workers", "Plans being carried out", labels: controller)
        maxWorkers = registry.gauge(
            "controller_runtime_max_concurrent_reconciles",
            "Most plans that are carried out at the same time", labels: controller)
        queueDepth = registry.gauge("workqueue_depth", "Keys that wait", labels: ["name"])
        queueAdds = registry.counter("workqueue_adds", "Keys added", labels: ["name"])
        queueRetries = registry.counter(
            "workqueue_retries", "Keys added again after a failure", labels: ["name"])
        barrierTimeouts = registry.counter(
            "swiftlet_write_barrier_timeouts",
            "Keys let go before the cache had shown their writes", labels: ["name"])
        requests = registry.counter(
            "rest_client_requests", "Requests to the API server", labels: ["code", "method"])
        requestTime = registry.histogram(
            "rest_client_request_duration_seconds", "How long requests took", labels: ["verb"])
        writes = registry.counter(
            "swiftlet_writes", "Writes by what became of them", labels: ["verb", "kind", "result"])
        leader = registry.gauge(
            "leader_election_master_status", "1 while this process leads", labels: ["name"])
        watchFailures = registry.counter(
            "swiftlet_watch_failures", "Lists and watches that failed", labels: ["kind"])
        unreadable = registry.counter(
            "swiftlet_unreadable_objects", "Objects that could not be read", labels: ["kind"])
        events = registry.counter(
            "swiftlet_events", "Notes by what became of them", labels: ["result"])
    }

    /// Counts a request of the client; give this to `KubernetesClient` as its observer.
    public func observe(_ report: RequestReport) {
        let code = report.status == 0 ? "<error>" : String(report.status)
        requests.increment([code, report.request.verb.rawValue.uppercased()])
        requestTime.observe(report.duration.inSeconds, [report.request.verb.rawValue])
    }
}
