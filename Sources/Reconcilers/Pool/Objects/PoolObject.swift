import ControlLoop
import KubernetesCore
import SwiftletAPI

/// An object that the operator keeps beside a pool's agents, as it should be.
struct PoolObject: Sendable, Equatable {
    /// The kind.
    let type: ResourceType
    /// Its name; the namespace is the pool's.
    let name: String
    /// What belongs to it besides metadata: `spec`, or what a kind has instead.
    let content: JSONObject

    /// The object, to be created.
    func object(of pool: BackgroundAgentPool) -> JSONValue {
        var result: JSONObject = [
            "apiVersion": .string(type.apiVersion), "kind": .string(type.kind),
            "metadata": [
                "name": .string(name), "namespace": .string(pool.metadata.namespace),
                "labels": [
                    SwiftletNames.Label.managedBy: .string(SwiftletNames.managedBy),
                    SwiftletNames.Label.pool: .string(
                        AgentPodTemplate.labelValue(pool.metadata.name)),
                ],
                "ownerReferences": [pool.asController.json],
            ],
        ]
        for (key, value) in content { result[key] = value }
        return .object(result)
    }

    /// The merge patch that brings `observed` to what it should be; nil where it is that already.
    /// What the server or others added besides is left alone.
    func patch(from observed: JSONObject) -> JSONValue? {
        var changes = JSONObject()
        for (key, value) in content {
            if let patch = PoolObject.addition(to: observed[key] ?? .null, from: value) {
                changes[key] = patch
            }
        }
        return changes.isEmpty ? nil : .object(changes)
    }

    private static func addition(to observed: JSONValue, from desired: JSONValue) -> JSONValue? {
        guard case .object(let new) = desired, case .object(let old) = observed else {
            if observed == desired { return nil }
            return desired
        }
        var changes = JSONObject()
        for (key, value) in new {
            if let patch = addition(to: old[key] ?? .null, from: value) { changes[key] = patch }
        }
        return changes.isEmpty ? nil : .object(changes)
    }
}

extension PoolObject {
    /// The ServiceAccount that a pool's agents run as where the pool names none: it has no rights,
    /// and no token of it is mounted.
    static func serviceAccountName(of pool: BackgroundAgentPool) -> String {
        pool.spec.isolation.serviceAccountName
            ?? pool.spec.template[path: ["spec", "serviceAccountName"]]?.string
            ?? AgentPodTemplate.objectName(of: pool.key, "agent")
    }

    /// Every object that `pool` should have.
    static func all(
        of pool: BackgroundAgentPool, settings: AgentPodSettings
    ) -> [PoolObject] {
        var list: [PoolObject] = []
        let account = serviceAccountName(of: pool)
        if account == AgentPodTemplate.objectName(of: pool.key, "agent") {
            list.append(
                PoolObject(
                    type: .serviceAccount, name: account,
                    content: ["automountServiceAccountToken": false]))
        }
        if pool.spec.isolation.networkPolicy == .standard {
            list.append(networkPolicy(of: pool, settings))
        }
        let hard = pool.spec.quota?.hard ?? [:]
        let (objects, resources) = (hard.filter(isCount), hard.filter { !isCount($0) })
        if !resources.isEmpty {
            list.append(resourceQuota(of: pool, "quota", resources, settings.priorityClassName))
        }
        if !objects.isEmpty {
            list.append(resourceQuota(of: pool, "objects", objects, nil))
        }
        list.append(disruptionBudget(of: pool))
        return list
    }

    /// Keeps node drains from taking agents that have been at work for a while. Agents that have
    /// just begun get the grace of their pod.
    private static func disruptionBudget(of pool: BackgroundAgentPool) -> PoolObject {
        PoolObject(
            type: .podDisruptionBudget, name: AgentPodTemplate.objectName(of: pool.key, "busy"),
            content: [
                "spec": [
                    "maxUnavailable": 0,
                    "selector": [
                        "matchLabels": [
                            SwiftletNames.Label.pool: .string(
                                AgentPodTemplate.labelValue(pool.metadata.name)),
                            SwiftletNames.Label.busy: "true",
                        ]
                    ],
                ]
            ])
    }

    /// Whether a quota bounds a number of objects. Objects have no priority class: under the scope
    /// of one a server would count none of them.
    private static func isCount(_ entry: (key: String, value: String)) -> Bool {
        entry.key.hasPrefix("count/")
    }

    private static func resourceQuota(
        of pool: BackgroundAgentPool, _ part: String, _ quantities: [String: String],
        _ priorityClass: String?
    ) -> PoolObject {
        var hard = JSONObject()
        for (name, text) in quantities.sorted(by: { $0.key < $1.key }) {
            // As the server writes it, so that what it stored is not taken for a change. What is no
            // quantity is passed on: the server refuses it, and the pool tells its words.
            hard[name] = (try? Quantity(text))?.json ?? .string(text)
        }
        var spec: JSONObject = ["hard": .object(hard)]
        if let name = priorityClass {
            spec["scopeSelector"] = [
                "matchExpressions": [
                    [
                        "scopeName": "PriorityClass", "operator": "In",
                        "values": [.string(name)],
                    ]
                ]
            ]
        }
        return PoolObject(
            type: .resourceQuota, name: AgentPodTemplate.objectName(of: pool.key, part),
            content: ["spec": .object(spec)])
    }

    // MARK: - Network

    /// Denies everything but names, the gateway and what the pool lists.
    private static func networkPolicy(
        of pool: BackgroundAgentPool, _ settings: AgentPodSettings
    ) -> PoolObject {
        let names: JSONValue = [
            "to": [
                [
                    "namespaceSelector": [
                        "matchLabels": ["kubernetes.io/metadata.name": "kube-system"]
                    ]
                ]
            ],
            "ports": [["port": 53, "protocol": "UDP"], ["port": 53, "protocol": "TCP"]],
        ]
        let listed = pool.spec.isolation.egress.map(rule)
        return PoolObject(
            type: .networkPolicy, name: AgentPodTemplate.objectName(of: pool.key, "agents"),
            content: [
                "spec": [
                    "podSelector": [
                        "matchLabels": [
                            SwiftletNames.Label.pool: .string(
                                AgentPodTemplate.labelValue(pool.metadata.name))
                        ]
                    ],
                    "policyTypes": ["Ingress", "Egress"],
                    "egress": .array([names, gateway(settings)] + listed),
                ]
            ])
    }

    /// The gateway: the operator's pods where they are known, or else the port anywhere.
    private static func gateway(_ settings: AgentPodSettings) -> JSONValue {
        var rule: JSONObject = [
            "ports": [["port": .int(settings.gatewayPort), "protocol": "TCP"]]
        ]
        if let namespace = settings.gatewayNamespace {
            rule["to"] = [
                [
                    "namespaceSelector": [
                        "matchLabels": ["kubernetes.io/metadata.name": .string(namespace)]
                    ],
                    "podSelector": [
                        "matchLabels": ["app.kubernetes.io/name": "swiftlet"]
                    ],
                ]
            ]
        }
        return .object(rule)
    }

    private static func rule(_ egress: BackgroundAgentPoolSpec.Egress) -> JSONValue {
        var peer = JSONObject()
        if let cidr = egress.cidr {
            var block: JSONObject = ["cidr": .string(cidr)]
            if !egress.except.isEmpty { block["except"] = .strings(egress.except) }
            peer["ipBlock"] = .object(block)
        } else {
            if let selector = egress.namespaceSelector { peer["namespaceSelector"] = selector }
            if let selector = egress.podSelector { peer["podSelector"] = selector }
        }
        var rule: JSONObject = ["to": [.object(peer)]]
        if !egress.ports.isEmpty {
            rule["ports"] = .array(
                egress.ports.map {
                    ["port": .int($0.port), "protocol": .string($0.protocol.rawValue)]
                })
        }
        return .object(rule)
    }
}
