import Foundation

/// A pool whose tasks write to a ledger what they have done, and the processes of its agents.
enum CrashPool {
    private static let pool = """
        apiVersion: swiftlet.dev/v1alpha1
        kind: BackgroundAgentPool
        metadata: {name: crash, namespace: default}
        spec:
          replicas: %AGENTS%
          slotsPerAgent: %SLOTS%
          autoscaling: {enabled: false}
          agent:
            heartbeatSeconds: 1
            timeoutSeconds: %TIMEOUT%
            restartBudget: {restarts: %BUDGET%}
          template:
            spec:
              terminationGracePeriodSeconds: 2
              containers:
                - name: agent
                  image: debian:12-slim
                  env:
                    - {name: LEDGER, value: "%LEDGER%"}
        """

    /// A pool whose agents count as lost after `timeout` seconds of silence: long, so that a busy
    /// machine loses none, but where silence is what is tested.
    static func pool(
        agents: Int, slots: Int, ledger: String, timeout: Int = 300, budget: Int = 5
    ) -> String {
        pool.replacingOccurrences(of: "%AGENTS%", with: "\(agents)")
            .replacingOccurrences(of: "%SLOTS%", with: "\(slots)")
            .replacingOccurrences(of: "%TIMEOUT%", with: "\(timeout)")
            .replacingOccurrences(of: "%BUDGET%", with: "\(budget)")
            .replacingOccurrences(of: "%LEDGER%", with: ledger)
    }

    /// A task of that pool.
    static func task(_ name: String, _ script: String, _ more: String = "") -> String {
        let quoted = script.replacingOccurrences(of: "\"", with: "\\\"")
        return """
            apiVersion: swiftlet.dev/v1alpha1
            kind: BackgroundTask
            metadata: {name: \(name), namespace: default}
            spec:
              poolRef: {name: crash}
              command: ["sh", "-c", "\(quoted)"]
              \(more)
            ---

            """
    }

    /// The process of the runner in the pod `name`: the one whose environment names the pod and
    /// that leads its session.
    static func process(ofPod name: String) -> pid_t? {
        let wanted = Array("SWIFTLET_POD_NAME=\(name)".utf8)
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = pid_t(entry), getsid(process) == process,
                let environment = FileManager.default.contents(atPath: "/proc/\(entry)/environ")
            else { continue }
            if environment.split(separator: 0).contains(where: { Array($0) == wanted }) {
                return process
            }
        }
        return nil
    }
}
