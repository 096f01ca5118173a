public import KubernetesClient
import KubernetesCore

/// The runtime's own metrics, by the names that dashboards for controllers already know.
public struct RuntimeMetrics: Sendable {
    let registry: MetricsRegistry
    let reconciles: Counter
    let reconcileErrors: Counter
    let terminalErrors: Counter
    let reconcileTimeouts: Counter
    let reconcilePanics: Counter
    let reconcileTime: Histogram
    let activeWorkers: Gauge
    let maxWorkers: Gauge
    let queue: QueueMetrics
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
        self.registry = registry
        let controller = ["controller"]
        func count(_ name: String, _ help: String, _ labels: [String]) -> Counter {
            registry.counter(name, help, labels: labels)
        }
        reconciles = count(
            "controller_runtime_reconcile", "Plans by how they ended", ["controller", "result"])
        reconcileErrors = count(
            "controller_runtime_reconcile_errors", "Plans that failed", controller)
        terminalErrors = count(
            "controller_runtime_terminal_reconcile_errors",
            "Plans that were refused and are not repeated", controller)
        reconcileTimeouts = count(
            "controller_runtime_reconcile_timeouts", "Plans that ended at a time limit", controller)
        reconcilePanics = count(
            "controller_runtime_reconcile_panics",
            "Plans that a programming error ended; it ends the process, so this stays 0", controller
        )
        reconcileTime = registry.histogram(
            "controller_runtime_reconcile_time_seconds", "How long plans took to carry out",
            labels: controller)
        activeWorkers = registry.gauge(
            "controller_runtime_active_workers", "Plans being carried out", labels: controller)
        maxWorkers = registry.gauge(
            "controller_runtime_max_concurrent_reconciles",
            "Most plans that are carried out at the same time", labels: controller)
        queue = QueueMetrics(registry)
        barrierTimeouts = count(
            "swiftlet_write_barrier_timeouts",
            "Keys let go before the cache had shown their writes", controller)
        requests = count(
            "rest_client_requests", "Requests to the API server", ["code", "method", "host"])
        requestTime = registry.histogram(
            "rest_client_request_duration_seconds", "How long requests took",
            labels: ["verb", "host"])
        writes = count(
            "swiftlet_writes", "Writes by what became of them", ["verb", "kind", "result"])
        leader = registry.gauge(
            "leader_election_master_status", "1 while this process leads", labels: ["name"])
        watchFailures = count(
            "swiftlet_watch_failures", "Lists and watches that failed", ["kind"])
        unreadable = count(
            "swiftlet_unreadable_objects", "Objects that could not be read", ["kind"])
        events = count("swiftlet_events", "Notes by what became of them", ["result"])
    }

    /// Counts a request of the client; give this to `KubernetesClient` as its observer.
    public func observe(_ report: RequestReport) {
        let code = report.status == 0 ? "<error>" : String(report.status)
        requests.increment([code, report.request.verb.method.rawValue, report.endpoint])
        requestTime.observe(
            report.duration.inSeconds, [report.request.verb.rawValue, report.endpoint])
    }

    /// Brings every series of one controller into being, at zero, so that alerts on rates see the
    /// first increase too.
    func declare(_ name: String, workersMax: Int) {
        for result in ["success", "error", "requeue", "requeue_after"] {
            reconciles.increment([name, result], by: 0)
        }
        let counters = [
            reconcileErrors, terminalErrors, reconcileTimeouts, reconcilePanics, barrierTimeouts,
        ]
        for counter in counters { counter.increment([name], by: 0) }
        reconcileTime.declare([name])
        activeWorkers.set(0, [name])
        maxWorkers.set(Double(workersMax), [name])
        queue.declare(name)
    }
}

extension RequestSummary.Verb {
    /// The method with which a request of this verb is sent.
    fileprivate var method: HTTPMethod {
        switch self {
        case .get, .list, .watch: .get
        case .create: .post
        case .update: .put
        case .patch, .apply: .patch
        case .delete: .delete
        }
    }
}
