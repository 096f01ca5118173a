import KubernetesCore
import PolicyEngine
import Reconcilers
import SwiftletAPI
import Testing

/// The agent pods that pools become, held against the policies that we recommend.
struct SamplePoolTests {
    private static let digest = "@sha256:" + String(repeating: "4", count: 64)

    private static let settings = AgentPodSettings(
        runnerImage: "ghcr.io/swiftlet/agent:1.0" + digest, gatewayURL: "https://10.0.0.7:8443",
        gatewayServerName: "gateway.swiftlet-system.svc", gatewayCA: "certificates",
        audience: SwiftletNames.gatewayAudience,
        priorityClassName: SwiftletNames.PriorityClass.background)

    /// The pools of the samples as the API server stores them.
    private func pools() throws -> [JSONValue] {
        try AgentPolicyFolder.documents(AgentPolicyFolder.samples).filter {
            $0["kind"]?.string == BackgroundAgentPool.type.kind
        }.map { pool in
            var pool = CustomResourceDefinitions.poolSchema.defaulted(pool)
            pool[path: ["metadata", "uid"]] = "5b7f8b1e-0000-4000-8000-000000000001"
            pool[path: ["metadata", "resourceVersion"]] = "1"
            return pool
        }
    }

    private func pod(_ pool: JSONValue, tenant: String) throws -> JSONValue {
        let node = try JSONDocument(parsing: pool.encoded()).root
        let pool = try BackgroundAgentPool(reading: node)
        return AgentPodTemplate(pool: pool, tenant: tenant, settings: Self.settings).pod(index: 0)
    }

    /// The policies that do not pass `pod`.
    private func objections(_ form: String, _ pod: JSONValue) throws -> [String] {
        let policies = PolicySet(try AgentPolicyFolder.policies(form))
        let namespace = pod["metadata"]?["namespace"] ?? .null
        var cluster = OfflineCluster()
        cluster.add([
            [
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": ["name": "agents", "namespace": namespace],
                "spec": [
                    "podSelector": [
                        "matchLabels": [SwiftletNames.Label.managedBy: "swiftlet"]
                    ], "policyTypes": ["Ingress", "Egress"],
                ],
            ]
        ])
        let known = cluster
        let surroundings = PolicySurroundings(now: Timestamp(seconds: 1_780_000_000)) {
            known.answer($0)
        }
        let results = policies.evaluate(
            PolicyRequest(.create, pod, of: .pod), surroundings)
        #expect(results.count >= 10)
        return results.filter { $0.outcome != .pass && $0.outcome != .skip }.map(\.policy)
    }

    @Test(arguments: AgentPolicyFolder.forms)
    func `pods of the samples pass all but the digests`(_ form: String) throws {
        let pools = try pools()
        #expect(pools.count == 2)
        for pool in pools {
            let found = try objections(form, try pod(pool, tenant: "team-a"))
            #expect(found == ["agent-image-digests"])
        }
    }

    @Test(arguments: AgentPolicyFolder.forms)
    func `with the image's digest they pass all`(_ form: String) throws {
        for pool in try pools() {
            var pool = pool
            let path = ["spec", "template", "spec", "containers"]
            let containers = (pool[path: path]?.array ?? []).map { container in
                var container = container
                container["image"] = .string((container["image"]?.string ?? "") + Self.digest)
                return container
            }
            pool[path: path] = .array(containers)
            #expect(try objections(form, try pod(pool, tenant: "team-a")).isEmpty)
        }
    }

    @Test(arguments: AgentPolicyFolder.forms)
    func `pools of untrusted tenants need a runtime class`(_ form: String) throws {
        for pool in try pools() {
            var pool = pool
            let open = try objections(form, try pod(pool, tenant: "external-acme"))
            #expect(open.contains("agent-runtime-class"))
            pool[path: ["spec", "isolation", "runtimeClassName"]] = "gvisor"
            let closed = try objections(form, try pod(pool, tenant: "external-acme"))
            #expect(!closed.contains("agent-runtime-class"))
        }
    }

    @Test(arguments: AgentPolicyFolder.forms)
    func `a template that asks for too much is refused by the policy that forbids it`(
        _ form: String
    ) throws {
        let template = ["spec", "template", "spec"]
        for (field, value, wanted) in [
            ("hostNetwork", true, ["agent-no-host-access", "agent-restricted-pod-security"]),
            ("terminationGracePeriodSeconds", 7_200, ["agent-bounded-grace"]),
            (
                "volumes", [["name": "h", "hostPath": ["path": "/"]]],
                ["agent-no-host-access", "agent-restricted-pod-security"]
            ),
            ("securityContext", ["runAsUser": 0], ["agent-restricted-pod-security"]),
        ] as [(String, JSONValue, [String])] {
            var pool = try #require(try pools().last)
            pool[path: template + [field]] = value
            let found = try objections(form, try pod(pool, tenant: "team-a"))
            #expect(Set(found) == Set(wanted + ["agent-image-digests"]), "\(field)")
        }
    }
}
