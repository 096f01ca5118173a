import CurlTransport
import Foundation
import KubernetesClient
import KubernetesCore
import Logging
import Testing

@testable import LocalCluster

/// A whole local cluster over real sockets: its API through the client, its node through processes.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LocalClusterTests {
    /// Runs `body` with a client of a cluster that was started for it.
    private func withCluster(
        _ body: @escaping @Sendable (KubernetesClient) async throws -> Void
    ) async throws {
        let folder = "/var/tmp/swiftlet-local-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var log = Logger(label: "test")
        log.logLevel = .critical
        let kubeconfig = folder + "/kubeconfig"
        let (ready, signal) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let cluster = LocalCluster(
            LocalCluster.Configuration(kubeconfigPath: kubeconfig, workPath: folder), log: log
        ) { _ in signal.yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await cluster.run() } catch is CancellationError { return }
            }
            group.addTask {
                for await _ in ready {
                    let client = try KubernetesClient(
                        configuration: ClientConfiguration.load(kubeconfig: kubeconfig))
                    try await body(client)
                    return
                }
            }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func pod(_ name: String, _ script: String, policy: String = "Never") -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": .string(name), "namespace": "default"],
            "spec": [
                "restartPolicy": .string(policy), "terminationGracePeriodSeconds": 1,
                "containers": [
                    [
                        "name": "main", "image": "none",
                        "command": ["sh", "-c", .string(script)],
                    ]
                ],
            ],
        ]
    }

    private func reference(_ name: String) -> ObjectRef {
        ObjectRef(type: .pod, namespace: "default", name: name)
    }

    /// Looks at a pod again and again until `condition` holds of it.
    private func until(
        _ client: KubernetesClient, _ name: String, _ what: String,
        _ condition: @Sendable (JSONValue) -> Bool
    ) async throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(20)
        var last = JSONValue.null
        while ContinuousClock.now < deadline {
            last = try await client.value(.get(reference(name)))
            if condition(last) { return last }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("pod \(name) was never \(what): \(last["status"]?.text ?? "")")
        return last
    }

    @Test func `a pod runs its command, ends, and leaves its log`() async throws {
        try await withCluster { client in
            _ = try await client.create(pod("p", "echo one; echo two >&2; exit 3"), of: .pod)
            let ended = try await until(client, "p", "failed") {
                $0["status"]?["phase"]?.string == "Failed"
            }
            let state = ended["status"]?["containerStatuses"]?[0]?["state"]?["terminated"]
            #expect(state?["exitCode"]?.integer == 3)
            let body = try await client.log(.log(of: reference("p")))
            let text = try await body.collect(bytesMax: 1 << 16)
            #expect(String(decoding: text, as: UTF8.self) == "one\ntwo\n")
        }
    }

    @Test func `a pod that ignores SIGTERM is killed after its grace, with its children`()
        async throws
    {
        try await withCluster { client in
            let script = "trap '' TERM; sleep 300 & echo $!; while true; do sleep 0.1; done"
            _ = try await client.create(pod("stubborn", script), of: .pod)
            _ = try await until(client, "stubborn", "running") {
                $0["status"]?["phase"]?.string == "Running"
            }
            var child: Int32?
            while child == nil {
                let body = try await client.log(.log(of: reference("stubborn")))
                let text = try await body.collect(bytesMax: 1 << 16)
                child = Int32(
                    String(decoding: text, as: UTF8.self).trimmingCharacters(
                        in: .whitespacesAndNewlines))
            }
            let process = try #require(child)
            #expect(kill(process, 0) == 0)
            _ = try await client.delete(reference("stubborn"))
            let deadline = ContinuousClock.now + .seconds(20)
            while kill(process, 0) == 0 {
                try #require(ContinuousClock.now < deadline, "the child outlived its pod")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test func `a container that fails is restarted and keeps its earlier log`() async throws {
        try await withCluster { client in
            let script = "echo run; test -e again || { touch again; exit 1; }; sleep 300"
            _ = try await client.create(pod("again", script, policy: "Always"), of: .pod)
            let pod = try await until(client, "again", "restarted") {
                let status = $0["status"]?["containerStatuses"]?[0]
                return status?["restartCount"]?.integer == 1
                    && status?["state"]?["running"] != nil
            }
            let last = pod["status"]?["containerStatuses"]?[0]?["lastState"]?["terminated"]
            #expect(last?["exitCode"]?.integer == 1)
        }
    }

    @Test func `files of ConfigMaps, Secrets and tokens are where the pod mounts them`()
        async throws
    {
        try await withCluster { client in
            _ = try await client.create(
                [
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": ["name": "c", "namespace": "default"], "data": ["k": "from-map"],
                ], of: .configMap)
            _ = try await client.create(
                [
                    "apiVersion": "v1", "kind": "Secret",
                    "metadata": ["name": "s", "namespace": "default"],
                    "stringData": ["k": "from-secret"],
                ], of: .secret)
            var object = pod(
                "files",
                "cat /c/k; echo; cat /s/k; echo; wc -c </t/token; echo $FROM; stat -c %a /s/k")
            object["spec"]?["volumes"] = [
                ["name": "c", "configMap": ["name": "c"]],
                ["name": "s", "secret": ["secretName": "s"]],
                [
                    "name": "t",
                    "projected": [
                        "sources": [["serviceAccountToken": ["path": "token", "audience": "x"]]]
                    ],
                ],
            ]
            var container = object["spec"]?["containers"]?[0] ?? .null
            container["volumeMounts"] = [
                ["name": "c", "mountPath": "/c"], ["name": "s", "mountPath": "/s"],
                ["name": "t", "mountPath": "/t"],
            ]
            container["env"] = [
                ["name": "FROM", "valueFrom": ["configMapKeyRef": ["name": "c", "key": "k"]]]
            ]
            object["spec"]?["containers"] = .array([container])
            _ = try await client.create(object, of: .pod)
            _ = try await until(client, "files", "done") {
                $0["status"]?["phase"]?.string == "Succeeded"
            }
            let body = try await client.log(.log(of: reference("files")))
            let text = try await body.collect(bytesMax: 1 << 16)
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 5)
            #expect(lines.first == "from-map" && lines.dropFirst().first == "from-secret")
            #expect(Int(lines.dropFirst(2).first ?? "") ?? 0 > 100)
            #expect(lines.dropFirst(3).first == "from-map" && lines.last == "600")
        }
    }
}
