import KubernetesCore

/// The values that are about what surrounds the operator.
extension ChartValues {
    static let access: [ChartValue] = [
        ChartValue(
            "serviceAccount.annotations", [:], "Annotations of the operator's ServiceAccount.",
            texts),
        ChartValue(
            "rbac.scope", "Cluster",
            "Where the operator may write: Cluster, or only in rbac.namespaces. It reads pools, "
                + "tasks and its own objects everywhere in either case; Secrets only where it may "
                + "write.",
            ["enum": ["Cluster", "Namespaces"]]),
        ChartValue(
            "rbac.namespaces", [],
            "The namespaces of pools and tasks where rbac.scope is Namespaces. They must exist.",
            ["items": ["type": "string", "minLength": 1]]),
        ChartValue(
            "rbac.aggregate", true,
            "Whether Kubernetes' own roles view, edit and admin extend to pools and tasks."),
        ChartValue(
            "crds.install", true,
            "Whether the chart brings the definitions of pools and tasks, and upgrades them. "
                + "They stay when the release is removed."),
    ]

    static let gateway: [ChartValue] = [
        ChartValue("gateway.port", 8_443, "The port that agents call.", port),
        ChartValue(
            "gateway.url", "",
            "Where agents find the gateway, as in https://10.96.7.7:8443; the address of its "
                + "Service where it is empty. An address is better than a name.",
            ["pattern": "^(|https://.+)$"]),
        ChartValue(
            "gateway.serverName", "swiftlet-gateway", "The name in the gateway's certificate.",
            ["pattern": "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"]),
        ChartValue(
            "gateway.certificates.secretName", "swiftlet-gateway-certificates",
            "A Secret in the operator's namespace with the gateway's certificate: tls.crt, tls.key "
                + "and ca.crt, as cert-manager writes it. Where there is none when it starts, the "
                + "operator is its own authority.",
            ["pattern": "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"]),
        ChartValue(
            "gateway.bindAgentAddress", false,
            "Whether an agent's token is taken from its own pod's addresses alone. Not where a "
                + "proxy, a mesh or address translation stands between agents and the gateway."),
        ChartValue(
            "gateway.service.clusterIP", "",
            "A fixed address of the gateway's Service; any where it is empty. With a fixed one, "
                + "agents find the gateway again after its Service was made anew."),
        ChartValue(
            "gateway.service.annotations", [:], "Annotations of the gateway's Service.", texts),
    ]

    static let watching: [ChartValue] = [
        ChartValue(
            "metrics.port", 8_080, "The port of metrics, probes and the status page.", port),
        ChartValue(
            "metrics.statusPage", true,
            "Whether /ui on that port shows pools and tasks to whoever reaches it."),
        ChartValue(
            "metrics.tls.enabled", false,
            "Whether metrics, probes and the status page are served over HTTPS."),
        ChartValue(
            "metrics.tls.secretName", "swiftlet-metrics-tls",
            "The Secret with the certificate, of the type kubernetes.io/tls, as cert-manager makes "
                + "them. Its names: those of the Service swiftlet-operator-metrics.",
            ["minLength": 1]),
        ChartValue(
            "metrics.service.annotations", [:], "Annotations of the metrics' Service.", texts),
        ChartValue(
            "metrics.serviceMonitor.enabled", false,
            "Whether there is a ServiceMonitor; needs the Prometheus operator's definitions."),
        ChartValue(
            "metrics.serviceMonitor.interval", "30s", "How often metrics are read.",
            ["pattern": "^[0-9]+(ms|s|m|h)$"]),
        ChartValue(
            "metrics.serviceMonitor.labels", [:], "Labels that Prometheus selects by.", texts),
        ChartValue(
            "metrics.serviceMonitor.tlsConfig", [:],
            "How Prometheus checks the certificate, as in a ServiceMonitor's tlsConfig: ca, "
                + "serverName.", open),
        ChartValue(
            "alerts.enabled", false,
            "Whether there is a PrometheusRule with Swiftlet's alerts; needs the definitions too."),
        ChartValue("alerts.labels", [:], "Labels that Prometheus selects rules by.", texts),
        ChartValue(
            "dashboard.enabled", false, "Whether there is a ConfigMap with a Grafana dashboard."),
        ChartValue(
            "dashboard.labels", ["grafana_dashboard": "1"],
            "Labels by which Grafana's sidecar finds it.", texts),
    ]

    static let network: [ChartValue] = [
        ChartValue(
            "networkPolicy.enabled", true,
            "Whether only agents reach the gateway, and the operator only names and the API server."
        ),
        ChartValue(
            "networkPolicy.metricsFrom", [["namespaceSelector": [:]]],
            "Who may read metrics: peers as in a NetworkPolicy. By default every pod.", objects),
        ChartValue(
            "networkPolicy.apiServer", [],
            "The API server's addresses, as peers of a NetworkPolicy; by default any address, on "
                + "networkPolicy.apiServerPorts.",
            objects),
        ChartValue(
            "networkPolicy.apiServerPorts", [["port": 443], ["port": 6443]],
            "The API server's ports, as in a NetworkPolicy.", objects),
    ]

    static let sharing: [ChartValue] = [
        ChartValue(
            "priorityClasses.create", true,
            "Whether the chart makes the PriorityClasses swiftlet-background, for agents, and "
                + "swiftlet-system, for the operator."),
        ChartValue(
            "priorityClasses.background", -1_000,
            "The priority of agents: below everything that people wait for.",
            ["minimum": -2_147_483_648, "maximum": 1_000_000_000]),
        ChartValue(
            "priorityClasses.system", 1_000_000, "The priority of the operator.",
            ["minimum": -2_147_483_648, "maximum": 1_000_000_000]),
        ChartValue(
            "flowControl.enabled", true,
            "Whether the operator has a share of the API server of its own (API priority and "
                + "fairness, Kubernetes 1.29)."),
        ChartValue(
            "flowControl.shares", 20, "How large that share is against others'.",
            ["minimum": 1, "maximum": 1_000]),
    ]

    static let rest: [ChartValue] = [
        ChartValue(
            "policies.enabled", false,
            "Whether the policies for agent pods are installed; needs Kyverno. Put your registries "
                + "into them first: policies/README.md."),
        ChartValue(
            "policies.form", "ClusterPolicy",
            "In which form: ClusterPolicy for every Kyverno, ValidatingPolicy for 1.18 and later.",
            ["enum": ["ClusterPolicy", "ValidatingPolicy"]]),
        ChartValue(
            "extraObjects", [],
            "More objects to install with the release; templates are filled in.",
            ["items": ["type": ["object", "string"], "additionalProperties": true]]),
    ]
}
