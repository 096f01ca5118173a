import Foundation
import KubernetesCore
import Subprocess
import SystemPackage
import Testing

/// `swiftlet explain` and `swiftlet redrive` against a cluster with an operator and
/// agents, and what a server makes of tasks that are meant badly.
@Suite(.serialized, .timeLimit(.minutes(4))) struct TaskCommandTests {
    private static func pool(_ more: String = "") -> String {
        """
        apiVersion: swiftlet.dev/v1alpha1
        kind: BackgroundAgentPool
        metadata: {name: qa, namespace: default}
        spec:
          replicas: 1
          autoscaling: {enabled: false}
          agent: {heartbeatSeconds: 1, timeoutSeconds: 60}
        \(more)
          template:
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: agent, image: "debian:12-slim"}]
        """
    }

    private static func task(_ name: String, _ spec: String) -> String {
        """
        apiVersion: swiftlet.dev/v1alpha1
        kind: BackgroundTask
        metadata: {name: \(name), namespace: default}
        spec: {poolRef: {name: qa}, \(spec)}
        """
    }

    /// Runs `swiftlet` with the cluster's kubeconfig.
    private func swiftlet(
        _ cluster: DevCluster, _ arguments: String...
    ) async throws -> (succeeded: Bool, output: String, error: String) {
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/swiftlet")),
            arguments: Arguments(arguments + ["--kubeconfig", cluster.kubeconfig]),
            input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (
            result.terminationStatus.isSuccess, result.standardOutput, result.standardError
        )
    }

    @Test func `explain says why a task waits, failed or succeeded, and redrive runs it again`()
        async throws
    {
        try await DevCluster.run { cluster in
            let flag = cluster.folder + "/mended"
            try await cluster.kubectl(
                "apply", "-f", "-",
                input: [
                    Self.pool(),
                    Self.task(
                        "broken",
                        "retry: {maxRetries: 0}, "
                            + "command: [sh, -c, \"echo no luck; test -e \(flag)\"]"),
                    Self.task("waits", "dependsOn: [{name: nobody}], command: [\"true\"]"),
                ].joined(separator: "\n---\n"))
            try await cluster.kubectl(
                "wait", "--for=condition=Failed", "bt/broken", "--timeout=60s")
            try await explains(cluster)

            try Data().write(to: URL(fileURLWithPath: flag))
            let redriven = try await swiftlet(cluster, "redrive", "task/broken")
            #expect(redriven.succeeded, "\(redriven.error)")
            let words = redriven.output.split(separator: " ")
            let name = try #require(words.first?.split(separator: "/").last.map(String.init))
            #expect(name.hasPrefix("broken-again-"), "\(redriven.output)")
            try await cluster.kubectl(
                "wait", "--for=condition=Complete", "bt/" + name, "--timeout=60s")
            let old = try await cluster.object("bt", "broken")
            #expect(old["status"]?["phase"]?.string == "Failed", "what ended stays as it is")
            let twice = try await swiftlet(cluster, "redrive", "task/broken")
            #expect(!twice.succeeded && twice.error.contains("was submitted again already"))
            let done = try await swiftlet(cluster, "redrive", "task/" + name)
            #expect(!done.succeeded && done.error.contains("is Succeeded"), "\(done.error)")
        }
    }

    private func explains(_ cluster: DevCluster) async throws {
        let failed = try await swiftlet(cluster, "explain", "task/broken")
        #expect(failed.succeeded, "\(failed.error)")
        for part in [
            "Task default/broken", "Failed", "#1 Failed", "swiftlet redrive task/broken",
            "Pool        default/qa",
        ] {
            #expect(failed.output.contains(part), "\(part):\n\(failed.output)")
        }
        #expect(failed.output.split(separator: "\n").count <= 24)
        try await cluster.eventually("it is said to wait") {
            try await cluster.object("bt", "waits")["status"]?["phase"]?.string == "Blocked"
        }
        let waits = try await swiftlet(cluster, "explain", "bt/waits", "-o", "json")
        let json = try JSONValue(parsing: waits.output)
        #expect(json["reason"] == "DependencyNotFound" && json["blockedBy"] == ["nobody"])
        #expect(json["hint"]?.string?.contains("create the task it waits for") == true)
        let none = try await swiftlet(cluster, "explain", "task/nowhere")
        let words = "There is no task nowhere in namespace default."
        #expect(!none.succeeded && none.error.contains(words), "\(none.error)")
    }

    @Test func `G10 and G11: numbers of tasks are bounded, and a status that users write is none`()
        async throws
    {
        try await DevCluster.run { cluster in
            try await cluster.kubectl(
                "apply", "-f", "-",
                input: Self.pool(
                    "  quota: {hard: {\"count/backgroundtasks.swiftlet.dev\": \"3\"}}"))
            try await cluster.eventually("the quota is there") {
                try await cluster.object("resourcequota")["items"]?.array?.contains {
                    $0["metadata"]?["name"] == "qa-objects" && $0["status"]?["hard"] != nil
                } == true
            }
            let preset = """
                \(Self.task("preset", "command: [\"true\"]"))
                status: {phase: Succeeded, completionTime: "2020-01-01T00:00:00Z", attempt: 7}
                """
            try await cluster.kubectl("create", "-f", "-", input: preset)
            try await cluster.kubectl(
                "wait", "--for=condition=Complete", "bt/preset", "--timeout=60s")
            let task = try await cluster.object("bt", "preset")
            #expect(task["status"]?["attempt"]?.integer == 1, "it ran, whatever its author said")
            for _ in 0..<2 {
                let made = try await cluster.kubectl(
                    "create", "-f", "-",
                    input: Self.task("x", "command: [\"true\"]")
                        .replacingOccurrences(of: "name: x,", with: "generateName: many-,"))
                #expect(made.contains("many-"))
            }
            let refused = try await cluster.refusal(
                "create", "-f", "-", input: Self.task("more", "command: [\"true\"]"))
            #expect(refused.contains("exceeded quota: qa-objects"), "\(refused)")
            let old = try await cluster.refusal(
                "create", "-f", "-",
                input: Self.task("old", "command: [\"true\"]")
                    .replacingOccurrences(of: "v1alpha1", with: "v1alpha0"))
            #expect(old.contains("v1alpha0"), "\(old)")
        }
    }
}
