import Foundation
import KubernetesCore
import Subprocess
import SystemPackage
import Testing
import YAMLReading

/// What people apply to a cluster, held against one: every manifest that is shipped is taken, and
/// what it says works.
@Suite(.serialized, .timeLimit(.minutes(6))) struct InstallTests {
    private static let manifests = DevCluster.root + "/manifests"

    private static func documents(_ path: String) throws -> [JSONValue] {
        try YAMLText.read(String(contentsOfFile: path, encoding: .utf8)).filter { !$0.isNull }
    }

    /// A pod as the Deployment makes it, for tests that say which pod is which.
    private static func pod(of deployment: JSONValue) throws -> JSONValue {
        var pod = try #require(deployment[path: ["spec", "template"]])
        pod["apiVersion"] = "v1"
        pod["kind"] = "Pod"
        pod[path: ["metadata", "namespace"]] = deployment[path: ["metadata", "namespace"]]
        return pod
    }

    @Test func `the plain install is taken by a server that enforces the restricted profile`()
        async throws
    {
        try await DevCluster.run(["--no-operator", "--no-node"]) { cluster in
            let objects = try Self.documents(Self.manifests + "/install.yaml")
            #expect(objects.count > 15)
            // For real, because the namespace's level must hold for what comes after it.
            let path = Self.manifests + "/install.yaml"
            let applied = try await cluster.kubectl("apply", "-f", path)
            #expect(applied.contains("deployment.apps/swiftlet-operator created"), "\(applied)")
            let warned = try await cluster.attempt(["apply", "-f", path])
            #expect(!warned.error.contains("Warning"), "\(warned.error)")
            // Its pods pass admission: where one were refused, the status would say it.
            let deployment = try await cluster.object(
                "deployment", "swiftlet-operator", "-n", "swiftlet-system")
            #expect(deployment[path: ["status", "replicas"]] == 2, "\(deployment)")
            let pods = try await cluster.object("pods", "-n", "swiftlet-system")
            #expect(pods["items"]?.array?.count == 2)
            let namespace = try await cluster.object("namespace", "swiftlet-system")
            let level = namespace[path: [
                "metadata", "labels", "pod-security.kubernetes.io/enforce",
            ]]
            #expect(level == "restricted")
            // The level is real: a pod that is not restricted is refused.
            let refused = try await cluster.refusal(
                "run", "free", "-n", "swiftlet-system", "--image=x", "--dry-run=server")
            #expect(refused.contains("violates PodSecurity"), "\(refused)")
        }
    }

    @Test func `every manifest that is shipped passes a server's dry run`() async throws {
        try await DevCluster.run(["--no-operator", "--no-node"]) { cluster in
            try await cluster.kubectl("apply", "-f", Self.manifests + "/rbac.yaml")
            for folder in ["samples", "features", "production"] {
                let path = Self.manifests + "/" + folder
                // Namespaces must exist before a dry run of what is in them.
                var namespaces: [JSONValue] = []
                for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                where name.hasSuffix(".yaml") {
                    namespaces += try Self.documents(path + "/" + name).filter {
                        $0["kind"]?.string == "Namespace"
                    }
                }
                try await cluster.kubectl("apply", "-f", "-", input: YAMLText.write(namespaces))
                try await cluster.kubectl("apply", "--dry-run=server", "-f", path)
            }
        }
    }

    @Test func `every feature's sample does what it says`() async throws {
        try await DevCluster.run { cluster in
            try await cluster.kubectl("apply", "-f", Self.manifests + "/features")
            for task in [
                "shards", "matrix", "routed", "measurement", "with-secret", "rules",
            ] {
                try await cluster.kubectl(
                    "wait", "--for=condition=Complete", "bt/" + task, "-n", "features",
                    "--timeout=90s")
            }
            let measured = try await cluster.object("bt", "measurement", "-n", "features")
            #expect(measured[path: ["status", "pool", "name"]] == "fresh")
            try await cluster.kubectl(
                "wait", "bt/later", "-n", "features", "--for=jsonpath={.status.phase}=Scheduled",
                "--timeout=60s")
            try await cluster.kubectl(
                "wait", "bap/workers", "-n", "features", "--timeout=60s",
                "--for=jsonpath={.status.conditions[?(@.type==\"PolicyCompliant\")].reason}="
                    + "AuditFailures")
        }
    }

    @Test func `the production example does its tasks, for all of its tenants`() async throws {
        try await DevCluster.run { cluster in
            try await cluster.kubectl("apply", "-f", Self.manifests + "/production")
            for (namespace, task) in [
                ("team-payments", "regression"), ("team-payments", "regression-report"),
                ("team-search", "compact-index"), ("guest-lab", "analysis"),
            ] {
                try await cluster.kubectl(
                    "wait", "--for=condition=Complete", "bt/" + task, "-n", namespace,
                    "--timeout=90s")
            }
            // Agents are where their pools are, and carry their tenant.
            let pods = try await cluster.object("pods", "-A", "-l", "swiftlet.dev/pool")
            for pod in pods["items"]?.array ?? [] {
                let namespace = pod[path: ["metadata", "namespace"]]?.string ?? ""
                #expect(["agents", "team-payments"].contains(namespace), "\(namespace)")
            }
        }
    }

    /// The lines that `--help` prints.
    private static func help(of program: String) async throws -> String {
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/" + program)), arguments: ["--help"],
            environment: .inherit, input: .none, output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        return result.standardOutput
    }

    @Test func `the operator has every option that the install gives it`() async throws {
        let help = try await Self.help(of: "swiftlet-operator")
        let deployment = try #require(
            try Self.documents(Self.manifests + "/install.yaml").first {
                $0["kind"]?.string == "Deployment"
            })
        let container = deployment[path: ["spec", "template", "spec", "containers"]]?[0]
        let arguments = try #require(container?["args"]?.array).compactMap(\.string)
        #expect(arguments.count > 5)
        for argument in arguments {
            let option = argument.prefix { $0 != "=" }
            #expect(help.contains("\(option) <"), "swiftlet-operator has no \(option)")
        }
    }

    @Test func `everything that is generated is as its sources say`() async throws {
        let folder = "/var/tmp/swiftlet-generate-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data().write(to: URL(filePath: folder + "/Package.swift"))
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/swiftlet")),
            arguments: ["generate", "--root", folder], environment: .inherit, input: .none,
            output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        let paths = result.standardOutput.split(separator: "\n").compactMap { line in
            line.hasPrefix("wrote ") ? String(line.dropFirst(6)) : nil
        }
        #expect(paths.count > 20)
        for path in paths {
            let fresh = try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
            let kept = try String(contentsOfFile: DevCluster.root + "/" + path, encoding: .utf8)
            let isCurrent = fresh == kept
            #expect(isCurrent, "\(path) differs: run `make generate`")
        }
    }

    @Test func `the pod that leads gets the label, and its predecessor loses it`() async throws {
        try await DevCluster.run(["--no-operator", "--no-node"]) { cluster in
            let deployment = try #require(
                try Self.documents(Self.manifests + "/install.yaml").first {
                    $0["kind"]?.string == "Deployment"
                })
            var old = try Self.pod(of: deployment)
            var new = old
            old[path: ["metadata", "name"]] = "old"
            old[path: ["metadata", "labels", "swiftlet.dev/leader"]] = "true"
            new[path: ["metadata", "name"]] = "new"
            try await cluster.kubectl(
                "create", "priorityclass", "swiftlet-system", "--value=1000000")
            try await cluster.kubectl("apply", "-f", "-", input: YAMLText.write([old, new]))
            let run = OperatorRun(
                cluster: cluster, gatewayPort: 0, more: ["--pod", "new"])
            try await run.run(endingWith: .terminate) {
                try await cluster.eventually("the label has moved") {
                    try await cluster.kubectl(
                        "get", "pods", "-n", "swiftlet-system", "-l", "swiftlet.dev/leader=true",
                        "-o", "name") == "pod/new\n"
                }
            }
        }
    }

    @Test func `an operator is not started with a gateway that has no address`() async throws {
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/swiftlet-operator")),
            arguments: ["--gateway-url=https://$(SWIFTLET_GATEWAY_SERVICE_HOST):8443"],
            environment: .inherit, input: .none, output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        guard case .exited(64) = result.terminationStatus else {
            Issue.record("\(result.terminationStatus)")
            return
        }
        #expect(result.standardError.contains("does the gateway's Service exist?"))
    }
}
