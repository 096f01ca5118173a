/// The table of the built-in resources. Everything that is the same for all of them is done by code
/// that knows none of them; what a line says here is all that the table can express.
enum BuiltInResources {
    static let all: [ResourceDefinition] =
        core + apps + access + policy + reviews + extensions

    private static func define(
        _ group: String, _ version: String, _ plural: String, _ kind: String,
        short: [String] = [], categories: [String] = [], cluster: Bool = false,
        traits: ResourceDefinition.Traits = [], type: String? = nil,
        subresources: [ResourceDefinition.Subresource] = [], storage: GroupResource? = nil,
        scale: ScalePaths? = nil
    ) -> ResourceDefinition {
        let resource = GroupResource(group: group, resource: plural)
        return ResourceDefinition(
            resource: resource, kind: kind, singular: kind.lowercased(), listKind: kind + "List",
            shortNames: short, categories: categories, isNamespaced: !cluster, traits: traits,
            subresources: subresources,
            versions: [
                ServedVersion(name: version, typeName: type ?? kind, builtInScale: scale)
            ],
            storage: storage ?? resource)
    }

    private static func sub(
        _ name: String, _ kind: String, group: String = "", version: String = "",
        verbs: [String] = ["create"]
    ) -> ResourceDefinition.Subresource {
        .init(name: name, kind: kind, group: group, version: version, verbs: verbs)
    }

    private static let core: [ResourceDefinition] = [
        define(
            "", "v1", "namespaces", "Namespace", short: ["ns"], cluster: true,
            traits: [.unconditionalUpdate, .hasStatus, .labelNames],
            subresources: [sub("finalize", "Namespace", verbs: ["update"])]),
        define(
            "", "v1", "pods", "Pod", short: ["po"], categories: ["all"],
            traits: [.unconditionalUpdate, .returnsDeleted, .countsGeneration, .hasStatus],
            subresources: [
                sub("binding", "Binding"),
                sub("eviction", "Eviction", group: "policy", version: "v1"),
                sub("log", "Pod", verbs: ["get"]),
                sub("ephemeralcontainers", "Pod", verbs: ["get", "patch", "update"]),
                sub("resize", "Pod", verbs: ["get", "patch", "update"]),
                sub("exec", "PodExecOptions", verbs: ["create", "get"]),
                sub("attach", "PodAttachOptions", verbs: ["create", "get"]),
                sub("portforward", "PodPortForwardOptions", verbs: ["create", "get"]),
                sub(
                    "proxy", "PodProxyOptions",
                    verbs: ["create", "delete", "get", "patch", "update"]),
            ]),
        define(
            "", "v1", "configmaps", "ConfigMap", short: ["cm"], traits: [.unconditionalUpdate]),
        define("", "v1", "secrets", "Secret", traits: [.unconditionalUpdate]),
        define(
            "", "v1", "serviceaccounts", "ServiceAccount", short: ["sa"],
            traits: [.unconditionalUpdate, .returnsDeleted],
            subresources: [
                sub("token", "TokenRequest", group: "authentication.k8s.io", version: "v1")
            ]),
        define(
            "", "v1", "events", "Event", short: ["ev"],
            traits: [.unconditionalUpdate, .createOnUpdate]),
        define(
            "", "v1", "nodes", "Node", short: ["no"], cluster: true,
            traits: [.unconditionalUpdate, .hasStatus]),
        define(
            "", "v1", "services", "Service", short: ["svc"], categories: ["all"],
            traits: [
                .unconditionalUpdate, .createOnUpdate, .returnsDeleted, .hasStatus, .labelNames,
            ]),
        define(
            "", "v1", "endpoints", "Endpoints", short: ["ep"],
            traits: [.unconditionalUpdate, .createOnUpdate]),
        define(
            "", "v1", "resourcequotas", "ResourceQuota", short: ["quota"],
            traits: [.unconditionalUpdate, .returnsDeleted, .hasStatus]),
        define(
            "", "v1", "limitranges", "LimitRange", short: ["limits"],
            traits: [.unconditionalUpdate, .createOnUpdate]),
        define(
            "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", short: ["pvc"],
            traits: [.unconditionalUpdate, .returnsDeleted, .hasStatus]),
        define(
            "", "v1", "persistentvolumes", "PersistentVolume", short: ["pv"], cluster: true,
            traits: [.unconditionalUpdate, .returnsDeleted, .hasStatus]),
    ]

    private static let apps: [ResourceDefinition] = [
        define(
            "apps", "v1", "deployments", "Deployment", short: ["deploy"], categories: ["all"],
            traits: [.unconditionalUpdate, .countsGeneration, .hasStatus], scale: .workload),
        define(
            "apps", "v1", "replicasets", "ReplicaSet", short: ["rs"], categories: ["all"],
            traits: [.unconditionalUpdate, .countsGeneration, .hasStatus], scale: .workload),
    ]

    private static let access: [ResourceDefinition] = {
        let group = "rbac.authorization.k8s.io"
        let traits: ResourceDefinition.Traits = [
            .unconditionalUpdate, .createOnUpdate, .pathNames,
        ]
        return [
            define(group, "v1", "roles", "Role", traits: traits),
            define(group, "v1", "rolebindings", "RoleBinding", traits: traits),
            define(group, "v1", "clusterroles", "ClusterRole", cluster: true, traits: traits),
            define(
                group, "v1", "clusterrolebindings", "ClusterRoleBinding", cluster: true,
                traits: traits),
        ]
    }()

    private static let policy: [ResourceDefinition] = [
        define(
            "coordination.k8s.io", "v1", "leases", "Lease", traits: [.createOnUpdate]),
        define(
            "networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", short: ["netpol"],
            traits: [.unconditionalUpdate, .countsGeneration]),
        define(
            "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", short: ["pdb"],
            traits: [.countsGeneration, .hasStatus]),
        define(
            "scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", short: ["pc"],
            cluster: true, traits: [.unconditionalUpdate]),
        define(
            "node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", cluster: true, traits: []),
        define(
            "storage.k8s.io", "v1", "storageclasses", "StorageClass", short: ["sc"],
            cluster: true, traits: [.unconditionalUpdate, .returnsDeleted]),
        define(
            "flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", cluster: true,
            traits: [.countsGeneration, .hasStatus], type: "FreeSpecObject"),
        define(
            "flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations",
            "PriorityLevelConfiguration", cluster: true, traits: [.countsGeneration, .hasStatus],
            type: "FreeSpecObject"),
        define(
            "admissionregistration.k8s.io", "v1", "validatingadmissionpolicies",
            "ValidatingAdmissionPolicy", categories: ["api-extensions"], cluster: true,
            traits: [.countsGeneration, .hasStatus], type: "FreeSpecObject"),
        define(
            "admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings",
            "ValidatingAdmissionPolicyBinding", categories: ["api-extensions"], cluster: true,
            traits: [.countsGeneration], type: "FreeSpecObject"),
        define(
            "discovery.k8s.io", "v1", "endpointslices", "EndpointSlice",
            traits: [.createOnUpdate, .countsGeneration]),
        define(
            "events.k8s.io", "v1", "events", "Event", short: ["ev"],
            traits: [.unconditionalUpdate, .createOnUpdate, .isAlias], type: "EventsEvent",
            storage: GroupResource(group: "", resource: "events")),
    ]

    private static let reviews: [ResourceDefinition] = {
        let authentication = "authentication.k8s.io"
        let authorization = "authorization.k8s.io"
        return [
            define("", "v1", "bindings", "Binding", traits: [.isReview]),
            define(
                authentication, "v1", "tokenreviews", "TokenReview", cluster: true,
                traits: [.isReview]),
            define(
                authentication, "v1", "selfsubjectreviews", "SelfSubjectReview", cluster: true,
                traits: [.isReview]),
            define(
                authorization, "v1", "subjectaccessreviews", "SubjectAccessReview",
                cluster: true, traits: [.isReview]),
            define(
                authorization, "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview",
                cluster: true, traits: [.isReview]),
            define(
                authorization, "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview",
                cluster: true, traits: [.isReview]),
            define(
                authorization, "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview",
                traits: [.isReview]),
        ]
    }()

    private static let extensions: [ResourceDefinition] = [
        define(
            "apiextensions.k8s.io", "v1", "customresourcedefinitions",
            "CustomResourceDefinition", short: ["crd", "crds"], categories: ["api-extensions"],
            cluster: true, traits: [.countsGeneration, .hasStatus])
    ]
}

extension GroupResource {
    static let namespaces = GroupResource(group: "", resource: "namespaces")
    static let pods = GroupResource(group: "", resource: "pods")
    static let nodes = GroupResource(group: "", resource: "nodes")
    static let configMaps = GroupResource(group: "", resource: "configmaps")
    static let secrets = GroupResource(group: "", resource: "secrets")
    static let serviceAccounts = GroupResource(group: "", resource: "serviceaccounts")
    static let services = GroupResource(group: "", resource: "services")
    static let events = GroupResource(group: "", resource: "events")
    static let resourceQuotas = GroupResource(group: "", resource: "resourcequotas")
    static let limitRanges = GroupResource(group: "", resource: "limitranges")
    static let claims = GroupResource(group: "", resource: "persistentvolumeclaims")
    static let deployments = GroupResource(group: "apps", resource: "deployments")
    static let replicaSets = GroupResource(group: "apps", resource: "replicasets")
    static let leases = GroupResource(group: "coordination.k8s.io", resource: "leases")
    static let networkPolicies = GroupResource(
        group: "networking.k8s.io", resource: "networkpolicies")
    static let disruptionBudgets = GroupResource(
        group: "policy", resource: "poddisruptionbudgets")
    static let priorityClasses = GroupResource(
        group: "scheduling.k8s.io", resource: "priorityclasses")
    static let roles = GroupResource(group: "rbac.authorization.k8s.io", resource: "roles")
    static let roleBindings = GroupResource(
        group: "rbac.authorization.k8s.io", resource: "rolebindings")
    static let clusterRoles = GroupResource(
        group: "rbac.authorization.k8s.io", resource: "clusterroles")
    static let clusterRoleBindings = GroupResource(
        group: "rbac.authorization.k8s.io", resource: "clusterrolebindings")
    static let definitions = GroupResource(
        group: "apiextensions.k8s.io", resource: "customresourcedefinitions")
}
