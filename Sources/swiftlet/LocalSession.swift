import FoundationEssentials
import Glibc
import Installation
import KubernetesCore
import LocalCluster
import Logging
import Reconcilers
import ServiceLifecycle
import SwiftletAPI

/// A local cluster with the operator beside it: what `dev` and `demo` share.
struct LocalSession: Sendable {
    var cluster: LocalCluster.Configuration
    var hasOperator: Bool
    /// Files and folders of policies that the operator judges agents by.
    var policies: [String] = []
    /// The port of the operator's gateway on 127.0.0.1; 0 for any that is free.
    var gatewayPort = 0
    /// The port of the operator's metrics and status page on 127.0.0.1; nil for none.
    var metricsPort: Int?
    var log: Logger

    /// Runs until it is cancelled or `whenReady` returns, which is called with the server's URL
    /// once the cluster answers. Every process that was started has ended when it returns.
    func run(whenReady: @escaping @Sendable (_ server: String) async throws -> Void) async throws {
        let (ready, signal) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingNewest(1))
        let local = LocalCluster(cluster, log: log) { server in
            signal.yield(server)
            signal.finish()
        }
        let gatewayPort = gatewayPort > 0 ? gatewayPort : try LocalCluster.freePort()
        let folder = try LocalSession.programFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await local.run() }
            group.addTask {
                for await server in ready {
                    try await withThrowingTaskGroup(of: Void.self) { inner in
                        if hasOperator {
                            inner.addTask { try await operatorProcess(gatewayPort, folder).run() }
                        }
                        inner.addTask { try await whenReady(server) }
                        try await inner.next()
                        inner.cancelAll()
                    }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func operatorProcess(_ gatewayPort: Int, _ folder: String) -> OperatorProcess {
        OperatorProcess(
            executable: folder + "/swiftlet-operator",
            kubeconfigPath: LocalSession.operatorKubeconfig(below: cluster.workPath),
            gatewayPort: gatewayPort, metricsPort: metricsPort, mark: cluster.processMark,
            policies: policies, outputPath: cluster.workPath + "/operator.log", log: log)
    }

    /// Where the operator's own kubeconfig lies: with the rights of its ServiceAccount, no more.
    static func operatorKubeconfig(below workPath: String) -> String {
        workPath + "/operator.kubeconfig"
    }

    /// A cluster with what every session has in it, and the operator's account.
    static func configuration(
        kubeconfig: String, work: String
    ) throws -> LocalCluster.Configuration {
        var cluster = LocalCluster.Configuration(kubeconfigPath: kubeconfig, workPath: work)
        cluster.commandPath = [try programFolder()]
        cluster.initialObjects = initialObjects
        cluster.accounts = [
            .init(
                namespace: namespace, name: OperatorRBAC.name,
                kubeconfigPath: operatorKubeconfig(below: work))
        ]
        return cluster
    }

    private static let namespace = "swiftlet-system"

    /// The folder of this program; the operator and the runner lie beside it.
    static func programFolder() throws -> String {
        let link = "/proc/self/exe"
        do {
            let path = try FileManager.default.destinationOfSymbolicLink(atPath: link)
            return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        } catch {
            throw CommandFailure(
                "cannot find the folder of this program, in which the operator and the runner "
                    + "lie: \(link): \(error)")
        }
    }

    /// What every local cluster has from its start: our kinds, the operator's namespace, the
    /// priority class of agents, the operator's rights, and the roles that people are bound to.
    static var initialObjects: [JSONValue] {
        CustomResourceDefinitions.all + [
            [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": .string(namespace)],
            ],
            [
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
                "metadata": ["name": .string(SwiftletNames.PriorityClass.background)],
                "value": -1000, "preemptionPolicy": "Never",
                "description": "Background agents: they never displace anything.",
            ],
        ] + OperatorRBAC.objects(namespace: namespace) + OperatorInstall(.plain).peoplesRoles
    }

    /// Removes the folder of a session that is over. Where that does not work the session has still
    /// done what it should; what is left behind is said.
    static func removeWorkFolder(_ path: String) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Terminal.complain("swiftlet: files are left behind in \(path): \(error)")
        }
    }

    /// A new folder for the files of one session.
    static func makeWorkFolder() throws -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((base + "/swiftlet-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(
                "cannot make a folder in \(base): \(String(cString: strerror(errno)))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
