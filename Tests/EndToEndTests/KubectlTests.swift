import Foundation
import KubernetesCore
import Testing

/// What a user of Kubernetes does in the first quarter of an hour, with real kubectl.
@Suite(.serialized, .timeLimit(.minutes(5))) struct KubectlTests {
    @Test func `the samples are applied, watched, scaled, described and finished`() async throws {
        try await DevCluster.run { cluster in
            try await cluster.kubectl("apply", "-f", DevCluster.root + "/manifests/samples")
            try await cluster.kubectl(
                "wait", "--for=condition=Ready", "bap/qa", "--timeout=60s")
            try await cluster.kubectl("scale", "bap/qa", "--replicas=4")
            try await cluster.eventually("four agents are ready") {
                try await cluster.object("bap", "qa")["status"]?["readyReplicas"]?.integer == 4
            }
            try await cluster.kubectl(
                "wait", "--for=condition=Complete", "bt", "--all", "--timeout=120s")
            try await cluster.kubectl(
                "wait", "--for=condition=Failed", "bt/too-slow", "-n", "limits", "--timeout=60s")

            let flaky = try await cluster.object("bt", "flaky")
            #expect(flaky["status"]?["attempt"]?.integer == 3)
            let tooSlow = try await cluster.object("bt", "too-slow", "-n", "limits")
            #expect(tooSlow["status"]?["failure"]?["class"]?.string == "Timeout")
            let result = try await cluster.object("bt", "qa-regression")["status"]?["result"]
            #expect(result?["failed"]?.integer == 0)

            let table = try await cluster.kubectl("get", "bap,bt")
            #expect(table.contains("PHASE") && table.contains("READY"), "\(table)")
            let description = try await cluster.kubectl("describe", "bt/flaky")
            #expect(description.contains("Succeeded"), "\(description)")
            #expect(description.contains("Events:"), "\(description)")
            let pod = try await cluster.object("pods", "-l", "swiftlet.dev/pool=qa")
            let name = try #require(pod["items"]?[0]?["metadata"]?["name"]?.string)
            let logs = try await cluster.attempt(["logs", name])
            #expect(logs.succeeded, "\(logs.error)")

            try await cluster.kubectl("scale", "bap/qa", "--replicas=1")
            try await cluster.eventually("one agent is left") {
                try await cluster.object("pods", "-l", "swiftlet.dev/pool=qa")["items"]?.array?
                    .count == 1
            }
            try await cluster.kubectl("delete", "bap", "--all", "--timeout=60s")
            try await cluster.eventually("no agent outlives its pool") {
                try await cluster.object("pods", "-l", "swiftlet.dev/pool=qa")["items"]?.array?
                    .isEmpty == true
            }
        }
    }

    @Test func `every way of looking works`() async throws {
        try await DevCluster.run { cluster in
            let resources = try await cluster.kubectl("api-resources")
            #expect(resources.contains("backgroundtasks"), "\(resources)")
            try await cluster.kubectl("apply", "-f", DevCluster.root + "/manifests/samples")
            try await cluster.kubectl("get", "pods", "-o", "wide", "-A")
            try await cluster.kubectl("get", "bt", "-o", "yaml")
            try await cluster.kubectl("get", "bt", "-o", "wide")
            let fields = try await cluster.kubectl("explain", "bap.spec.autoscaling")
            #expect(fields.contains("minReplicas"), "\(fields)")
            try await cluster.kubectl(
                "patch", "bt", "urgent", "--type=merge", "-p",
                "{\"metadata\":{\"labels\":{\"seen\":\"yes\"}}}")
            let labelled = try await cluster.kubectl("get", "bt", "-l", "seen=yes", "-o", "name")
            #expect(labelled.contains("urgent"), "\(labelled)")
            try await cluster.kubectl("get", "events", "-A")
            let invalid = try await cluster.attempt(
                ["apply", "-f", "-"],
                input: """
                    apiVersion: swiftlet.dev/v1alpha1
                    kind: BackgroundTask
                    metadata: {name: wrong}
                    spec: {command: ["true"], priority: 5000}
                    """)
            #expect(!invalid.succeeded)
            #expect(invalid.error.contains("spec.priority"), "\(invalid.error)")
        }
    }
}
