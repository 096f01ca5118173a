public import ControlLoop
import KubernetesCore
import SwiftletAPI

/// What stands in a picture of the cluster about policies: which hold, and what they say about
/// pools. A standby judges as well, but only the leader tells: see `ProductMetricsFeed`.
public enum PolicyGauges {
    /// The families that `read` speaks of; what it does not name has gone.
    public static let families: [MetricFamily] = [
        ProductMetrics.policiesLoaded, ProductMetrics.policiesRefused,
        ProductMetrics.policyCompliance,
    ]

    /// Everything, in a fixed order. Of a pool whose policies are still being loaded nothing is
    /// said: nothing is known.
    public static func read(_ view: ClusterView) -> [Measurement] {
        let loaded = view.all(LoadedPolicies.self)
        let faults = loaded.flatMap(\.faults)
        var result = [
            Measurement(
                ProductMetrics.policiesLoaded, [], Double(loaded.reduce(0) { $0 + $1.count }))
        ]
        for effect in PolicyFault.Effect.allCases {
            let count = faults.count { $0.effect == effect }
            result.append(
                Measurement(ProductMetrics.policiesRefused, [effect.rawValue], Double(count)))
        }
        for verdict in view.all(PoolVerdict.self) where verdict.waiting == nil {
            result.append(
                Measurement(
                    ProductMetrics.policyCompliance,
                    [verdict.metadata.namespace, verdict.metadata.name],
                    verdict.allows ? 1 : 0))
        }
        return result
    }
}
