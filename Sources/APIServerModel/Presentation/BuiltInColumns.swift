import KubernetesCore

/// The columns of the built-in kinds.
enum BuiltInColumns {
    static func columns(of resource: GroupResource) -> [TableColumn] {
        table[resource] ?? [.objectName, created]
    }

    private static let table: [GroupResource: [TableColumn]] = [
        .pods: PodColumns.all,
        .deployments: deployments,
        .replicaSets: replicaSets,
        .namespaces: [
            .objectName, TableColumn("Status", path: ["status", "phase"]), .age,
        ],
        .nodes: nodes,
        .configMaps: [
            .objectName,
            TableColumn("Data") { object, _ in
                .int(size(object["data"]) + size(object["binaryData"]))
            }, .age,
        ],
        .secrets: [
            .objectName, TableColumn("Type", path: ["type"]),
            TableColumn("Data") { object, _ in .int(size(object["data"])) }, .age,
        ],
        .serviceAccounts: [
            .objectName,
            TableColumn("Secrets") { object, _ in
                .int(object["secrets"]?.array?.count ?? 0)
            }, .age,
        ],
        .events: events,
        .services: services,
        .resourceQuotas: quotas,
        .networkPolicies: [
            .objectName,
            TableColumn("Pod-Selector") { object, _ in
                .string(selector(object[path: ["spec", "podSelector"]]))
            }, .age,
        ],
        .disruptionBudgets: [
            .objectName,
            TableColumn("Min Available", path: ["spec", "minAvailable"], otherwise: "N/A"),
            TableColumn("Max Unavailable", path: ["spec", "maxUnavailable"], otherwise: "N/A"),
            TableColumn("Allowed Disruptions", type: "integer") { object, _ in
                object[path: ["status", "disruptionsAllowed"]] ?? 0
            }, .age,
        ],
        .priorityClasses: [
            .objectName,
            TableColumn("Value", type: "integer") { object, _ in object["value"] ?? 0 },
            TableColumn("Global-Default", type: "boolean") { object, _ in
                object["globalDefault"] ?? false
            }, .age,
            TableColumn("PreemptionPolicy", path: ["preemptionPolicy"]),
        ],
        .roles: [.objectName, created],
        .clusterRoles: [.objectName, created],
        .roleBindings: bindings,
        .clusterRoleBindings: bindings,
        GroupResource(group: "coordination.k8s.io", resource: "leases"): [
            .objectName, TableColumn("Holder", path: ["spec", "holderIdentity"]), .age,
        ],
        .definitions: [.objectName, created],
        GroupResource(group: "node.k8s.io", resource: "runtimeclasses"): [
            .objectName, TableColumn("Handler", path: ["handler"]), .age,
        ],
    ]

    private static let deployments: [TableColumn] =
        [
            .objectName,
            TableColumn("Ready") { object, _ in
                .string("\(count(object, "readyReplicas"))/\(replicas(object))")
            },
            TableColumn("Up-to-date") { object, _ in .int(count(object, "updatedReplicas")) },
            TableColumn("Available") { object, _ in .int(count(object, "availableReplicas")) },
            .age,
        ] + template

    private static let replicaSets: [TableColumn] =
        [
            .objectName,
            TableColumn("Desired", type: "integer") { object, _ in .int(replicas(object)) },
            TableColumn("Current", type: "integer") { object, _ in
                .int(count(object, "replicas"))
            },
            TableColumn("Ready", type: "integer") { object, _ in
                .int(count(object, "readyReplicas"))
            },
            .age,
        ] + template

    /// What the pods of a workload are made of.
    private static let template: [TableColumn] = [
        TableColumn("Containers", wide: true) { object, _ in .string(containers(object, "name")) },
        TableColumn("Images", wide: true) { object, _ in .string(containers(object, "image")) },
        TableColumn("Selector", wide: true) { object, _ in
            .string(selector(object[path: ["spec", "selector"]]))
        },
    ]

    private static func count(_ object: JSONValue, _ field: String) -> Int {
        Int(clamping: object[path: ["status", field]]?.integer ?? 0)
    }

    private static func replicas(_ object: JSONValue) -> Int {
        Int(clamping: object[path: ["spec", "replicas"]]?.integer ?? 0)
    }

    private static func containers(_ object: JSONValue, _ field: String) -> String {
        (object[path: ["spec", "template", "spec", "containers"]]?.array ?? [])
            .compactMap { $0[field]?.string }.joined(separator: ",")
    }

    private static let created = TableColumn("Created At", type: "date") { object, _ in
        object[path: ["metadata", "creationTimestamp"]] ?? ""
    }

    private static let nodes: [TableColumn] = [
        .objectName,
        TableColumn("Status") { node, _ in
            var words = [PodColumns.Summary.isTrue(node, "Ready") ? "Ready" : "NotReady"]
            if (node[path: ["status", "conditions"]]?.array ?? []).isEmpty { words = ["Unknown"] }
            if node[path: ["spec", "unschedulable"]]?.bool == true {
                words.append("SchedulingDisabled")
            }
            return .string(words.joined(separator: ","))
        },
        TableColumn("Roles") { node, _ in
            let prefix = "node-role.kubernetes.io/"
            let roles = (node[path: ["metadata", "labels"]]?.object?.keys ?? [])
                .filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            return .string(roles.isEmpty ? "<none>" : roles.joined(separator: ","))
        },
        .age,
        TableColumn("Version", path: ["status", "nodeInfo", "kubeletVersion"]),
        TableColumn("Internal-IP", wide: true) { node, _ in address(node, "InternalIP") },
        TableColumn("External-IP", wide: true) { node, _ in address(node, "ExternalIP") },
        TableColumn(
            "OS-Image", path: ["status", "nodeInfo", "osImage"], otherwise: "<unknown>",
            wide: true),
        TableColumn(
            "Kernel-Version", path: ["status", "nodeInfo", "kernelVersion"],
            otherwise: "<unknown>", wide: true),
        TableColumn(
            "Container-Runtime", path: ["status", "nodeInfo", "containerRuntimeVersion"],
            otherwise: "<unknown>", wide: true),
    ]

    private static let events: [TableColumn] = [
        TableColumn("Last Seen") { event, now in
            let time =
                event[path: ["series", "lastObservedTime"]]?.string
                ?? event["lastTimestamp"]?.string ?? event["eventTime"]?.string
                ?? event["firstTimestamp"]?.string
            return .string(HumanDuration.age(time, now: now))
        },
        TableColumn("Type", path: ["type"]), TableColumn("Reason", path: ["reason"]),
        TableColumn("Object") { event, _ in
            let about = event["involvedObject"] ?? [:]
            let kind = (about["kind"]?.string ?? "").lowercased()
            return .string(kind + "/" + (about["name"]?.string ?? ""))
        },
        TableColumn("Subobject", path: ["involvedObject", "fieldPath"], wide: true),
        TableColumn("Source", wide: true) { event, _ in
            let component =
                event[path: ["source", "component"]]?.string
                ?? event["reportingComponent"]?.string ?? ""
            let host =
                event[path: ["source", "host"]]?.string ?? event["reportingInstance"]?.string
            return .string(
                ([component] + [host ?? ""]).filter { !$0.isEmpty }
                    .joined(separator: ", "))
        },
        TableColumn("Message") { event, _ in
            .string(trimmed(event["message"]?.string ?? ""))
        },
        TableColumn("First Seen", wide: true) { event, now in
            let time = event["firstTimestamp"]?.string ?? event["eventTime"]?.string
            return .string(HumanDuration.age(time, now: now))
        },
        TableColumn("Count", wide: true) { event, _ in
            .integer(
                event[path: ["series", "count"]]?.integer ?? event["count"]?.integer ?? 1)
        },
        TableColumn("Name", format: "name", wide: true) { event, _ in
            event[path: ["metadata", "name"]] ?? ""
        },
    ]

    private static let services: [TableColumn] = [
        .objectName, TableColumn("Type", path: ["spec", "type"]),
        TableColumn("Cluster-IP", path: ["spec", "clusterIP"], otherwise: "<none>"),
        TableColumn("External-IP") { _, _ in "<none>" },
        TableColumn("Port(s)") { service, _ in
            let ports = (service[path: ["spec", "ports"]]?.array ?? []).map { port in
                "\(port["port"]?.integer ?? 0)/\(port["protocol"]?.string ?? "TCP")"
            }
            return .string(ports.isEmpty ? "<none>" : ports.joined(separator: ","))
        },
        .age,
        TableColumn("Selector", wide: true) { service, _ in
            let pairs = (service[path: ["spec", "selector"]]?.object ?? [:]).map { key, value in
                key + "=" + (value.string ?? "")
            }
            return .string(pairs.isEmpty ? "<none>" : pairs.joined(separator: ","))
        },
    ]

    private static let quotas: [TableColumn] = [
        .objectName,
        TableColumn("Request") { quota, _ in .string(usage(quota) { !$0.hasPrefix("limits.") }) },
        TableColumn("Limit") { quota, _ in .string(usage(quota) { $0.hasPrefix("limits.") }) },
        .age,
    ]

    private static let bindings: [TableColumn] = [
        .objectName,
        TableColumn("Role") { binding, _ in
            let role = binding["roleRef"] ?? [:]
            return .string((role["kind"]?.string ?? "") + "/" + (role["name"]?.string ?? ""))
        }, .age,
        TableColumn("Users", wide: true) { binding, _ in subjects(binding, "User") },
        TableColumn("Groups", wide: true) { binding, _ in subjects(binding, "Group") },
        TableColumn("ServiceAccounts", wide: true) { binding, _ in
            subjects(binding, "ServiceAccount")
        },
    ]

    private static func subjects(_ binding: JSONValue, _ kind: String) -> JSONValue {
        let names = (binding["subjects"]?.array ?? []).filter { $0["kind"]?.string == kind }.map {
            let namespace = $0["namespace"]?.string ?? ""
            return (namespace.isEmpty ? "" : namespace + "/") + ($0["name"]?.string ?? "")
        }
        return .string(names.joined(separator: ", "))
    }

    private static func usage(_ quota: JSONValue, _ shows: (String) -> Bool) -> String {
        let used = quota[path: ["status", "used"]]?.object ?? [:]
        let hard = quota[path: ["status", "hard"]]?.object ?? [:]
        return hard.filter { shows($0.0) }.map { name, limit in
            "\(name): \(used[name]?.string ?? "0")/\(limit.string ?? "0")"
        }.joined(separator: ", ")
    }

    private static func address(_ node: JSONValue, _ type: String) -> JSONValue {
        let found = (node[path: ["status", "addresses"]]?.array ?? []).first {
            $0["type"]?.string == type
        }
        return found?["address"] ?? "<none>"
    }

    private static func size(_ value: JSONValue?) -> Int { value?.object?.count ?? 0 }

    private static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }

    /// A label selector in the notation of queries.
    static func selector(_ value: JSONValue?) -> String {
        var parts = (value?["matchLabels"]?.object ?? [:]).map { key, value in
            key + "=" + (value.string ?? "")
        }
        for requirement in value?["matchExpressions"]?.array ?? [] {
            let key = requirement["key"]?.string ?? ""
            let values = (requirement["values"]?.array ?? []).compactMap(\.string)
                .joined(separator: ",")
            switch requirement["operator"]?.string {
            case "In": parts.append("\(key) in (\(values))")
            case "NotIn": parts.append("\(key) notin (\(values))")
            case "Exists": parts.append(key)
            case "DoesNotExist": parts.append("!" + key)
            default: break
            }
        }
        return parts.isEmpty ? "<none>" : parts.joined(separator: ",")
    }
}
