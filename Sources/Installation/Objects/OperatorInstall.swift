public import KubernetesCore
import Reconcilers
import SwiftletAPI

/// The objects that make up an install of the operator, but for the definitions of our kinds.
public struct OperatorInstall: Sendable {
    let form: InstallForm

    /// An install in one of its forms.
    public init(_ form: InstallForm) { self.form = form }

    /// All of it, in the order in which it has to be applied.
    public var parts: [InstallPart] {
        [
            InstallPart(
                "priorityclasses", when: ".Values.priorityClasses.create", priorityClasses),
            InstallPart("serviceaccount", [serviceAccount]),
            InstallPart(
                "rbac-cluster", when: "eq .Values.rbac.scope \"Cluster\"", clusterRights),
            InstallPart(
                "rbac-namespaces", when: "eq .Values.rbac.scope \"Namespaces\"", isPlain: false,
                scopedRights),
            InstallPart("rbac-own", ownRights),
            InstallPart("rbac-people", peoplesRoles),
            InstallPart(
                "networkpolicy", when: ".Values.networkPolicy.enabled", [networkPolicy]),
            InstallPart("flowcontrol", when: ".Values.flowControl.enabled", flowControl),
            InstallPart("services", [gatewayService, metricsService]),
            InstallPart(
                "poddisruptionbudget",
                when: "and .Values.podDisruptionBudget.enabled "
                    + "(gt (int .Values.operator.replicas) 1)",
                [disruptionBudget]),
            InstallPart("deployment", [deployment]),
            InstallPart(
                "servicemonitor", when: ".Values.metrics.serviceMonitor.enabled", isPlain: false,
                [serviceMonitor]),
        ]
    }

    /// What `kubectl apply` needs: the namespace, the definitions of our kinds, and everything that
    /// a chart installs by default.
    public static var manifest: [JSONValue] {
        [namespace] + CustomResourceDefinitions.all
            + OperatorInstall(.plain).parts.filter(\.isPlain).flatMap(\.objects)
    }

    /// The operator's namespace; pods in it keep to the Restricted profile.
    static var namespace: JSONValue {
        [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": [
                "name": .string(InstallForm.namespace),
                "labels": [
                    "app.kubernetes.io/name": "swiftlet",
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/audit": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                ],
            ],
        ]
    }

    private var serviceAccount: JSONValue {
        [
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": form.metadata(
                OperatorRBAC.name, scoped: true, annotationsPath: "serviceAccount.annotations"),
            // The Deployment mounts the token itself, with a short life.
            "automountServiceAccountToken": false,
        ]
    }

    private var disruptionBudget: JSONValue {
        [
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": form.metadata(OperatorRBAC.name, scoped: true),
            "spec": [
                "minAvailable": form.value("podDisruptionBudget.minAvailable"),
                "selector": ["matchLabels": InstallForm.selector],
                // One that is not ready protects nobody; it must not hold a node up.
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            ],
        ]
    }
}
