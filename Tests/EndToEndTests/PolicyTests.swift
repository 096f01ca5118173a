import Foundation
import KubernetesCore
import Testing

/// Policies in the operator, with real kubectl: a folder, a ConfigMap, and Kyverno's own kinds.
@Suite(.serialized, .timeLimit(.minutes(6))) struct PolicyTests {
    private static func pool(_ labels: String, policies: String = "{}") -> String {
        """
        apiVersion: swiftlet.dev/v1alpha1
        kind: BackgroundAgentPool
        metadata: {name: guarded, namespace: default}
        spec:
          replicas: 1
          autoscaling: {enabled: false}
          agent: {heartbeatSeconds: 1}
          policies: \(policies)
          template:
            metadata: {labels: {\(labels)}}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: agent, image: "debian:12-slim"}]
        """
    }

    private static func policy(_ name: String, _ label: String, action: String = "Enforce")
        -> String
    {
        """
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata: {name: \(name)}
        spec:
          rules:
            - name: has-\(label)
              match: {any: [{resources: {kinds: [Pod]}}]}
              validate:
                failureAction: \(action)
                message: "Agents need the label \(label)."
                pattern: {metadata: {labels: {\(label): "?*"}}}
        """
    }

    private static func definition(
        _ group: String, _ kind: String, _ plural: String, _ version: String = "v1",
        scope: String = "Cluster"
    ) -> String {
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: \(plural).\(group)}
        spec:
          group: \(group)
          scope: \(scope)
          names: {kind: \(kind), plural: \(plural), singular: \(kind.lowercased())}
          versions:
            - name: \(version)
              served: true
              storage: true
              schema:
                openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """
    }

    /// The condition as `False PolicyViolation message`.
    private func condition(_ cluster: DevCluster) async throws -> String {
        let conditions = try await cluster.object("bap", "guarded")["status"]?["conditions"]
        let found = conditions?.array?.first { $0["type"] == "PolicyCompliant" }
        return ["status", "reason", "message"].compactMap { found?[$0]?.string }
            .joined(separator: " ")
    }

    private func agents(_ cluster: DevCluster) async throws -> [JSONValue] {
        try await cluster.object("pods", "-l", "swiftlet.dev/pool=guarded")["items"]?.array ?? []
    }

    @Test func `a folder and a ConfigMap block agents until the template is as they want it`()
        async throws
    {
        let folder = "/var/tmp/swiftlet-policies-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/owner.yaml"
        try Self.policy("owners", "owner").write(toFile: file, atomically: true, encoding: .utf8)
        try await DevCluster.run(["--policies", folder]) { cluster in
            try await cluster.kubectl("apply", "-f", "-", input: Self.pool("team: qa"))
            try await cluster.eventually("the folder's policy blocks") {
                try await condition(cluster).hasPrefix("False PolicyViolation")
            }
            let said = try await condition(cluster)
            #expect(said.contains("policy owners rule has-owner"), "\(said)")
            #expect(said.contains("Agents need the label owner."), "\(said)")
            #expect(try await agents(cluster).isEmpty)
            let described = try await cluster.kubectl("describe", "bap/guarded")
            #expect(described.contains("PolicyViolation"), "\(described)")
            #expect(described.contains("owners"), "\(described)")

            // The ConfigMap wants something else besides.
            let map = folder + "/map.yaml.txt"
            try Self.policy("purposes", "purpose").write(
                toFile: map, atomically: true, encoding: .utf8)
            try await cluster.kubectl(
                "create", "configmap", "house-rules", "-n", "swiftlet-system",
                "--from-file=policies.yaml=" + map)
            try await cluster.kubectl(
                "label", "configmap", "house-rules", "-n", "swiftlet-system",
                "swiftlet.dev/policies=true")
            try await cluster.kubectl(
                "apply", "-f", "-", input: Self.pool("team: qa, owner: me"))
            try await cluster.eventually("the ConfigMap's policy blocks") {
                try await condition(cluster).contains("policy purposes rule has-purpose")
            }
            #expect(try await agents(cluster).isEmpty)
            try await cluster.kubectl(
                "apply", "-f", "-", input: Self.pool("team: qa, owner: me, purpose: test"))
            try await cluster.kubectl(
                "wait", "--for=condition=Ready", "bap/guarded", "--timeout=60s")
            #expect(try await condition(cluster).hasPrefix("True Compliant 2 policies are loaded"))

            // A file that changes is read again; what it breaks is said and blocks.
            try "apiVersion: kyverno.io/v1\nkind: [".write(
                toFile: file, atomically: true, encoding: .utf8)
            try await cluster.eventually("a broken file is said") {
                let said = try await condition(cluster)
                return said.hasPrefix("False PolicyNotLoaded") && said.contains("owner.yaml")
            }
            #expect(try await agents(cluster).count == 1, "an agent that is there stays")
        }
    }

    @Test func `Kyverno's kinds count as soon as the cluster has them, and no longer than that`()
        async throws
    {
        try await DevCluster.run { cluster in
            try await cluster.kubectl("apply", "-f", "-", input: Self.pool("team: qa"))
            try await cluster.kubectl(
                "wait", "--for=condition=Ready", "bap/guarded", "--timeout=60s")
            #expect(try await condition(cluster).hasPrefix("True NoPolicies"))
            let before = try await agents(cluster).compactMap {
                $0[path: ["metadata", "name"]]?.string
            }
            let kinds =
                Self.definition("kyverno.io", "ClusterPolicy", "clusterpolicies") + "\n---\n"
                + Self.definition(
                    "wgpolicyk8s.io", "PolicyReport", "policyreports", "v1alpha2",
                    scope: "Namespaced")
            try await cluster.kubectl("apply", "-f", "-", input: kinds)
            try await cluster.kubectl(
                "wait", "--for=condition=Established", "crd/clusterpolicies.kyverno.io",
                "--timeout=30s")
            try await cluster.eventually("a policy of the new kind is taken") {
                try await cluster.attempt(
                    ["apply", "-f", "-"], input: Self.policy("owners", "owner")
                ).succeeded
            }
            try await cluster.eventually("the cluster's own policy counts") {
                try await condition(cluster).contains("policy owners rule has-owner")
            }
            try await cluster.eventually("the report says so") {
                let answer = try await cluster.attempt(
                    ["get", "policyreports", "guarded-policies", "-o", "jsonpath={.summary.fail}"])
                return answer.output == "1"
            }
            let kept = try await agents(cluster).compactMap {
                $0[path: ["metadata", "name"]]?.string
            }
            #expect(kept == before, "an agent is not given up for one that may not come to be")
            try await cluster.kubectl("apply", "-f", "-", input: Self.pool("owner: me"))
            try await cluster.eventually("the agent is replaced by one that is allowed") {
                let now = try await agents(cluster)
                return now.count == 1
                    && now[0][path: ["metadata", "labels", "owner"]]?.string == "me"
            }
            try await cluster.kubectl("apply", "-f", "-", input: Self.pool("team: qa"))
            try await cluster.eventually("it blocks again") {
                try await condition(cluster).hasPrefix("False PolicyViolation")
            }
            try await cluster.kubectl("delete", "crd", "clusterpolicies.kyverno.io")
            try await cluster.eventually("a kind that is gone forbids nothing") {
                try await condition(cluster).hasPrefix("True NoPolicies")
            }
        }
    }
}
