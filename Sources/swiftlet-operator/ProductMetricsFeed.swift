import ControlLoop
import KubernetesCore
import KubernetesRuntime
import Locking
import Reconcilers
import SwiftletAPI

/// Feeds the metrics about pools and tasks. Only the process that leads tells them: sums over all
/// replicas are right then.
final class ProductMetricsFeed: Sendable {
    private let registry: MetricsRegistry
    private let leadership: LeadershipState
    private let measures = Mutex(TaskMeasures())

    init(_ registry: MetricsRegistry, leadership: LeadershipState) {
        self.registry = registry
        self.leadership = leadership
        registry.declare(ProductMetrics.all)
        registry.record([Measurement(ProductMetrics.build, [SwiftletVersion.current])])
    }

    /// Counts what happens in `cache` from now on, and reads it whenever metrics are asked for.
    func follow(_ cache: ClusterCache) async {
        await cache.observe(BackgroundTask.self) { [self] changes, _ in
            let now = SystemTime().now.instant
            // A standby follows along, so that it knows since when tasks wait, and keeps silent.
            let measured = measures.withLock { $0.take(changes, at: now) }
            if leadership.current != nil { registry.record(measured) }
        }
        await cache.observe(BackgroundAgentPool.self) { [registry] changes, _ in
            for change in changes where change.new == nil {
                registry.forget(["namespace": change.key.namespace, "pool": change.key.name])
            }
        }
        registry.addCollector { [registry, leadership] in
            let isLeading = leadership.current != nil
            let view = cache.snapshot
            registry.replace(
                ClusterGauges.families,
                with: isLeading ? ClusterGauges.read(view, at: SystemTime().now.time) : [])
        }
    }

    /// Notes when the gateway's certificate ends.
    func note(certificateEnds expiry: Timestamp) {
        registry.record([
            Measurement(ProductMetrics.certificateExpiry, [], Double(expiry.seconds))
        ])
    }

    /// Counts an answer of the gateway.
    func count(_ route: String, _ code: Int) {
        registry.record([Measurement(ProductMetrics.gatewayRequests, [route, String(code)])])
    }
}
