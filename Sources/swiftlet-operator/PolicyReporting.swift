import ControlLoop
import KubernetesCore
import KubernetesRuntime
import Logging
import PolicyEngine
import Reconcilers

/// Tells in logs which policies hold, and in metrics what they say about pools. Metrics are told
/// by the process that leads and by no other: a standby judges too, and would double every sum.
struct PolicyReporting: Sendable {
    private let registry: MetricsRegistry
    private let leadership: LeadershipState
    private let log: Logger

    init(_ registry: MetricsRegistry, leadership: LeadershipState, log: Logger) {
        self.registry = registry
        self.leadership = leadership
        self.log = log
        registry.declare(PolicyGauges.families + [ProductMetrics.policyViolations])
    }

    /// Follows what is published in `cache` from now on.
    func start(_ cache: ClusterCache) async {
        await cache.observe(LoadedPolicies.self) { changes, _ in
            for change in changes { if let now = change.new { tell(now) } }
        }
        await cache.observe(PoolVerdict.self) { [self] changes, _ in
            guard leadership.current != nil else { return }
            for change in changes { count(change) }
        }
        registry.addCollector { [registry, leadership] in
            let isLeading = leadership.current != nil
            registry.replace(
                PolicyGauges.families, with: isLeading ? PolicyGauges.read(cache.snapshot) : [])
        }
    }

    private func tell(_ policies: LoadedPolicies) {
        log.info("policies loaded", metadata: ["count": "\(policies.count)"])
        for fault in policies.faults.prefix(100) {
            log.log(
                level: fault.effect == .unrelated ? .notice : .warning, "a policy was not loaded",
                metadata: [
                    "problem": "\(fault.problem)", "effect": "\(fault.effect.rawValue)",
                ])
        }
    }

    private func count(_ change: Change<PoolVerdict>) {
        let before = Set((change.old?.findings ?? []).filter(\.isFailure).map(\.place))
        for finding in change.new?.findings ?? [] {
            guard finding.isFailure, !before.contains(finding.place) else { continue }
            registry.record([Measurement(ProductMetrics.policyViolations, finding.place)])
        }
    }
}

extension PoolVerdict.Finding {
    fileprivate var isFailure: Bool { result.outcome == .fail || result.outcome == .error }

    fileprivate var place: [String] {
        [result.policy, result.rule, forbids ? "enforce" : "audit"]
    }
}
