import Foundation
import KubernetesCore
import Subprocess
import SystemPackage
import Testing

/// The commands that people type, one after the other against one cluster.
@Suite(.serialized, .timeLimit(.minutes(4))) struct PeopleCommandsTests {
    private static let samples = DevCluster.root + "/manifests/samples/"

    @Test func `tasks are submitted, shown, followed, read and called off`() async throws {
        try await DevCluster.run { cluster in
            try await cluster.kubectl(
                "apply", "-f", Self.samples + "00-pools.yaml", "-f", Self.samples + "10-code.yaml")
            try await cluster.kubectl("wait", "--for=condition=Ready", "bap/qa", "--timeout=60s")
            try await Self.submit(cluster)
            try await Self.show(cluster)
            try await Self.read(cluster)
            try await Self.callOff(cluster)
            try await Self.plugin(cluster)
        }
    }

    private static func submit(_ cluster: DevCluster) async throws {
        let said = try await cluster.swiftlet(
            "submit", "--pool", "qa", "--name", "hello", "-e", "WHO=world", "--wait", "--",
            "sh", "-c",
            "echo hello $WHO; echo 50 half >>$SWIFTLET_PROGRESS; echo '{\"n\":7}' >$SWIFTLET_RESULT"
        )
        #expect(said.hasPrefix("task/hello submitted\n"), "\(said)")
        #expect(said.contains("agents are ready"), "\(said)")
        #expect(said.hasSuffix("{\"n\":7}\n"), "\(said)")
        let again = try await cluster.swiftlet(
            "submit", "--pool", "qa", "--name", "hello", "-e", "WHO=world", "--", "sh", "-c",
            "echo hello $WHO; echo 50 half >>$SWIFTLET_PROGRESS; echo '{\"n\":7}' >$SWIFTLET_RESULT"
        )
        #expect(again == "task/hello was submitted before\n")
        let other = try await cluster.swiftlet(
            "submit", "--pool", "qa", "--name", "hello", "--", "true", fails: true)
        #expect(other.contains("asks for something else"), "\(other)")
        let failed = try await cluster.swiftlet(
            "submit", "--pool", "qa", "--name", "wrong", "--max-retries", "0", "--wait", "--",
            "sh", "-c", "echo to the log; exit 9", fails: true)
        #expect(failed.contains("task/wrong  failed"), "\(failed)")
        let made = try await cluster.swiftlet("submit", "--quiet", "--pool", "qa", "--", "true")
        #expect(made.hasPrefix("true-") && made.count == "true-xxxxx\n".count, "\(made)")
        let refused = try await cluster.swiftlet(
            "submit", "--pool", "qa", "--priority", "5000", "--", "true", fails: true)
        #expect(refused.contains("spec.priority"), "\(refused)")
    }

    private static func show(_ cluster: DevCluster) async throws {
        let tasks = try await cluster.swiftlet("get", "tasks")
        #expect(tasks.hasPrefix("NAME") && tasks.contains("hello   "), "\(tasks)")
        let one = try await cluster.swiftlet("get", "task/wrong", "-o", "wide", "--no-headers")
        #expect(one.hasPrefix("wrong   Failed   qa"), "\(one)")
        let pools = try await cluster.swiftlet("get", "pools", "-A", "-o", "wide")
        #expect(pools.hasPrefix("NAMESPACE") && pools.contains("Ready"), "\(pools)")
        let agents = try await cluster.swiftlet("get", "agents")
        #expect(agents.contains("Idle") || agents.contains("Busy"), "\(agents)")
        let json = try JSONValue(
            parsing: try await cluster.swiftlet("get", "task/hello", "-o", "json"))
        #expect(json["status"]?["phase"] == "Succeeded")
        let yaml = try await cluster.swiftlet("get", "pools", "-o", "yaml")
        #expect(yaml.contains("kind: BackgroundAgentPool"), "\(yaml)")
        let screen = try await cluster.swiftlet("top", "--once")
        for text in ["POOLS", "ENDED LAST", "AGENTS", "hello", "namespace default"] {
            #expect(screen.contains(text), "\(text) is not in \(screen)")
        }
        #expect(try await cluster.swiftlet("--version").hasPrefix("0."))
        let nothing = try await cluster.swiftlet("get", "task/none", fails: true)
        #expect(nothing.contains("There is no task none in namespace default."), "\(nothing)")
    }

    private static func read(_ cluster: DevCluster) async throws {
        #expect(try await cluster.swiftlet("logs", "task/hello") == "hello world\n")
        #expect(try await cluster.swiftlet("logs", "task/wrong", "-f") == "to the log\n")
        try await cluster.swiftlet(
            "submit", "--pool", "qa", "--name", "twice", "--", "sh", "-c",
            "echo attempt $SWIFTLET_ATTEMPT; [ $SWIFTLET_ATTEMPT -ge 2 ]")
        // From the attempt that it is at, which may be the second by now, to the end.
        let followed = try await cluster.swiftlet("logs", "-f", "twice")
        #expect(followed == "attempt 1\nattempt 2\n" || followed == "attempt 2\n", "\(followed)")
        #expect(try await cluster.swiftlet("logs", "twice", "--attempt", "1") == "attempt 1\n")
        let none = try await cluster.swiftlet("logs", "twice", "--attempt", "7", fails: true)
        #expect(none.contains("no attempt 7"), "\(none)")
    }

    private static func callOff(_ cluster: DevCluster) async throws {
        try await cluster.swiftlet(
            "submit", "--pool", "qa", "--name", "long", "--", "sleep", "600")
        let said = try await cluster.swiftlet("cancel", "task/long", "--wait")
        #expect(said.contains("task/long  cancelled"), "\(said)")
        #expect(
            try await cluster.swiftlet("cancel", "task/long")
                == "task/long has ended already: Cancelled\n")
        try await cluster.swiftlet("cancel", "task/hello", fails: true)
        let again = try await cluster.swiftlet("redrive", "task/long")
        #expect(again.contains("submitted in place of task/long"), "\(again)")
        #expect(try await cluster.swiftlet("explain", "task/wrong").contains("redrive"))
    }

    /// The same program as a plugin of kubectl, found by its name.
    private static func plugin(_ cluster: DevCluster) async throws {
        let folder = cluster.folder + "/bin"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/kubectl-swiftlet",
            withDestinationPath: DevCluster.programs + "/swiftlet")
        let path = folder + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
        let tasks = try await cluster.attempt(
            ["swiftlet", "get", "tasks"], environment: ["PATH": path])
        #expect(tasks.succeeded && tasks.output.contains("hello"), "\(tasks)")
        let help = try await cluster.attempt(
            ["swiftlet", "top", "--help"], environment: ["PATH": path])
        #expect(help.output.contains("USAGE: kubectl swiftlet top"), "\(help)")
    }

    @Test func `shells are given what completes its words`() async throws {
        for (shell, mark) in [
            ("bash", "complete "), ("zsh", "#compdef swiftlet"), ("fish", "complete "),
        ] {
            let result = try await Subprocess.run(
                .path(FilePath(DevCluster.programs + "/swiftlet")),
                arguments: ["--generate-completion-script", shell], input: .none,
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
            #expect(result.terminationStatus.isSuccess && result.standardOutput.contains(mark))
            #expect(result.standardOutput.contains("submit"))
        }
    }
}
