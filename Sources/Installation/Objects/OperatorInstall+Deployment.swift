import KubernetesCore
import Reconcilers
import SwiftletAPI

/// The operator's pods.
extension OperatorInstall {
    var deployment: JSONValue {
        [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": form.metadata(OperatorRBAC.name, scoped: true),
            "spec": [
                "replicas": form.value("operator.replicas"),
                "revisionHistoryLimit": 5,
                "selector": ["matchLabels": InstallForm.selector],
                // A new one is ready before an old one goes: somebody always stands by.
                "strategy": [
                    "type": "RollingUpdate",
                    "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0],
                ],
                "template": ["metadata": podMetadata, "spec": podSpec],
            ],
        ]
    }

    private var podMetadata: JSONValue {
        var metadata: JSONValue = [
            "labels": form.object(
                InstallForm.selector.object ?? [:], with: "operator.podLabels")
        ]
        let annotations = form.object(
            // Otherwise a `kubectl logs` would have to name the container.
            ["kubectl.kubernetes.io/default-container": "operator"],
            with: "operator.podAnnotations")
        metadata["annotations"] = annotations
        return metadata
    }

    private var podSpec: JSONValue {
        var spec: JSONValue = [
            "serviceAccountName": .string(OperatorRBAC.name),
            "automountServiceAccountToken": false,
            // Agents get the address of the gateway's Service, which the kubelet tells by this.
            "enableServiceLinks": true,
            "priorityClassName": form.value("operator.priorityClassName"),
            "terminationGracePeriodSeconds": form.value(
                "operator.terminationGracePeriodSeconds"),
            "securityContext": form.value("operator.podSecurityContext"),
            "affinity": form.value("operator.affinity"),
            "topologySpreadConstraints": form.value("operator.topologySpreadConstraints"),
            "containers": [container],
            "volumes": [token, gatewayCertificate, metricsCertificate],
        ]
        if form == .chart {
            spec["imagePullSecrets"] = form.value("imagePullSecrets")
            spec["nodeSelector"] = form.value("operator.nodeSelector")
            spec["tolerations"] = form.value("operator.tolerations")
        }
        return spec
    }

    private var container: JSONValue {
        func probe(_ path: String, _ timing: String) -> JSONValue {
            let call: JSONValue = [
                "path": .string(path), "port": "metrics", "scheme": .string(form.metricsScheme),
            ]
            return form.object(["httpGet": call], with: timing)
        }
        return [
            "name": "operator",
            "image": .string(form.image),
            "imagePullPolicy": form.value("image.pullPolicy"),
            "command": ["swiftlet-operator"],
            "args": form.list(arguments.map { .string($0) }, with: "operator.extraArgs"),
            "env": form.list(environment, with: "operator.extraEnv"),
            "ports": [
                ["name": "gateway", "containerPort": form.value("gateway.port")],
                ["name": "metrics", "containerPort": form.value("metrics.port")],
            ],
            "startupProbe": probe("/healthz", "operator.startupProbe"),
            "livenessProbe": probe("/healthz", "operator.livenessProbe"),
            "readinessProbe": probe("/readyz", "operator.readinessProbe"),
            "resources": form.value("operator.resources"),
            "securityContext": [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "runAsNonRoot": true, "capabilities": ["drop": ["ALL"]],
                "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "volumeMounts": [
                [
                    "name": "api-token", "readOnly": true,
                    "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                ],
                [
                    "name": "gateway-certificates", "readOnly": true,
                    "mountPath": .string(OperatorInstall.certificatesFolder),
                ],
                [
                    "name": "metrics-tls", "readOnly": true,
                    "mountPath": .string(InstallForm.certificates),
                ],
            ],
        ]
    }

    /// The options of `swiftlet-operator`.
    private var arguments: [String] {
        let address = form.text("operator.listenAddress")
        return [
            "--namespace=\(form.namespace)",
            "--pod=$(POD_NAME)",
            "--gateway-listen=\(address):\(form.text("gateway.port"))",
            "--gateway-url=\(form.gatewayURL)",
            "--gateway-server-name=\(form.text("gateway.serverName"))",
            "--gateway-certificates=\(OperatorInstall.certificatesFolder)",
            "--bind-agent-address=\(form.text("gateway.bindAgentAddress"))",
            "--agent-health-port=\(form.text("operator.agentHealthPort"))",
            "--metrics-listen=\(address):\(form.text("metrics.port"))",
            "--metrics-certificates=\(form.metricsCertificates)",
            "--status-page=\(form.text("metrics.statusPage"))",
            "--runner-image=\(form.image)",
            "--log-level=\(form.text("operator.logLevel"))",
            "--log-format=\(form.text("operator.logFormat"))",
        ]
    }

    private var environment: [JSONValue] {
        [["name": "POD_NAME", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]]
    }

    private static let certificatesFolder = "/etc/swiftlet/gateway-certificates"

    /// A certificate for the gateway, where somebody gives one.
    private var gatewayCertificate: JSONValue {
        [
            "name": "gateway-certificates",
            "secret": [
                "secretName": form.value("gateway.certificates.secretName"),
                "defaultMode": 0o440, "optional": true,
            ],
        ]
    }

    /// The certificate of metrics. Where it is wanted and not there, the operator says so and ends.
    private var metricsCertificate: JSONValue {
        [
            "name": "metrics-tls",
            "secret": [
                "secretName": form.value("metrics.tls.secretName"), "optional": true,
                "defaultMode": 0o440,
            ],
        ]
    }

    /// What the kubelet would mount by itself, but with a token of one hour.
    private var token: JSONValue {
        [
            "name": "api-token",
            "projected": [
                "defaultMode": 0o440,
                "sources": [
                    ["serviceAccountToken": ["path": "token", "expirationSeconds": 3_600]],
                    [
                        "configMap": [
                            "name": "kube-root-ca.crt",
                            "items": [["key": "ca.crt", "path": "ca.crt"]],
                        ]
                    ],
                    [
                        "downwardAPI": [
                            "items": [
                                [
                                    "path": "namespace",
                                    "fieldRef": ["fieldPath": "metadata.namespace"],
                                ]
                            ]
                        ]
                    ],
                ],
            ],
        ]
    }
}
