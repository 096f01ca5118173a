public import ControlLoop
public import KubernetesCore
import SwiftletAPI

/// The operator's rights in a cluster, from the access lists of its parts: what no list names it
/// may not do, and what a list names it may.
public enum OperatorRBAC {
    /// The name of the operator's ServiceAccount and of its roles.
    public static let name = "swiftlet-operator"

    /// The gateway's part: it asks whose an agent's token is, and keeps its own identity and
    /// tasks' checkpoints in Secrets, of which it also reads the values of tasks' variables.
    public static let gatewayAccess = Access(
        reads: [], writes: [.create(.tokenReview), .create(.secret), .patch(.secret)],
        gets: [.secret])

    /// What is done for those who submit tasks through the gateway: it asks what they may, makes
    /// and calls off tasks, and reads what agents wrote.
    public static let submissionAccess = Access(
        reads: [],
        writes: [
            .create(.subjectAccessReview), .create(.backgroundTask), .patch(.backgroundTask),
        ], gets: [.backgroundTask, .pod, .podLog])

    /// Everything that is done in all namespaces.
    public static var clusterAccess: Access {
        PoolReconciler.access.union(TaskReconciler.access).union(SchedulerMachine.access)
            .union(SessionMachine.access).union(StatisticsMachine.access)
            .union(PolicyMachine.access).union(PolicyReportReconciler.access).union(.events)
            .union(PersonaMachine.access).union(gatewayAccess).union(submissionAccess)
    }

    /// What is done in the operator's own namespace: the election, the gateway's keys, and the
    /// label of the pod that leads.
    public static var ownAccess: Access {
        Access.election.union(LeaderMark.access).union(
            Access(reads: [], writes: [.create(.secret), .patch(.secret)], gets: [.secret]))
    }

    /// The objects that give the operator in `namespace` its rights: a ServiceAccount, a
    /// ClusterRole, a Role, and what binds them. The namespace itself is not among them.
    public static func objects(namespace: String) -> [JSONValue] {
        let subject: JSONValue = [
            "kind": "ServiceAccount", "name": .string(name), "namespace": .string(namespace),
        ]
        func metadata(_ namespace: String?) -> JSONValue {
            var metadata: JSONValue = [
                "name": .string(name),
                "labels": [
                    "app.kubernetes.io/name": "swiftlet",
                    "app.kubernetes.io/component": "operator",
                ],
            ]
            if let namespace { metadata["namespace"] = .string(namespace) }
            return metadata
        }
        func rbac(
            _ kind: String, _ namespace: String?, _ body: [(String, JSONValue)]
        ) -> JSONValue {
            var object: JSONValue = [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": .string(kind),
                "metadata": metadata(namespace),
            ]
            for (key, value) in body { object[key] = value }
            return object
        }
        func binding(_ role: String, _ namespace: String?) -> JSONValue {
            rbac(
                role + "Binding", namespace,
                [
                    (
                        "roleRef",
                        [
                            "apiGroup": "rbac.authorization.k8s.io", "kind": .string(role),
                            "name": .string(name),
                        ]
                    ), ("subjects", [subject]),
                ])
        }
        return [
            ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(namespace)],
            rbac("ClusterRole", nil, [("rules", .array(clusterAccess.policyRules))]),
            binding("ClusterRole", nil),
            rbac("Role", namespace, [("rules", .array(ownAccess.policyRules))]),
            binding("Role", namespace),
        ]
    }
}
