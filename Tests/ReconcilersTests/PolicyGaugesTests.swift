import ControlLoop
import KubernetesCore
import PolicyEngine
import SwiftletAPI
import Testing

@testable import Reconcilers

/// What metrics say about policies.
@Suite struct PolicyGaugesTests {
    private static func verdict(_ name: String, forbids: Bool) -> PoolVerdict {
        var verdict = PoolVerdict(
            pool: Key(namespace: "agents", name: name),
            subject: .init(pool: UID(name), revision: "r", policies: .init()))
        verdict.policies = 1
        verdict.findings = [
            .init(
                PolicyResult(
                    policy: "labels", kind: "ClusterPolicy", rule: "has-owner", outcome: .fail,
                    action: forbids ? .enforce : .audit, message: "required", path: "/metadata"),
                forbids: forbids)
        ]
        return verdict
    }

    private static func value(
        _ measured: [Measurement], _ family: MetricFamily, _ labels: String...
    ) -> Double? {
        measured.first { $0.family == family.name && $0.labels == labels }?.amount
    }

    @Test func `a pool is compliant unless a rule forbids its agents`() {
        var view = ClusterView()
        view.publish(Self.verdict("denied", forbids: true))
        view.publish(Self.verdict("audited", forbids: false))
        var loading = Self.verdict("loading", forbids: true)
        loading.waiting = "policies are being loaded"
        view.publish(loading)
        view.publish(LoadedPolicies(count: 3, faults: []))
        let measured = PolicyGauges.read(view)
        let family = ProductMetrics.policyCompliance
        #expect(Self.value(measured, family, "agents", "denied") == 0)
        #expect(Self.value(measured, family, "agents", "audited") == 1)
        #expect(Self.value(measured, family, "agents", "loading") == nil)
        #expect(Self.value(measured, ProductMetrics.policiesLoaded) == 3)
        #expect(Self.value(measured, ProductMetrics.policiesRefused, "forbids") == 0)
    }

    @Test func `before anything is known, no pool is spoken of`() {
        let measured = PolicyGauges.read(ClusterView())
        #expect(Self.value(measured, ProductMetrics.policiesLoaded) == 0)
        let pools = measured.filter { $0.family == ProductMetrics.policyCompliance.name }
        #expect(pools.isEmpty)
        // What is read is what is replaced: nothing else would ever go.
        let families = Set(PolicyGauges.families.map(\.name))
        #expect(measured.allSatisfy { families.contains($0.family) })
    }
}
