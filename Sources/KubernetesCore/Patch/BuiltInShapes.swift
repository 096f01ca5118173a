/// The shapes of the built-in kinds, by the list types and patch strategies of the Kubernetes API.
public enum BuiltInShapes {
    /// The shape of objects of a built-in kind; nil where the kind is not known here.
    public static func shape(for type: ResourceType) -> TypeShape? {
        shapes[type.group + "/" + type.kind].map { fields in
            var all = fields
            all["metadata"] = objectMeta
            return .record(all)
        }
    }

    /// What an object of a built-in kind has before anything is set, which its creator therefore
    /// does not own; an empty object for other kinds.
    public static func emptyObject(of type: ResourceType) -> JSONValue {
        empties[type.group + "/" + type.kind] ?? .object(JSONObject())
    }

    /// The shape of `metadata`.
    public static let objectMeta = TypeShape.record([
        "labels": .map(of: .atomic), "annotations": .map(of: .atomic),
        "finalizers": TypeShape(.set(.atomic), mergesScalars: true),
        "ownerReferences": .list(by: "uid", of: .atomic), "managedFields": .atomic,
    ])

    private static let conditions = TypeShape.list(by: "type")
    private static let replacedSelector: TypeShape = {
        var shape = TypeShape.atomic
        shape.isReplaced = true
        return shape
    }()
    private static let strings = TypeShape.map(of: .atomic)
    private static let rbac: [SortedMembers<TypeShape>] = [
        ["rules": .atomic, "aggregationRule": .record],
        ["subjects": .atomic, "roleRef": .atomic],
    ]

    private static let workload: SortedMembers<TypeShape> = [
        "spec": .record([
            "selector": .atomic, "strategy": .record,
            "template": .record(["metadata": objectMeta, "spec": PodShapes.spec]),
        ]),
        "status": .record(["conditions": conditions]),
    ]

    private static let shapes: [String: SortedMembers<TypeShape>] = [
        "/Pod": ["spec": PodShapes.spec, "status": PodShapes.status],
        "/ConfigMap": ["data": strings, "binaryData": strings],
        "/Secret": ["data": strings, "stringData": strings],
        "/Namespace": ["status": .record(["conditions": conditions])],
        "/Service": [
            "spec": .record([
                "ports": TypeShape(
                    .keyed(
                        .record, keys: ["port", "protocol"], defaults: ["protocol": "TCP"]),
                    mergeKey: "port"),
                "selector": .atomic,
            ]),
            "status": .record(["conditions": conditions]),
        ],
        "/Node": [
            "spec": .record(["podCIDRs": TypeShape(.set(.atomic), mergesScalars: true)]),
            "status": .record([
                "addresses": .list(by: "type"), "conditions": conditions, "capacity": strings,
                "allocatable": strings,
            ]),
        ],
        "/Event": ["involvedObject": .atomic, "related": .atomic],
        "events.k8s.io/Event": ["regarding": .atomic, "related": .atomic],
        "/ServiceAccount": ["secrets": .list(by: "name", of: .atomic)],
        "/ResourceQuota": [
            "spec": .record(["hard": strings, "scopeSelector": .atomic]),
            "status": .record(["hard": strings, "used": strings]),
        ],
        "apps/Deployment": workload,
        "apps/ReplicaSet": workload,
        "coordination.k8s.io/Lease": ["spec": .record],
        "networking.k8s.io/NetworkPolicy": ["spec": .record(["podSelector": .atomic])],
        "policy/PodDisruptionBudget": [
            "spec": .record(["selector": replacedSelector]),
            "status": .record(["conditions": conditions, "disruptedPods": strings]),
        ],
        "scheduling.k8s.io/PriorityClass": [:],
        "rbac.authorization.k8s.io/Role": rbac[0],
        "rbac.authorization.k8s.io/ClusterRole": rbac[0],
        "rbac.authorization.k8s.io/RoleBinding": rbac[1],
        "rbac.authorization.k8s.io/ClusterRoleBinding": rbac[1],
        "apiextensions.k8s.io/CustomResourceDefinition": [
            "spec": .record, "status": .record(["conditions": conditions]),
        ],
    ]

    private static let none: JSONValue = .object(JSONObject())

    private static let empties: [String: JSONValue] = [
        "/Pod": ["spec": ["containers": .null], "status": none],
        "/Service": ["spec": none, "status": ["loadBalancer": none]],
        "/Namespace": ["spec": none, "status": none],
        "/Node": [
            "spec": none,
            "status": [
                "daemonEndpoints": ["kubeletEndpoint": ["Port": 0]],
                "nodeInfo": [
                    "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "",
                    "osImage": "", "containerRuntimeVersion": "", "kubeletVersion": "",
                    "kubeProxyVersion": "", "operatingSystem": "", "architecture": "",
                ],
            ],
        ],
        "/Event": [
            "involvedObject": none, "source": none, "firstTimestamp": .null, "lastTimestamp": .null,
            "eventTime": .null, "reportingComponent": "", "reportingInstance": "",
        ],
        "events.k8s.io/Event": [
            "eventTime": .null, "regarding": none, "deprecatedSource": none,
            "deprecatedFirstTimestamp": .null, "deprecatedLastTimestamp": .null,
        ],
        "/ResourceQuota": ["spec": none, "status": none],
        "apps/Deployment": [
            "spec": [
                "selector": .null, "strategy": none,
                "template": ["metadata": none, "spec": ["containers": .null]],
            ], "status": none,
        ],
        "apps/ReplicaSet": [
            "spec": [
                "selector": .null, "template": ["metadata": none, "spec": ["containers": .null]],
            ], "status": ["replicas": 0],
        ],
        "coordination.k8s.io/Lease": ["spec": none],
        "networking.k8s.io/NetworkPolicy": ["spec": ["podSelector": none]],
        "policy/PodDisruptionBudget": [
            "spec": none,
            "status": [
                "disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0,
                "expectedPods": 0,
            ],
        ],
        "scheduling.k8s.io/PriorityClass": ["value": 0],
        "rbac.authorization.k8s.io/Role": ["rules": .null],
        "rbac.authorization.k8s.io/ClusterRole": ["rules": .null],
        "rbac.authorization.k8s.io/RoleBinding": [
            "roleRef": ["apiGroup": "", "kind": "", "name": ""]
        ],
        "rbac.authorization.k8s.io/ClusterRoleBinding": [
            "roleRef": ["apiGroup": "", "kind": "", "name": ""]
        ],
        "apiextensions.k8s.io/CustomResourceDefinition": [
            "spec": [
                "group": "", "names": ["plural": "", "kind": ""], "scope": "", "versions": .null,
            ],
            "status": [
                "conditions": .null, "acceptedNames": ["plural": "", "kind": ""],
                "storedVersions": .null,
            ],
        ],
    ]
}
