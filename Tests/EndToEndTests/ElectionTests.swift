import KubernetesCore
import LocalCluster
import Subprocess
import Testing

/// Who may act when an operator ends and another one begins.
@Suite(.timeLimit(.minutes(2))) struct ElectionTests {
    private func holder(_ cluster: DevCluster) async throws -> String {
        let leases = try await cluster.object("leases", "-n", "swiftlet-system")
        let lease = leases["items"]?.array?.first {
            $0[path: ["metadata", "name"]] == "swiftlet-operator"
        }
        return lease?[path: ["spec", "holderIdentity"]]?.string ?? ""
    }

    /// A container that is started anew keeps its host name and its process id. Writes of the
    /// process before it may still be on their way for as long as its lease is valid.
    @Test func `a killed leader's successor of the same name waits until the lease has run out`()
        async throws
    {
        try await DevCluster.run(["--no-operator", "--no-node"]) { cluster in
            let run = OperatorRun(
                cluster: cluster, gatewayPort: try LocalCluster.freePort(), electsLeader: true,
                more: ["--identity", "twin"])
            try await run.run(endingWith: .kill) {
                try await cluster.eventually("the first leads", within: 30) {
                    try await holder(cluster).hasPrefix("twin_")
                }
            }
            let first = try await holder(cluster)
            let killed = ContinuousClock.now
            try await run.run(endingWith: .terminate) {
                try await cluster.eventually("the second leads", within: 60) {
                    let now = try await holder(cluster)
                    return now.hasPrefix("twin_") && now != first
                }
                // 15 s from the last renewal, which was due every 2 s.
                #expect(ContinuousClock.now - killed > .seconds(10))
            }
            #expect(
                try await holder(cluster).isEmpty, "a leader that is asked to end gives it back")
        }
    }
}
