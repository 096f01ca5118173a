import ControlLoop
import KubernetesCore
import KubernetesRuntime
import Logging
import PolicyEngine
import Reconcilers

/// Tells in logs and metrics which policies hold and what they say about pools.
struct PolicyReporting: Sendable {
    private let loaded: Gauge
    private let refused: Gauge
    private let compliant: Gauge
    private let violations: Counter
    private let log: Logger

    init(_ registry: MetricsRegistry, log: Logger) {
        self.log = log
        func gauge(_ family: MetricFamily) -> Gauge {
            registry.gauge(family.name, family.help, labels: family.labels)
        }
        loaded = gauge(ProductMetrics.policiesLoaded)
        refused = gauge(ProductMetrics.policiesRefused)
        compliant = gauge(ProductMetrics.policyCompliance)
        let counted = ProductMetrics.policyViolations
        violations = registry.counter(counted.name, counted.help, labels: counted.labels)
        loaded.set(0)
        for effect in [PolicyFault.Effect.forbids, .reported, .unrelated] {
            refused.set(0, [effect.rawValue])
        }
    }

    /// Follows what is published in `cache` from now on.
    func start(_ cache: ClusterCache) async {
        await cache.observe(LoadedPolicies.self) { changes, _ in
            for change in changes { if let now = change.new { tell(now) } }
        }
        await cache.observe(PoolVerdict.self) { changes, _ in
            for change in changes { tell(change) }
        }
    }

    private func tell(_ policies: LoadedPolicies) {
        loaded.set(Double(policies.count))
        log.info("policies loaded", metadata: ["count": "\(policies.count)"])
        for effect in [PolicyFault.Effect.forbids, .reported, .unrelated] {
            let faults = policies.faults.filter { $0.effect == effect }
            refused.set(Double(faults.count), [effect.rawValue])
            for fault in faults.prefix(100) {
                log.log(
                    level: effect == .unrelated ? .notice : .warning, "a policy was not loaded",
                    metadata: ["problem": "\(fault.problem)", "effect": "\(effect.rawValue)"])
            }
        }
    }

    private func tell(_ change: Change<PoolVerdict>) {
        let pool = [change.key.namespace, change.key.name]
        guard let now = change.new else { return compliant.set(1, pool) }
        compliant.set(now.allows ? 1 : 0, pool)
        let before = Set((change.old?.findings ?? []).filter(\.isFailure).map(\.place))
        for finding in now.findings where finding.isFailure && !before.contains(finding.place) {
            violations.increment(finding.place)
        }
    }
}

extension PoolVerdict.Finding {
    fileprivate var isFailure: Bool { result.outcome == .fail || result.outcome == .error }

    fileprivate var place: [String] {
        [result.policy, result.rule, forbids ? "enforce" : "audit"]
    }
}
