import KubernetesCore
import Reconcilers
import SwiftletAPI

/// How the operator is reached, by whom, and what it may reach.
extension OperatorInstall {
    /// Agents call this one. Only the leader can answer them, and it alone carries the label.
    var gatewayService: JSONValue {
        var selector = InstallForm.selector
        selector[SwiftletNames.Label.leader] = "true"
        var spec: JSONValue = [
            "type": "ClusterIP", "selector": selector,
            "ports": [
                [
                    "name": "gateway", "port": form.value("gateway.port"),
                    "targetPort": "gateway", "protocol": "TCP",
                ]
            ],
        ]
        if form == .chart { spec["clusterIP"] = form.value("gateway.service.clusterIP") }
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": form.metadata(
                "swiftlet-gateway", scoped: true, component: "gateway",
                annotationsPath: "gateway.service.annotations"),
            "spec": spec,
        ]
    }

    var metricsService: JSONValue {
        [
            "apiVersion": "v1", "kind": "Service",
            "metadata": form.metadata(
                "swiftlet-operator-metrics", scoped: true, component: "metrics",
                annotationsPath: "metrics.service.annotations"),
            "spec": [
                "type": "ClusterIP", "clusterIP": "None", "selector": InstallForm.selector,
                "ports": [
                    [
                        "name": "metrics", "port": form.value("metrics.port"),
                        "targetPort": "metrics", "protocol": "TCP",
                    ]
                ],
            ],
        ]
    }

    var serviceMonitor: JSONValue {
        [
            "apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor",
            "metadata": form.metadata(
                OperatorRBAC.name, scoped: true, component: "metrics",
                labelsPath: "metrics.serviceMonitor.labels"),
            "spec": [
                "selector": [
                    "matchLabels": [
                        "app.kubernetes.io/component": "metrics",
                        "app.kubernetes.io/name": "swiftlet",
                    ]
                ],
                "endpoints": [
                    [
                        "port": "metrics", "path": "/metrics",
                        "scheme": .string(form.metricsProtocol),
                        "tlsConfig": form.value("metrics.serviceMonitor.tlsConfig"),
                        "interval": form.value("metrics.serviceMonitor.interval"),
                        // Labels of ours that Prometheus would else rename: a pool's namespace.
                        "honorLabels": true,
                    ]
                ],
            ],
        ]
    }

    var networkPolicy: JSONValue {
        let agents: JSONValue = [
            "namespaceSelector": [:],
            "podSelector": [
                "matchLabels": [
                    SwiftletNames.Label.managedBy: .string(SwiftletNames.managedBy),
                    SwiftletNames.Label.component: "agent",
                ]
            ],
        ]
        return [
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": form.metadata(OperatorRBAC.name, scoped: true),
            "spec": [
                "podSelector": ["matchLabels": InstallForm.selector],
                "policyTypes": ["Ingress", "Egress"],
                "ingress": [
                    ["from": [agents], "ports": [["port": "gateway", "protocol": "TCP"]]],
                    [
                        "from": form.value("networkPolicy.metricsFrom"),
                        "ports": [["port": "metrics", "protocol": "TCP"]],
                    ],
                ],
                "egress": [
                    [
                        "to": [
                            [
                                "namespaceSelector": [
                                    "matchLabels": ["kubernetes.io/metadata.name": "kube-system"]
                                ]
                            ]
                        ],
                        "ports": [
                            ["port": 53, "protocol": "UDP"], ["port": 53, "protocol": "TCP"],
                        ],
                    ],
                    [
                        "to": form.value("networkPolicy.apiServer"),
                        "ports": form.value("networkPolicy.apiServerPorts"),
                    ],
                ],
            ],
        ]
    }
}
