import KubernetesCore

extension APIServer {
    /// What every cluster has from its start, as far as it is not there.
    mutating func bootstrap(at now: Timestamp) {
        func isMissing(_ resource: GroupResource, _ name: String) -> Bool {
            store.object(resource, "", name) == nil
        }
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"]
        where isMissing(.namespaces, name) {
            seed(
                .namespaces, name: name, labels: ["kubernetes.io/metadata.name": .string(name)],
                ["spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"]], at: now)
        }
        for (name, value) in [
            ("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000),
        ] where isMissing(.priorityClasses, name) {
            seed(
                .priorityClasses, name: name,
                ["value": .int(value), "preemptionPolicy": "PreemptLowerPriority"], at: now)
        }
        let labels: JSONObject = ["kubernetes.io/bootstrapping": "rbac-defaults"]
        for (name, rules) in BootstrapRoles.roles where isMissing(.clusterRoles, name) {
            var marked = labels
            for target in BootstrapRoles.targets(of: name) {
                marked[BootstrapRoles.aggregation + target] = "true"
            }
            var body: JSONValue = ["rules": rules]
            if BootstrapRoles.aggregated.contains(name) {
                body["aggregationRule"] = [
                    "clusterRoleSelectors": [
                        ["matchLabels": [BootstrapRoles.aggregation + name: "true"]]
                    ]
                ]
            }
            seed(.clusterRoles, name: name, labels: marked, body, at: now)
        }
        for (name, role, groups) in BootstrapRoles.bindings
        where isMissing(.clusterRoleBindings, name) {
            let subjects = groups.map { group -> JSONValue in
                [
                    "kind": "Group", "apiGroup": "rbac.authorization.k8s.io",
                    "name": .string(group),
                ]
            }
            seed(
                .clusterRoleBindings, name: name, labels: labels,
                [
                    "subjects": .array(subjects),
                    "roleRef": [
                        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                        "name": .string(role),
                    ],
                ], at: now)
        }
        _ = runControllers(at: now)
    }
}

/// The roles that the API server keeps by itself.
enum BootstrapRoles {
    private static let allVerbs: JSONValue = [
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    ]
    private static let readVerbs: JSONValue = ["get", "list", "watch"]

    private static func workload(_ verbs: JSONValue) -> [JSONValue] {
        [
            [
                "verbs": verbs, "apiGroups": [""],
                "resources": [
                    "configmaps", "endpoints", "events", "limitranges", "namespaces",
                    "persistentvolumeclaims", "pods", "pods/log", "pods/status",
                    "resourcequotas", "serviceaccounts", "services",
                ],
            ],
            [
                "verbs": verbs, "apiGroups": ["apps"],
                "resources": [
                    "deployments", "deployments/scale", "deployments/status", "replicasets",
                    "replicasets/scale", "replicasets/status",
                ],
            ],
            [
                "verbs": verbs, "apiGroups": ["networking.k8s.io", "policy"],
                "resources": ["networkpolicies", "poddisruptionbudgets"],
            ],
        ]
    }

    private static let discovery: JSONValue = [
        [
            "verbs": ["get"],
            "nonResourceURLs": [
                "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi",
                "/openapi/*", "/readyz", "/version", "/version/",
            ],
        ]
    ]

    /// The label of roles whose rules go into others, before the name of the other.
    static let aggregation = "rbac.authorization.k8s.io/aggregate-to-"
    /// The roles that are made of others: charts add to them by labels alone.
    static let aggregated = ["admin", "edit", "view"]

    /// The roles that the rules of a role go into.
    static func targets(of name: String) -> [String] {
        switch name {
        case "system:aggregate-to-admin", "edit": ["admin"]
        case "system:aggregate-to-edit", "view": ["edit"]
        case "system:aggregate-to-view": ["view"]
        default: []
        }
    }

    static let roles: [(String, JSONValue)] = [
        ("admin", []), ("edit", []), ("view", []),
        (
            "cluster-admin",
            [
                ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]],
                ["verbs": ["*"], "nonResourceURLs": ["*"]],
            ]
        ),
        (
            "system:aggregate-to-admin",
            .array(
                workload(allVerbs) + [
                    [
                        "verbs": allVerbs, "apiGroups": ["rbac.authorization.k8s.io"],
                        "resources": ["rolebindings", "roles"],
                    ],
                    ["verbs": allVerbs, "apiGroups": [""], "resources": ["secrets"]],
                    [
                        "verbs": ["create"], "apiGroups": [""],
                        "resources": ["pods/eviction", "serviceaccounts/token"],
                    ],
                ])
        ),
        (
            "system:aggregate-to-edit",
            .array(
                workload(allVerbs) + [
                    ["verbs": allVerbs, "apiGroups": [""], "resources": ["secrets"]]
                ])
        ),
        ("system:aggregate-to-view", .array(workload(readVerbs))),
        (
            "system:basic-user",
            [
                [
                    "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
                    "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
                ],
                [
                    "verbs": ["create"], "apiGroups": ["authentication.k8s.io"],
                    "resources": ["selfsubjectreviews"],
                ],
            ]
        ),
        ("system:discovery", discovery),
        (
            "system:public-info-viewer",
            [
                [
                    "verbs": ["get"],
                    "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"],
                ]
            ]
        ),
        ("system:node", []),
        (
            "system:auth-delegator",
            [
                [
                    "verbs": ["create"], "apiGroups": ["authentication.k8s.io"],
                    "resources": ["tokenreviews"],
                ],
                [
                    "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
                    "resources": ["subjectaccessreviews"],
                ],
            ]
        ),
    ]

    static let bindings: [(String, String, [String])] = [
        ("cluster-admin", "cluster-admin", ["system:masters"]),
        ("system:basic-user", "system:basic-user", ["system:authenticated"]),
        ("system:discovery", "system:discovery", ["system:authenticated"]),
        (
            "system:public-info-viewer", "system:public-info-viewer",
            ["system:authenticated", "system:unauthenticated"]
        ),
    ]
}
