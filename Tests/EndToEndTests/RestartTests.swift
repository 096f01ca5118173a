import Foundation
import KubernetesCore
import Subprocess
import SystemPackage
import Testing

/// A kept cluster with operator, node and agents, killed as a whole while it works.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RestartTests {
    private static func objects(_ ledger: String) -> String {
        let pool = """
            apiVersion: swiftlet.dev/v1alpha1
            kind: BackgroundAgentPool
            metadata: {name: kept, namespace: default}
            spec:
              replicas: 2
              slotsPerAgent: 2
              autoscaling: {enabled: false}
              agent: {heartbeatSeconds: 1, timeoutSeconds: 60}
              template:
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                    - name: agent
                      image: debian:12-slim
            """
        let tasks = (0..<6).map { number in
            """
            ---
            apiVersion: swiftlet.dev/v1alpha1
            kind: BackgroundTask
            metadata: {name: kept-\(number), namespace: default}
            spec:
              poolRef: {name: kept}
              command:
                - sh
                - -c
                - "echo begin \(number) >> \(ledger); sleep 3; echo end \(number) >> \(ledger)"
            """
        }
        return ([pool] + tasks).joined(separator: "\n")
    }

    private func lines(_ ledger: String, _ word: String) -> [String] {
        let text = (try? String(contentsOfFile: ledger, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix(word) }
    }

    /// The living processes that carry the mark of a kept cluster.
    private static func marked(_ data: String) -> [pid_t] {
        let mark = Array("SWIFTLET_LOCAL_CLUSTER=\(data)".utf8)
        return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap {
            guard let process = pid_t($0),
                let environment = FileManager.default.contents(atPath: "/proc/\($0)/environ")
            else { return nil }
            return environment.split(separator: 0).contains { Array($0) == mark } ? process : nil
        }
    }

    @Test func `a cluster killed at work goes on with its tasks, and leaves nobody behind`()
        async throws
    {
        let kept = "/var/tmp/swiftlet-kept-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: kept) }
        let ledger = kept + "/ledger"
        let data = kept + "/data"
        try await DevCluster.run(["--data-dir", data], endsByItself: false) { cluster in
            try await cluster.kubectl("apply", "-f", "-", input: Self.objects(ledger))
            try await cluster.eventually("tasks run") { lines(ledger, "begin").count >= 2 }
            kill(cluster.process, SIGKILL)
        }
        let orphans = Self.marked(data)
        #expect(orphans.count >= 3, "an operator and two agents were left behind: \(orphans)")
        try await DevCluster.run(["--data-dir", data]) { cluster in
            let left = Set(orphans).intersection(Self.marked(data))
            #expect(left.isEmpty, "of the earlier run are alive: \(left)")
            try await cluster.kubectl(
                "wait", "--for=condition=Complete", "bt", "--all", "--timeout=120s")
            let ended = Set(lines(ledger, "end"))
            #expect(ended.count == 6, "\(ended)")
            let attempts = try await cluster.object("bt")["items"]?.array?.map {
                $0["status"]?["attempt"]?.integer ?? 0
            }
            #expect(attempts?.contains(2) == true, "what was running was started again")
        }
        #expect(Self.marked(data).isEmpty)
    }
}
