import KubernetesCore

extension APIServer {
    /// What admission changes on a new object, and what it refuses before validation.
    func admitCreation(_ value: inout JSONValue, _ call: inout APICall) throws(Failure) {
        switch call.definition.storage {
        case .pods:
            // Defaults that admission relies on must stand first.
            PodDefaults.apply(to: &value)
            try admitServiceAccount(&value, call)
            try admitPriority(&value, call)
            PodDefaults.addTolerations(&value)
            try admitRuntimeClass(&value, call)
            applyLimitRanges(&value, call)
        default: break
        }
    }

    /// What admission changes on a new version of an object.
    func admitUpdate(_ value: inout JSONValue, _ old: StoredObject, _ call: APICall) {
        if call.definition.storage == .services {
            ServiceDefaults.keepAddresses(&value, of: old.value)
        }
        guard call.definition.storage == .pods else { return }
        // What admission once worked out stays where the client does not send it back.
        for key in ["priority", "preemptionPolicy", "serviceAccountName", "serviceAccount"]
        where value[path: ["spec", key]] == nil {
            value[path: ["spec", key]] = old.value[path: ["spec", key]]
        }
        PodDefaults.addTolerations(&value)
    }

    /// What admission refuses once the object is known to be valid.
    mutating func validateAdmission(
        _ value: JSONValue, old: JSONValue?, _ call: inout APICall
    ) throws(Failure) {
        if call.definition.storage == .pods, old == nil { try checkLimitRanges(value, call) }
        try checkPodSecurity(value, old: old, &call)
        if old == nil { try checkQuota(value, call) }
        try checkEscalation(value, call)
    }

    /// Gives a pod its service account and, unless it wants none, a token as a projected volume.
    private func admitServiceAccount(
        _ pod: inout JSONValue, _ call: APICall
    ) throws(Failure) {
        let name = pod[path: ["spec", "serviceAccountName"]]?.string ?? "default"
        pod[path: ["spec", "serviceAccountName"]] = .string(name)
        pod[path: ["spec", "serviceAccount"]] = .string(name)
        guard let account = store.object(.serviceAccounts, call.namespace, name) else {
            throw .forbidden(
                .pods, pod[path: ["metadata", "name"]]?.string ?? "",
                "error looking up service account \(call.namespace)/\(name): serviceaccount "
                    + "\"\(name)\" not found")
        }
        if pod[path: ["spec", "imagePullSecrets"]] == nil,
            let secrets = account.value["imagePullSecrets"]
        {
            pod[path: ["spec", "imagePullSecrets"]] = secrets
        }
        let mounts =
            pod[path: ["spec", "automountServiceAccountToken"]]?.bool
            ?? account.value["automountServiceAccountToken"]?.bool ?? true
        guard mounts else { return }
        PodAdmission.mountToken(&pod, volume: "kube-api-access-" + tokenVolumeSuffix(pod))
    }

    private func tokenVolumeSuffix(_ pod: JSONValue) -> String {
        var source = RandomSource(seed: store.revision)
        return source.suffix()
    }

    private func admitPriority(_ pod: inout JSONValue, _ call: APICall) throws(Failure) {
        let name = pod[path: ["spec", "priorityClassName"]]?.string ?? ""
        let podName = pod[path: ["metadata", "name"]]?.string ?? ""
        var value: Int64 = 0
        var policy: JSONValue = "PreemptLowerPriority"
        if name.isEmpty {
            let global = store.objects(.priorityClasses).first {
                $0.value["globalDefault"]?.bool == true
            }
            if let global {
                value = global.value["value"]?.integer ?? 0
                policy = global.value["preemptionPolicy"] ?? policy
                pod[path: ["spec", "priorityClassName"]] = .string(global.name)
            }
        } else {
            guard let known = store.object(.priorityClasses, "", name) else {
                throw .forbidden(
                    .pods, podName, "no PriorityClass with name \(name) was found")
            }
            value = known.value["value"]?.integer ?? 0
            policy = known.value["preemptionPolicy"] ?? policy
        }
        if let given = pod[path: ["spec", "priority"]]?.integer, given != value {
            throw .forbidden(
                .pods, podName,
                "the integer value of priority (\(given)) must not be provided in pod spec; "
                    + "priority admission controller computed \(value) from the given "
                    + "PriorityClass name")
        }
        pod[path: ["spec", "priority"]] = .integer(value)
        pod[path: ["spec", "preemptionPolicy"]] = policy
    }

    private func admitRuntimeClass(_ pod: inout JSONValue, _ call: APICall) throws(Failure) {
        guard let name = pod[path: ["spec", "runtimeClassName"]]?.string, !name.isEmpty else {
            return
        }
        let classes = GroupResource(group: "node.k8s.io", resource: "runtimeclasses")
        guard let known = store.object(classes, "", name) else {
            throw .forbidden(
                .pods, pod[path: ["metadata", "name"]]?.string ?? "",
                "pod rejected: RuntimeClass \"\(name)\" not found")
        }
        if let overhead = known.value[path: ["overhead", "podFixed"]] {
            pod[path: ["spec", "overhead"]] = overhead
        }
    }
}

/// Changes that admission makes to pods, without the store.
enum PodAdmission {
    static let tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// Mounts token, certificates and namespace into each container that has nothing there yet.
    static func mountToken(_ pod: inout JSONValue, volume: String) {
        var isMounted = false
        for list in ["initContainers", "containers"] {
            guard let containers = pod[path: ["spec", list]]?.array else { continue }
            pod[path: ["spec", list]] = .array(
                containers.map { container in
                    let mounts = container["volumeMounts"]?.array ?? []
                    if mounts.contains(where: { $0["mountPath"]?.string == tokenPath }) {
                        return container
                    }
                    isMounted = true
                    var mounted = container
                    mounted["volumeMounts"] = .array(
                        mounts + [
                            [
                                "name": .string(volume), "readOnly": true,
                                "mountPath": .string(tokenPath),
                            ]
                        ])
                    return mounted
                })
        }
        guard isMounted else { return }
        let projected: JSONValue = [
            "sources": [
                ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]],
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
                                "fieldRef": [
                                    "apiVersion": "v1", "fieldPath": "metadata.namespace",
                                ],
                            ]
                        ]
                    ]
                ],
            ], "defaultMode": 420,
        ]
        pod[path: ["spec", "volumes"]] = .array(
            (pod[path: ["spec", "volumes"]]?.array ?? [])
                + [["name": .string(volume), "projected": projected]])
    }
}
