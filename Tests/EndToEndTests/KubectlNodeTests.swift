import Foundation
import KubernetesCore
import Testing

/// What kubectl does with pods that really run: logs, and taking a node out of service.
@Suite(.serialized, .timeLimit(.minutes(5))) struct KubectlNodeTests {
    private static func pod(_ name: String, _ script: String) -> String {
        let quoted = JSONValue.string(script).text
        return """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(name), namespace: default, labels: {app: \(name)}}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 1
              containers:
                - {name: main, image: none, command: ["sh", "-c", \(quoted)]}
            """
    }

    private func phase(_ cluster: DevCluster, _ pod: String) async throws -> String? {
        try await cluster.object("pod", pod)["status"]?["phase"]?.string
    }

    @Test func `logs are followed, cut by lines and time, and stamped`() async throws {
        try await DevCluster.run(["--no-operator"]) { cluster in
            // Goes on when the test says so: no step depends on how fast anything is.
            let gate = cluster.folder + "/gate"
            let script =
                "echo one; echo two; while test ! -e \(gate); do sleep 0.05; done; echo three"
            try await cluster.kubectl("create", "-f", "-", input: Self.pod("talk", script))
            try await cluster.kubectl("wait", "--for=condition=Ready", "pod/talk", "--timeout=30s")
            try await cluster.eventually("two lines are there") {
                try await cluster.kubectl("logs", "talk") == "one\ntwo\n"
            }
            #expect(try await cluster.kubectl("logs", "talk", "--tail=1") == "two\n")
            let followed = try await cluster.stream("logs", "-f", "talk") {
                try "".write(toFile: gate, atomically: true, encoding: .utf8)
            } until: {
                $0.count == 3
            }
            #expect(followed == ["one", "two", "three"])
            try await cluster.eventually("the pod has ended") {
                try await phase(cluster, "talk") == "Succeeded"
            }
            #expect(try await cluster.kubectl("logs", "-f", "talk") == "one\ntwo\nthree\n")
            #expect(
                try await cluster.kubectl("logs", "talk", "--since=1h", "--tail=1") == "three\n")
            let past = "2100-01-01T00:00:00Z"
            #expect(try await cluster.kubectl("logs", "talk", "--since-time=\(past)").isEmpty)
            let stamped = try await cluster.kubectl("logs", "talk", "--timestamps", "--tail=1")
            let stamp = try #require(stamped.split(separator: " ").first)
            #expect(Timestamp(String(stamp)) != nil && stamped.hasSuffix("Z three\n"))
            #expect(try await cluster.kubectl("logs", "-l", "app=talk") == "one\ntwo\nthree\n")
            #expect(try await cluster.kubectl("logs", "talk", "--limit-bytes=5") == "one\nt")

            let container = try await cluster.refusal("logs", "talk", "-c", "other")
            #expect(container.contains("container other is not valid for pod talk"))
            let previous = try await cluster.refusal("logs", "talk", "--previous")
            #expect(
                previous.contains(
                    "previous terminated container \"main\" in pod \"talk\" not found"),
                "\(previous)")
            let missing = try await cluster.refusal("logs", "nope")
            #expect(missing.contains("pods \"nope\" not found"), "\(missing)")
            let description = try await cluster.kubectl("describe", "pod", "talk")
            #expect(
                description.contains("Succeeded") && description.contains("Scheduled"),
                "\(description)")
        }
    }

    @Test func `a node is cordoned, drained and put back`() async throws {
        try await DevCluster.run(["--no-operator"]) { cluster in
            try await cluster.kubectl("create", "-f", "-", input: Self.pod("stays", "sleep 300"))
            try await cluster.kubectl("wait", "--for=condition=Ready", "pod/stays", "--timeout=30s")
            try await cluster.kubectl("cordon", "local")
            let nodes = try await cluster.kubectl("get", "nodes")
            #expect(nodes.contains("Ready,SchedulingDisabled"), "\(nodes)")
            try await cluster.kubectl("create", "-f", "-", input: Self.pod("waits", "sleep 300"))
            let waiting = try await cluster.object("pod", "waits")
            #expect(waiting["spec"]?["nodeName"] == nil)
            #expect(
                waiting["status"]?["conditions"]?[0]?["reason"]?.string == "Unschedulable")
            let unmanaged = try await cluster.refusal("drain", "local")
            #expect(unmanaged.contains("--force"), "\(unmanaged)")
            let drained = try await cluster.kubectl(
                "drain", "local", "--force", "--ignore-daemonsets", "--delete-emptydir-data",
                "--timeout=60s")
            #expect(drained.contains("evicting pod default/stays"), "\(drained)")
            let gone = try await cluster.refusal("get", "pod", "stays")
            #expect(gone.contains("not found"), "\(gone)")
            try await cluster.kubectl("uncordon", "local")
            try await cluster.kubectl("wait", "--for=condition=Ready", "pod/waits", "--timeout=30s")
            try await cluster.kubectl("taint", "node", "local", "a=b:NoSchedule")
            let tainted = try await cluster.object("node", "local")["spec"]?["taints"]?[0]
            #expect(tainted?["effect"]?.string == "NoSchedule")
            try await cluster.kubectl("taint", "node", "local", "a-")
            let description = try await cluster.kubectl("describe", "node", "local")
            #expect(description.contains("waits"), "\(description)")
            try await cluster.kubectl(
                "delete", "pod", "waits", "--grace-period=0", "--force")
        }
    }
}
