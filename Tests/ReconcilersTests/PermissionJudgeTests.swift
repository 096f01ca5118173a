import ControlLoop
import KubernetesCore
import PolicyEngine
import SwiftletAPI
import Testing

@testable import Reconcilers

/// What policies say about what attempts ask to be allowed.
@Suite struct PermissionJudgeTests {
    private static func policy(_ actions: String = "[Deny]") -> String {
        """
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: deploys}
        spec:
          validationActions: \(actions)
          matchConstraints:
            resourceRules:
              - apiGroups: [swiftlet.dev]
                apiVersions: [v1alpha1]
                operations: [CREATE]
                resources: [permissionrequests]
          matchConditions:
            - name: deploys
              expression: object.spec.action.startsWith('deploy/')
          validations:
            - expression: "object.spec.action != 'deploy/production' || object.spec.tenant == 'ops'"
              message: "Only ops deploy to production."
        """
    }

    private func verdict(
        on action: String, under policies: String?, tenant: String? = nil
    ) throws -> PermissionJudge.Verdict {
        var task = BackgroundTask(
            metadata: ObjectMeta(name: "t", namespace: "shop", uid: UID("u")))
        task.status.phase = .running
        let documents = try policies.map(PolicyBench.text.objects) ?? []
        let labels = tenant.map { [SwiftletNames.Label.tenant: $0] } ?? [:]
        let view = ClusterView.of([
            task, NamespaceView(metadata: ObjectMeta(name: "shop", labels: labels)),
            PolicyFolders(
                documents: documents.map { PolicyDocument(source: "p.yaml", object: $0) }),
        ])
        var judge = PermissionJudge(
            options: .init(namespace: "swiftlet-system", text: PolicyBench.text))
        let now = Timestamp(seconds: 1_000)
        let first = judge.verdict(on: action, reason: "r", of: task, in: view, at: now)
        let again = judge.verdict(on: action, reason: "r", of: task, in: view, at: now)
        #expect(first == again)
        return first
    }

    @Test func `without a policy a person is asked`() throws {
        #expect(try verdict(on: "deploy/production", under: nil) == .ask)
    }

    @Test func `a policy that is about it decides, by the action and the tenant`() throws {
        let policy = Self.policy()
        let no = try verdict(on: "deploy/production", under: policy)
        #expect(no == .deny(policy: "deploys", message: "Only ops deploy to production."))
        #expect(
            try verdict(on: "deploy/production", under: policy, tenant: "ops")
                == .allow(policy: "deploys"))
        #expect(try verdict(on: "deploy/test", under: policy) == .allow(policy: "deploys"))
    }

    @Test func `a policy that is about something else leaves it to a person`() throws {
        #expect(try verdict(on: "read/mail", under: Self.policy()) == .ask)
        #expect(try verdict(on: "deploy/production", under: PolicySamples.label("x")) == .ask)
    }

    @Test func `a policy that only watches and is against it leaves it to a person`() throws {
        #expect(try verdict(on: "deploy/production", under: Self.policy("[Audit]")) == .ask)
    }
}
