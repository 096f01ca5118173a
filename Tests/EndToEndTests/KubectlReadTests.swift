import Foundation
import KubernetesCore
import Testing

/// What kubectl finds out about a cluster without changing it: what there is, what it means, who
/// may do what, and what there is not.
@Suite(.serialized, .timeLimit(.minutes(5))) struct KubectlReadTests {
    private func withAPI(_ body: @Sendable (DevCluster) async throws -> Void) async throws {
        try await DevCluster.run(["--no-operator", "--no-node"], body)
    }

    @Test func `kinds, versions and fields can be looked up`() async throws {
        try await withAPI { cluster in
            let kinds = try await cluster.kubectl("api-resources", "--api-group=swiftlet.dev")
            #expect(kinds.contains("backgroundagentpools") && kinds.contains("bap"), "\(kinds)")
            let names = try await cluster.kubectl(
                "api-resources", "--verbs=list", "--namespaced", "-o", "name")
            #expect(names.contains("pods\n"), "\(names)")
            let versions = try await cluster.kubectl("api-versions")
            for version in ["v1", "swiftlet.dev/v1alpha1", "rbac.authorization.k8s.io/v1"] {
                #expect(versions.split(separator: "\n").contains(version[...]), "\(versions)")
            }
            let address = try await cluster.kubectl("cluster-info")
            #expect(address.contains("127.0.0.1"), "\(address)")
            let version = try await cluster.kubectl("version", "-o", "json")
            #expect(
                try JSONValue(parsing: version)["serverVersion"]?["gitVersion"]?.string?
                    .hasPrefix("v1.") == true)

            let sizing = try await cluster.kubectl("explain", "bap.spec.autoscaling")
            #expect(
                sizing.contains("minReplicas") && sizing.contains("<integer>"), "\(sizing)")
            let pod = try await cluster.kubectl("explain", "pod.spec")
            #expect(pod.contains("containers") && pod.contains("<[]"), "\(pod)")
            let whole = try await cluster.kubectl("explain", "bt", "--recursive")
            #expect(whole.contains("dependsOn") && whole.contains("maxRetries"), "\(whole)")
            let unknown = try await cluster.refusal("explain", "bt.spec.nonsense")
            #expect(unknown.contains("nonsense") && unknown.contains("does not exist"))
            #expect(try await cluster.kubectl("get", "--raw", "/readyz") == "ok")
        }
    }

    @Test func `who may do what is answered by the roles that are bound`() async throws {
        try await withAPI { cluster in
            #expect(try await cluster.kubectl("auth", "can-i", "create", "bt") == "yes\n")
            let jane = try await cluster.refusal("auth", "can-i", "create", "bt", "--as=jane")
            #expect(jane.hasSuffix("no\n"), "\(jane)")
            let all = try await cluster.kubectl("auth", "can-i", "--list")
            #expect(all.contains("*.*"), "\(all)")

            try await cluster.kubectl("create", "serviceaccount", "walker")
            try await cluster.kubectl(
                "create", "role", "reader", "--verb=get,list", "--resource=pods")
            try await cluster.kubectl(
                "create", "rolebinding", "reads", "--role=reader",
                "--serviceaccount=default:walker")
            let walker = "--as=system:serviceaccount:default:walker"
            #expect(try await cluster.kubectl("auth", "can-i", "list", "pods", walker) == "yes\n")
            _ = try await cluster.refusal("auth", "can-i", "delete", "pods", walker)
            let own = try await cluster.kubectl("auth", "can-i", "--list", walker)
            let line = own.split(separator: "\n").first { $0.hasPrefix("pods ") }
            #expect(line?.contains("[get list]") == true, "\(own)")
            try await cluster.kubectl("get", "pods", walker)
            let refused = try await cluster.refusal("get", "secrets", walker)
            #expect(
                refused.contains(
                    "User \"system:serviceaccount:default:walker\" cannot list resource "
                        + "\"secrets\" in API group \"\" in the namespace \"default\""),
                "\(refused)")

            guard try await DevCluster.kubectlMinor() >= 28 else { return }
            let me = try await cluster.kubectl("auth", "whoami")
            #expect(me.contains("kubernetes-admin") && me.contains("system:masters"), "\(me)")
            let token = try await cluster.kubectl("create", "token", "walker")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            try await cluster.kubectl(
                "get", "pods", "--token", token, "--kubeconfig",
                try await Self.withoutCredentials(cluster))
            let stranger = try await cluster.refusal(
                "get", "pods", "--token", token + "x", "--kubeconfig",
                try await Self.withoutCredentials(cluster))
            #expect(stranger.contains("You must be logged in"), "\(stranger)")
        }
    }

    /// A kubeconfig that names the cluster and nobody.
    private static func withoutCredentials(_ cluster: DevCluster) async throws -> String {
        let text = try String(contentsOfFile: cluster.kubeconfig, encoding: .utf8)
        var config = try JSONValue(parsing: text)
        config["users"] = [["name": "swiftlet-admin", "user": [:]]]
        let path = cluster.folder + "/nobody"
        try config.text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func `what this cluster does not have says so instead of pretending`() async throws {
        try await withAPI { cluster in
            let top = try await cluster.refusal("top", "pods")
            #expect(top.contains("Metrics API not available"), "\(top)")
            let nodes = try await cluster.refusal("top", "nodes")
            #expect(nodes.contains("Metrics API not available"), "\(nodes)")
            try await cluster.kubectl(
                "apply", "-f", DevCluster.root + "/manifests/samples/00-pools.yaml")
            for verb in ["status", "restart", "history", "undo"] {
                let rollout = try await cluster.refusal("rollout", verb, "bap/qa")
                #expect(rollout.contains("BackgroundAgentPool"), "\(verb): \(rollout)")
            }
            let sets = try await cluster.refusal("rollout", "status", "statefulset/x")
            #expect(sets.contains("doesn't have a resource type"), "\(sets)")
            let job = try await cluster.refusal("create", "job", "x", "--image=a")
            #expect(job.contains("could not find the requested resource"), "\(job)")
            let scaler = try await cluster.refusal("autoscale", "bap/qa", "--max=3")
            #expect(scaler.contains("could not find the requested resource"), "\(scaler)")
            let kind = try await cluster.refusal("get", "nonsense")
            #expect(kind.contains("doesn't have a resource type \"nonsense\""), "\(kind)")
            let missing = try await cluster.refusal("get", "bt", "nope")
            #expect(missing.contains("backgroundtasks.swiftlet.dev \"nope\" not found"))
        }
    }

    @Test func `two kinds cannot be watched at once: kubectl itself refuses`() async throws {
        try await withAPI { cluster in
            let refusal = try await cluster.refusal("get", "bap,bt", "-w")
            #expect(refusal.contains("you may only specify a single resource type"))
            // Without -w they are two tables.
            try await cluster.kubectl(
                "apply", "-f", DevCluster.root + "/manifests/samples/00-pools.yaml")
            try await cluster.kubectl("create", "-f", "-", input: KubectlWriteTests.task)
            let tables = try await cluster.kubectl("get", "bap,bt")
            #expect(
                tables.contains("backgroundagentpool.swiftlet.dev/qa")
                    && tables.contains("backgroundtask.swiftlet.dev/walk"), "\(tables)")
        }
    }
}
