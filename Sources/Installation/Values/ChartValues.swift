public import KubernetesCore
import SwiftletAPI

/// Everything that whoever installs Swiftlet may decide: the source of `values.yaml`, its schema,
/// its page in the reference, and the plain manifests.
public enum ChartValues {
    /// All values, in the order in which people read them.
    public static let all: [ChartValue] =
        image + process + placement + access + gateway + watching + network + sharing + rest

    /// All of them as one tree: what `.Values` is where nobody decides anything.
    public static var defaults: JSONValue {
        var tree = JSONValue.object([:])
        for value in all { tree[path: value.names] = value.fallback }
        return tree
    }

    static let texts: JSONObject = ["additionalProperties": ["type": "string"]]
    static let open: JSONObject = ["additionalProperties": true]
    static let objects: JSONObject = ["items": ["type": "object", "additionalProperties": true]]
    static let port: JSONObject = ["minimum": 1, "maximum": 65_535]

    private static let image: [ChartValue] = [
        ChartValue(
            "image.repository", "swiftlet",
            "The image with the operator and the agents' runner, without tag or digest.",
            ["minLength": 1]),
        ChartValue("image.tag", "", "Its tag; the chart's appVersion where it is empty."),
        ChartValue(
            "image.digest", "", "Its digest, as in sha256:…; wins over the tag.",
            ["pattern": "^(|sha256:[0-9a-f]{64})$"]),
        ChartValue(
            "image.pullPolicy", "IfNotPresent", "When it is pulled.",
            ["enum": ["Always", "IfNotPresent", "Never"]]),
        ChartValue("imagePullSecrets", [], "Secrets to pull it with: a list of {name}.", objects),
    ]

    private static let process: [ChartValue] = [
        ChartValue(
            "operator.replicas", 2, "Operator pods. One of them leads, the others stand by.",
            ["minimum": 1, "maximum": 9]),
        ChartValue(
            "operator.logLevel", "info", "The least severe messages to print.",
            [
                "enum": [
                    "trace", "debug", "info", "notice", "warning", "error", "critical",
                ]
            ]),
        ChartValue(
            "operator.logFormat", "json", "How messages are printed.",
            ["enum": ["json", "text"]]),
        ChartValue(
            "operator.listenAddress", "0.0.0.0",
            "The address that gateway and metrics listen on; [::] where pods have IPv6 alone.",
            ["pattern": #"^[0-9A-Fa-f.:\[\]]+$"#]),
        ChartValue(
            "operator.agentHealthPort", "10501",
            "The port of their pods on which agents answer their node's probes, 1024 to 65535; "
                + "none for no probes.",
            ["type": ["integer", "string"], "pattern": "^(none|[0-9]{4,5})$"]),
        ChartValue(
            "operator.extraArgs", [], "More options for swiftlet-operator.",
            ["items": ["type": "string"]]),
        ChartValue(
            "operator.extraEnv", [], "More environment variables: a list as in a container's env.",
            objects),
        ChartValue(
            "operator.resources",
            [
                "requests": ["cpu": "100m", "memory": "256Mi"],
                "limits": ["cpu": "2", "memory": "256Mi"],
            ],
            "What the operator gets. It is made to stay below 150 MiB with 10 000 tasks.", open),
        ChartValue(
            "operator.terminationGracePeriodSeconds", 30,
            "How long the operator may take to finish its writes and give its lease back.",
            ["minimum": 5, "maximum": 600]),
        ChartValue("operator.podAnnotations", [:], "Annotations of the operator's pods.", texts),
        ChartValue("operator.podLabels", [:], "More labels of the operator's pods.", texts),
        ChartValue(
            "operator.podSecurityContext",
            [
                "runAsNonRoot": true, "runAsUser": 10_001, "runAsGroup": 10_001,
                "fsGroup": 10_001, "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "The pods' security context. The container's own is restricted and not up for choice.",
            open),
        ChartValue(
            "operator.livenessProbe",
            ["periodSeconds": 15, "timeoutSeconds": 5, "failureThreshold": 4],
            "Timing of the probe that restarts an operator which has stalled.", open),
        ChartValue(
            "operator.readinessProbe",
            ["periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3],
            "Timing of the probe that takes an operator out which sees an old cluster.", open),
        ChartValue(
            "operator.startupProbe",
            ["periodSeconds": 2, "timeoutSeconds": 5, "failureThreshold": 30],
            "Timing of the probe that waits for the start.", open),
    ]

    private static let placement: [ChartValue] = [
        ChartValue(
            "operator.nodeSelector", [:], "Labels that the operator's nodes must have.", texts),
        ChartValue("operator.tolerations", [], "Taints that the operator's pods bear.", objects),
        ChartValue(
            "operator.affinity",
            [
                "podAntiAffinity": [
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        [
                            "weight": 100,
                            "podAffinityTerm": [
                                "topologyKey": "kubernetes.io/hostname",
                                "labelSelector": ["matchLabels": InstallForm.selector],
                            ],
                        ]
                    ]
                ]
            ],
            "Where the pods like to be: by default not on one node.", open),
        ChartValue(
            "operator.topologySpreadConstraints",
            [
                [
                    "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": ["matchLabels": InstallForm.selector],
                ]
            ],
            "How the pods are spread: by default over zones.", objects),
        ChartValue(
            "operator.priorityClassName", .string(SwiftletNames.PriorityClass.system),
            "The operator's PriorityClass; see priorityClasses."),
        ChartValue(
            "podDisruptionBudget.enabled", true,
            "Whether node drains leave one operator alone. Only with two replicas or more."),
        ChartValue(
            "podDisruptionBudget.minAvailable", 1, "How many they leave.",
            ["minimum": 1, "maximum": 8]),
    ]
}
