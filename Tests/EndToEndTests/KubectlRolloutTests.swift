import KubernetesCore
import Testing

/// `kubectl rollout` against the local cluster: what it says has happened.
@Suite(.serialized, .timeLimit(.minutes(3))) struct KubectlRolloutTests {
    static let manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: sleepers
          annotations: {kubernetes.io/change-cause: first}
        spec:
          replicas: 2
          selector: {matchLabels: {app: sleepers}}
          template:
            metadata: {labels: {app: sleepers}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - {name: main, image: any, command: [sleep, "600"]}
        """

    @Test func `a Deployment is rolled out, restarted, undone, scaled and deleted`() async throws {
        try await DevCluster.run(["--no-operator"]) { cluster in
            func images() async throws -> Set<String> {
                let pods = try await cluster.object("pods", "-l", "app=sleepers")
                return Set(
                    (pods["items"]?.array ?? []).compactMap {
                        $0[path: ["spec", "containers"]]?[0]?["image"]?.string
                    })
            }
            func done() async throws {
                let said = try await cluster.kubectl(
                    "rollout", "status", "deployment/sleepers", "--timeout=60s")
                #expect(said.contains("successfully rolled out"), "\(said)")
            }
            try await cluster.kubectl("apply", "-f", "-", input: Self.manifest)
            try await done()
            try await cluster.kubectl(
                "wait", "--for=condition=Available", "deployment/sleepers", "--timeout=30s")
            try await cluster.kubectl("set", "image", "deployment/sleepers", "main=other")
            try await done()
            #expect(try await images() == ["other"])
            try await cluster.kubectl("rollout", "undo", "deployment/sleepers")
            try await done()
            #expect(try await images() == ["any"])
            try await cluster.kubectl("rollout", "restart", "deployment/sleepers")
            try await done()
            let history = try await cluster.kubectl(
                "rollout", "history", "deployment/sleepers")
            #expect(history.contains("first"), "\(history)")
            try await cluster.kubectl("scale", "deployment/sleepers", "--replicas=3")
            try await done()
            let shown = try await cluster.kubectl("get", "deployment", "sleepers", "--no-headers")
            #expect(shown.split(separator: " ").dropFirst().prefix(3) == ["3/3", "3", "3"])
            try await cluster.kubectl("delete", "deployment", "sleepers")
            try await cluster.eventually("sets and pods have gone") {
                let rest = try await cluster.kubectl("get", "rs,pods", "-o", "name")
                return rest.isEmpty
            }
        }
    }
}
