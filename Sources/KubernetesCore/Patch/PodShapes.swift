/// The shapes of a pod's parts.
enum PodShapes {
    private static let amounts = TypeShape.map(of: .atomic)

    /// The parts of an environment variable that point at keys elsewhere are one piece each.
    private static let environmentVariable = TypeShape.record([
        "valueFrom": .record([
            "configMapKeyRef": .atomic, "fieldRef": .atomic, "resourceFieldRef": .atomic,
            "secretKeyRef": .atomic, "fileKeyRef": .atomic,
        ])
    ])

    private static let container = TypeShape.record([
        "env": .list(by: "name", of: environmentVariable),
        "ports": TypeShape(
            .keyed(
                .record, keys: ["containerPort", "protocol"], defaults: ["protocol": "TCP"]),
            mergeKey: "containerPort"),
        "resources": .record([
            "claims": .list(by: "name"), "limits": amounts, "requests": amounts,
        ]),
        "volumeDevices": .list(by: "devicePath"),
        "volumeMounts": .list(by: "mountPath"),
    ])

    private static let nodeAffinity = TypeShape.record([
        "requiredDuringSchedulingIgnoredDuringExecution": .atomic
    ])

    private static let spreadConstraint = TypeShape.record(["labelSelector": .atomic])

    private static let volume = TypeShape.record([
        "csi": .record([
            "nodePublishSecretRef": .atomic, "volumeAttributes": .map(of: .atomic),
        ]),
        "cephfs": .record(["secretRef": .atomic]), "flexVolume": .record(["secretRef": .atomic]),
        "iscsi": .record(["secretRef": .atomic]), "rbd": .record(["secretRef": .atomic]),
        "ephemeral": .record([
            "volumeClaimTemplate": .record([
                "metadata": BuiltInShapes.objectMeta,
                "spec": .record([
                    "selector": .atomic, "dataSource": .atomic,
                    "resources": .record(["limits": amounts, "requests": amounts]),
                ]),
            ])
        ]),
    ])

    static let spec = TypeShape.record([
        "affinity": .record(["nodeAffinity": nodeAffinity]),
        "containers": .list(by: "name", of: container),
        "initContainers": .list(by: "name", of: container),
        "ephemeralContainers": .list(by: "name", of: container),
        "hostAliases": .list(by: "ip"),
        "imagePullSecrets": .list(by: "name", of: .atomic),
        "nodeSelector": .atomic, "overhead": amounts,
        "resourceClaims": .list(by: "name"),
        "resources": .record(["limits": amounts, "requests": amounts]),
        "schedulingGates": .list(by: "name"),
        "topologySpreadConstraints": TypeShape(
            .keyed(
                spreadConstraint, keys: ["topologyKey", "whenUnsatisfiable"], defaults: [:]),
            mergeKey: "topologyKey"),
        "volumes": .list(by: "name", of: volume),
    ])

    static let status = TypeShape.record([
        "conditions": .list(by: "type"), "podIPs": .list(by: "ip"),
        "hostIPs": TypeShape(.atomic, mergeKey: "ip"),
        "resourceClaimStatuses": .list(by: "name"),
    ])
}
