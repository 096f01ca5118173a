import Foundation
import KubernetesCore
import Testing

/// What a user of Kubernetes does in the first quarter of an hour, with real kubectl.
@Suite(.serialized, .timeLimit(.minutes(6))) struct KubectlTests {
    private static let samples = DevCluster.root + "/manifests/samples"

    @Test func `the samples are applied, watched, scaled, described and finished`() async throws {
        try await DevCluster.run { cluster in
            try await cluster.kubectl("apply", "-f", Self.samples)
            try await cluster.kubectl(
                "wait", "--for=condition=Ready", "bap/qa", "--timeout=60s")
            try await cluster.kubectl("scale", "bap/qa", "--replicas=4")
            try await cluster.eventually("four agents are ready") {
                try await cluster.object("bap", "qa")["status"]?["readyReplicas"]?.integer == 4
            }
            let stale = try await cluster.refusal(
                "scale", "bap/qa", "--replicas=5", "--current-replicas=2")
            #expect(stale.contains("Expected replicas to be 2, was 4"), "\(stale)")
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
            let review = try await cluster.object("bt", "review")["status"]?["result"]
            #expect(review?["as"]?.string == "Code Reviewer", "the task has its persona")
            let story = try await cluster.object("bt", "story")["status"]?["result"]
            #expect(story?["as"]?.string == "Swift Developer", "a persona is customised")

            try await Self.look(at: cluster)
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

    /// Every form in which finished tasks and their story can be read.
    private static func look(at cluster: DevCluster) async throws {
        let table = try await cluster.kubectl("get", "bap,bt")
        #expect(table.contains("PHASE") && table.contains("READY"), "\(table)")
        let wide = try await cluster.kubectl("get", "bap", "-o", "wide")
        #expect(wide.contains("TENANT") && wide.contains("MAX"), "\(wide)")
        let yaml = try await cluster.kubectl("get", "bt", "flaky", "-o", "yaml")
        #expect(yaml.contains("kind: BackgroundTask\n"), "\(yaml)")
        let phases = try await cluster.kubectl(
            "get", "bt", "-o", "jsonpath={.items[*].status.phase}")
        #expect(Set(phases.split(separator: " ")) == ["Succeeded"], "\(phases)")
        let columns = try await cluster.kubectl(
            "get", "bt", "flaky", "-o", "custom-columns=N:.metadata.name,P:.status.phase")
        let rows = columns.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows == [["N", "P"], ["flaky", "Succeeded"]], "\(columns)")
        let template = try await cluster.kubectl(
            "get", "bt", "flaky", "-o", "go-template={{.status.attempt}}")
        #expect(template == "3")
        let chosen = try await cluster.kubectl(
            "get", "bt", "--field-selector", "metadata.name=flaky", "-o", "name")
        #expect(chosen == "backgroundtask.swiftlet.dev/flaky\n")
        let sorted = try await cluster.kubectl(
            "get", "bt", "--sort-by=.metadata.name", "--no-headers")
        let first = sorted.split(separator: "\n").compactMap { $0.split(separator: " ").first }
        #expect(first == first.sorted() && first.count > 5, "\(sorted)")
        let pages = try await cluster.kubectl("get", "bt", "--chunk-size=2", "-o", "name")
        #expect(pages.split(separator: "\n").count == first.count, "\(pages)")
        let both = try await cluster.kubectl("get", "swiftlet", "-A")
        #expect(both.contains("too-slow") && both.contains("backgroundagentpool"), "\(both)")

        let description = try await cluster.kubectl("describe", "bt/flaky")
        #expect(description.contains("Succeeded"), "\(description)")
        #expect(description.contains("Retrying"), "events belong to it: \(description)")
        let pool = try await cluster.kubectl("describe", "bap/qa")
        #expect(pool.contains("ScaledUp"), "\(pool)")
        let events = try await cluster.kubectl(
            "get", "events", "--field-selector", "involvedObject.name=flaky")
        #expect(events.contains("Retrying") && !events.contains("urgent"), "\(events)")
        guard try await DevCluster.kubectlMinor() >= 26 else { return }
        let story = try await cluster.kubectl("events", "--for", "bt/flaky")
        #expect(story.contains("Retry 2 of 3") && !story.contains("urgent"), "\(story)")
        let warnings = try await cluster.kubectl("events", "--types=Warning")
        #expect(!warnings.contains("Normal") && warnings.contains("Retrying"), "\(warnings)")
    }

    @Test func `watches show what happens as it happens`() async throws {
        try await DevCluster.run { cluster in
            try await cluster.kubectl(
                "apply", "-f", Self.samples + "/00-pools.yaml", "-f",
                Self.samples + "/10-code.yaml")
            let pool = try await cluster.stream("get", "bap", "-w") {
                try await cluster.kubectl("scale", "bap/qa", "--replicas=3")
            } until: { lines in
                lines.contains { Self.words($0).prefix(3) == ["qa", "3", "3"] }
            }
            #expect(pool.first?.hasPrefix("NAME") == true, "\(pool)")

            try await cluster.kubectl("apply", "-f", Self.samples)
            let tasks = try await cluster.stream("get", "bt", "-w") { lines in
                lines.contains { Self.words($0).prefix(2) == ["flaky", "Succeeded"] }
            }
            #expect(tasks.count > 3, "\(tasks)")
            // Only what happens from now on.
            let next = try await cluster.stream(
                "get", "bt", "--watch-only", "-o", "name",
                meanwhile: {
                    // When the watch is open kubectl does not say; so there is always news.
                    var count = 0
                    while !Task.isCancelled {
                        count += 1
                        let result = try await cluster.attempt([
                            "annotate", "bt", "flaky", "count=\(count)", "--overwrite",
                        ])
                        // The last one is ended together with the watch.
                        #expect(result.succeeded || Task.isCancelled, "\(result.error)")
                    }
                },
                until: { !$0.isEmpty })
            #expect(next.first?.hasPrefix("backgroundtask.swiftlet.dev/") == true, "\(next)")
        }
    }

    private static func words(_ line: String) -> [String] {
        line.split(separator: " ").map(String.init)
    }

    @Test func `an invalid task is refused with its field and the reason`() async throws {
        try await DevCluster.run(["--no-operator", "--no-node"]) { cluster in
            let invalid = try await cluster.refusal(
                "apply", "-f", "-",
                input: """
                    apiVersion: swiftlet.dev/v1alpha1
                    kind: BackgroundTask
                    metadata: {name: wrong}
                    spec: {command: ["true"], priority: 5000}
                    """)
            #expect(invalid.contains("spec.priority"), "\(invalid)")
        }
    }
}
