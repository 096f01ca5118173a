import ControlLoop
import KubernetesCore
import PolicyEngine
import SwiftletAPI
import Testing

@testable import Reconcilers

/// Policies and the agents of pools: what is created, what is not, and what people are told.
@Suite struct PoolPolicyTests {
    private func setLabel(_ bench: inout PolicyBench, _ key: String) {
        bench.model.pool.spec.template[path: ["metadata", "labels", key]] = "x"
        bench.model.pool.metadata.generation += 1
    }

    @Test func `no agent is created before the policies are known`() throws {
        var bench = PolicyBench()
        bench.model.awaitsPolicies = true
        #expect(bench.model.creates(bench.model.plan()).isEmpty)
        try bench.model.apply(bench.model.plan())
        #expect(bench.word == "Unknown/PoliciesLoading")
        try bench.settle()
        #expect(bench.model.live.count == 3)
        #expect(bench.word == "True/NoPolicies")
    }

    @Test func `what policies wait for is not asked again at once`() {
        var machine = PolicyMachine(
            settings: PoolModel.settings,
            options: .init(namespace: "swiftlet-system", text: PolicyBench.text))
        // One source has been seen, the others have not.
        var view = ClusterView()
        let folders = PolicyFolders(documents: [])
        view.publish(folders)
        let now = Moment(instant: Instant(nanoseconds: 1_000_000_000), time: PoolModel.start)
        let commands = machine.handle(
            .changed([AnyChange(Change.added(folders))], in: view), at: now)
        for case .wake(let at) in commands { #expect(at > now.instant) }
    }

    @Test(arguments: ["folder", "configMap", "ClusterPolicy", "ValidatingPolicy"])
    func `a rule that is enforced blocks agents, and says policy, rule, place and message`(
        source: String
    ) throws {
        var bench = PolicyBench()
        switch source {
        case "folder": try bench.folder(PolicySamples.label("owner"))
        case "configMap": try bench.configMap("mine", PolicySamples.label("owner"))
        case "ClusterPolicy":
            try bench.cluster(
                PolicyKinds.ClusterPolicy.self, PolicySamples.label("owner"))
        default:
            try bench.cluster(
                PolicyKinds.ValidatingPolicy.self, PolicySamples.expression("owner"))
        }
        #expect(bench.model.live.isEmpty)
        #expect(bench.word == "False/PolicyViolation")
        let message = try #require(bench.condition?.message)
        #expect(message.contains("required"), "\(message)")
        if source == "ValidatingPolicy" {
            #expect(message.contains("policy cel-labels rule validations[0]: "), "\(message)")
        } else {
            #expect(message.contains("policy labels rule has-owner"), "\(message)")
            #expect(message.contains("/metadata/labels/owner"), "\(message)")
        }
        let event = bench.model.notes.first { $0.reason == "PolicyViolation" }
        #expect(event?.kind == .warning)
        #expect(event?.message == message)
        #expect(bench.model.pool.status.conditions["Progressing"]?.reason == "PolicyViolation")

        setLabel(&bench, "owner")
        try bench.settle()
        #expect(bench.model.live.count == 3)
        #expect(bench.word == "True/Compliant")
        #expect(bench.model.notes.contains { $0.reason == "PolicyCompliant" })
    }

    @Test func `agents come as soon as the policy goes`() throws {
        var bench = PolicyBench()
        try bench.folder(PolicySamples.label("owner"))
        #expect(bench.model.live.isEmpty)
        try bench.put(PolicyFolders(documents: []))
        #expect(bench.model.live.count == 3)
        #expect(bench.word == "True/NoPolicies")
    }

    @Test func `a rule that audits is reported and blocks nothing`() throws {
        var bench = PolicyBench()
        try bench.folder(PolicySamples.label("owner", action: "Audit"))
        #expect(bench.model.live.count == 3)
        #expect(bench.word == "True/AuditFailures")
        #expect(bench.condition?.message.contains("has-owner") == true)
        #expect(bench.model.notes.contains { $0.reason == "AuditFailures" })
    }

    @Test func `a pool that asks for Audit gets its agents, and one with exceptions too`() throws {
        var audit = PolicyBench { $0.policies.failureAction = .audit }
        try audit.folder(PolicySamples.label("owner"))
        #expect(audit.model.live.count == 3)
        #expect(audit.word == "True/AuditFailures")
        for rules in [[], ["has-owner"]] {
            var exempt = PolicyBench {
                $0.policies.exceptions = [.init(policyName: "labels", ruleNames: rules)]
            }
            try exempt.folder(PolicySamples.label("owner"))
            #expect(exempt.model.live.count == 3, "\(rules)")
        }
        var other = PolicyBench {
            $0.policies.exceptions = [.init(policyName: "labels", ruleNames: ["another"])]
        }
        try other.folder(PolicySamples.label("owner"))
        #expect(other.model.live.isEmpty)
    }

    @Test func `agents that a new policy forbids are kept while new ones would be forbidden too`()
        throws
    {
        var bench = PolicyBench()
        try bench.settle()
        let before = bench.model.names
        #expect(before.count == 3)
        try bench.folder(PolicySamples.label("owner"))
        #expect(bench.model.names == before)
        #expect(bench.word == "False/PolicyViolation")
        // Another template that is forbidden as well changes nothing.
        setLabel(&bench, "team")
        try bench.settle()
        #expect(bench.model.names == before)
        let draining = bench.model.live.filter(\.isDraining)
        #expect(draining.isEmpty)
        // One that is allowed replaces them.
        setLabel(&bench, "owner")
        for _ in 0..<20 { try bench.settle() }
        #expect(bench.model.live.count == 3)
        #expect(bench.model.live.allSatisfy { $0.metadata.labels["owner"] == "x" })
    }

    @Test func `a busy agent that a policy forbids is not ended before its task`() throws {
        var bench = PolicyBench { $0.replicas = 1 }
        try bench.settle()
        let name = try #require(bench.model.names.first)
        bench.model.assign("t", to: name)
        try bench.folder(PolicySamples.label("owner"))
        setLabel(&bench, "owner")
        for _ in 0..<3 { try bench.settle() }
        #expect(bench.model.live.contains { $0.metadata.name == name })
        bench.model.finish("t")
        for _ in 0..<10 { try bench.settle() }
        #expect(!bench.model.names.contains(name))
        #expect(bench.model.live.count == 1)
    }

    @Test func `an admission policy counts where it is bound, with the defaults of the server`()
        throws
    {
        var bench = PolicyBench()
        try bench.cluster(PolicyKinds.AdmissionPolicy.self, PolicySamples.grace)
        #expect(bench.model.live.count == 3)
        try bench.cluster(PolicyKinds.AdmissionBinding.self, PolicySamples.graceBinding)
        bench.model.pool.spec.replicas = 4
        bench.model.pool.metadata.generation += 1
        try bench.settle()
        #expect(bench.model.live.count == 3)
        #expect(bench.condition?.message.contains("at most five seconds") == true)
    }

    @Test func `verdicts are told once, and rules are not asked again for nothing`() throws {
        var bench = PolicyBench()
        try bench.folder(PolicySamples.label("owner", action: "Audit"))
        let count = bench.told.count
        for _ in 0..<5 { try bench.settle() }
        for _ in 0..<200 {
            bench.model.now = bench.model.now + .seconds(1)
            bench.feed(.timer)
        }
        #expect(bench.told.count == count)
        #expect(bench.model.plan().isIdle)
    }

    // MARK: - What cannot be loaded

    /// What a broken policy means, by what it says of itself.
    @Test(arguments: [
        ("Enforce", "", "False/PolicyNotLoaded"), ("Audit", "", "True/PolicyNotLoaded"),
        ("Enforce", " {failurePolicy: Ignore,", "True/PolicyNotLoaded"),
    ])
    func `a policy that cannot be loaded forbids where it would be enforced`(
        action: String, failure: String, expected: String
    ) throws {
        var bench = PolicyBench()
        let failure = failure.isEmpty ? "" : "\n  failurePolicy: Ignore"
        let broken = PolicySamples.label("owner", action: action, failure: failure)
            .replacing("pattern:", with: "patern:")
        try bench.configMap("mine", broken)
        #expect(bench.word == expected)
        #expect(bench.model.live.isEmpty == expected.hasPrefix("False"))
        let message = try #require(bench.condition?.message)
        #expect(message.contains("\"labels\""), "\(message)")
        #expect(message.contains("patern"), "\(message)")
        #expect(message.contains("ConfigMap swiftlet-system/mine"), "\(message)")
        #expect(bench.model.notes.contains { $0.reason == "PolicyNotLoaded" })
        #expect(bench.loaded?.faults.count == 1)
        try bench.configMap("mine", PolicySamples.label("owner", action: "Audit"))
        #expect(bench.model.live.count == 3)
    }

    @Test func `a text that is no YAML forbids, as does a kind of policy that nobody knows`() throws
    {
        for text in ["a: [", "apiVersion: kyverno.io/v9\nkind: SuperPolicy"] {
            var bench = PolicyBench()
            try bench.configMap("mine", text)
            #expect(bench.word == "False/PolicyNotLoaded", "\(text)")
            try bench.configMap("mine", text, label: "data")
            #expect(bench.model.live.count == 3)
        }
    }

    @Test func `rules that make or check other things are left to the cluster whose they are`()
        throws
    {
        let images = """
            apiVersion: kyverno.io/v1
            kind: ClusterPolicy
            metadata: {name: signed}
            spec:
              validationFailureAction: Enforce
              rules:
                - name: signatures
                  match: {any: [{resources: {kinds: [Pod]}}]}
                  verifyImages: [{imageReferences: ["*"]}]
            """
        var cluster = PolicyBench()
        try cluster.cluster(PolicyKinds.ClusterPolicy.self, images)
        #expect(cluster.model.live.count == 3)
        #expect(cluster.word == "True/PolicyNotLoaded")
        #expect(cluster.condition?.message.contains("signatures") == true)
        var own = PolicyBench()
        try own.folder(images)
        #expect(own.word == "False/PolicyNotLoaded")
        var generating = PolicyBench()
        try generating.folder(
            images.replacing(
                "verifyImages: [{imageReferences: [\"*\"]}]",
                with: "generate: {apiVersion: v1, kind: ConfigMap, name: x, namespace: y}"))
        #expect(generating.word == "True/Compliant", "it says nothing about what a pod may be")
    }

    @Test func `exceptions count from the operator's namespace and from nowhere else`() throws {
        func exception(_ namespace: String) -> String {
            """
            apiVersion: kyverno.io/v2
            kind: PolicyException
            metadata: {name: let, namespace: \(namespace)}
            spec:
              exceptions: [{policyName: labels, ruleNames: [has-owner]}]
              match: {any: [{resources: {kinds: [Pod]}}]}
            """
        }
        var bench = PolicyBench()
        try bench.cluster(PolicyKinds.ClusterPolicy.self, PolicySamples.label("owner"))
        try bench.cluster(PolicyKinds.Exception.self, exception("team"))
        #expect(bench.model.live.isEmpty)
        try bench.cluster(PolicyKinds.Exception.self, exception("swiftlet-system"))
        #expect(bench.model.live.count == 3)
    }

    // MARK: - Additions

    @Test func `rules add to agents where the pool asks for it, and are judged with it`() throws {
        let policies = PolicySamples.additions + "\n---\n" + PolicySamples.label("owner")
        var asked = PolicyBench { $0.policies.mutation = .additions }
        try asked.folder(policies)
        #expect(asked.model.live.count == 3)
        #expect(asked.model.live.allSatisfy { $0.metadata.labels["owner"] == "qa" })
        #expect(asked.word == "True/Compliant")
        for _ in 0..<3 { try asked.settle() }
        #expect(asked.model.plan().isIdle)
        var unasked = PolicyBench()
        try unasked.folder(policies)
        #expect(unasked.model.live.isEmpty)
    }

    @Test func `a rule that would change the template is left out and said`() throws {
        var bench = PolicyBench { $0.policies.mutation = .additions }
        try bench.folder(PolicySamples.change)
        #expect(bench.model.live.count == 3)
        #expect(bench.model.verdict?.additions == nil)
        #expect(bench.word == "True/AuditFailures")
        #expect(bench.condition?.message.contains("other-image") == true)
    }
}
