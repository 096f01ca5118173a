import ControlLoop
public import KubernetesCore
import Reconcilers
import SwiftletAPI

/// Who may do what. The operator's rules are those of its access lists, see `OperatorRBAC`.
extension OperatorInstall {
    /// Rights in all namespaces, in one role.
    var clusterRights: [JSONValue] {
        [
            role("ClusterRole", OperatorRBAC.name, OperatorRBAC.clusterAccess.policyRules),
            binding("ClusterRoleBinding", OperatorRBAC.name, to: "ClusterRole"),
        ]
    }

    /// Reads in all namespaces; writes, and Secrets, in those that are listed.
    var scopedRights: [JSONValue] {
        let rules = OperatorRBAC.clusterAccess.policyRules
        let everywhere = rules.compactMap { OperatorInstall.part(of: $0, isRead: true) }
        let listed = rules.compactMap { OperatorInstall.part(of: $0, isRead: false) }
        return [
            role("ClusterRole", OperatorRBAC.name, everywhere),
            binding("ClusterRoleBinding", OperatorRBAC.name, to: "ClusterRole"),
            role("ClusterRole", OperatorRBAC.name + "-namespaced", listed),
        ]
    }

    /// What the operator does in its own namespace: the election, its gateway's keys, and the label
    /// of the pod that leads.
    var ownRights: [JSONValue] {
        [
            role("Role", OperatorRBAC.name, OperatorRBAC.ownAccess.policyRules),
            binding("RoleBinding", OperatorRBAC.name, to: "Role"),
        ]
    }

    /// Of a rule, what is read of things that are watched; or the rest of it.
    static func part(of rule: JSONValue, isRead: Bool) -> JSONValue? {
        let reading: Set<String> = ["get", "list", "watch"]
        let resources = rule["resources"]?.array?.compactMap(\.string) ?? []
        let verbs = rule["verbs"]?.array?.compactMap(\.string) ?? []
        let isWatched = verbs.contains("watch")
        let isReview = resources == ["tokenreviews"] || resources == ["subjectaccessreviews"]
        let kept = verbs.filter { ((isWatched && reading.contains($0)) || isReview) == isRead }
        guard !kept.isEmpty else { return nil }
        var result = rule
        result["verbs"] = .strings(kept)
        return result
    }

    /// Roles for people: what view and edit extend to, and one for those who only bring tasks.
    public var peoplesRoles: [JSONValue] {
        func rule(_ resources: [String], _ verbs: [String]) -> JSONValue {
            [
                "apiGroups": [.string(SwiftletNames.group)], "resources": .strings(resources),
                "verbs": .strings(verbs),
            ]
        }
        let kinds = ["backgroundagentpools", "backgroundtasks"]
        let reading = ["get", "list", "watch"]
        let writing = ["create", "delete", "deletecollection", "patch", "update"]
        let seen = kinds + kinds.map { $0 + "/status" } + ["backgroundagentpools/scale"]
        let edited = rule(kinds + ["backgroundagentpools/scale"], writing)
        return [
            role(
                "ClusterRole", "swiftlet-viewer", [rule(seen, reading)],
                aggregated: ["view", "edit", "admin"]),
            role("ClusterRole", "swiftlet-editor", [edited], aggregated: ["edit", "admin"]),
            role(
                "ClusterRole", "swiftlet-submitter",
                [
                    rule(["backgroundtasks"], writing),
                    rule(
                        ["backgroundagentpools", "backgroundtasks", "backgroundtasks/status"],
                        reading),
                ]),
        ]
    }

    private func role(
        _ kind: String, _ name: String, _ rules: [JSONValue], aggregated: [String] = []
    ) -> JSONValue {
        var labels = JSONObject()
        for name in aggregated {
            labels["rbac.authorization.k8s.io/aggregate-to-\(name)"] = form.quoted(
                "rbac.aggregate")
        }
        return [
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": .string(kind),
            "metadata": form.metadata(name, scoped: kind == "Role", labels: labels),
            "rules": .array(rules),
        ]
    }

    private func binding(_ kind: String, _ name: String, to role: String) -> JSONValue {
        [
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": .string(kind),
            "metadata": form.metadata(name, scoped: kind == "RoleBinding"),
            "roleRef": [
                "apiGroup": "rbac.authorization.k8s.io", "kind": .string(role),
                "name": .string(name),
            ],
            "subjects": [
                [
                    "kind": "ServiceAccount", "name": .string(OperatorRBAC.name),
                    "namespace": .string(form.namespace),
                ]
            ],
        ]
    }
}
