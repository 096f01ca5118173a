import KubernetesCore
import Reconcilers
import SwiftletAPI

/// Who comes first: on the nodes, and at the API server.
extension OperatorInstall {
    var priorityClasses: [JSONValue] {
        func priorityClass(
            _ name: String, _ component: String, _ path: String, _ preemption: String,
            _ description: String
        ) -> JSONValue {
            [
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
                "metadata": form.metadata(name, scoped: false, component: component),
                "value": form.value(path), "preemptionPolicy": .string(preemption),
                "globalDefault": false, "description": .string(description),
            ]
        }
        return [
            priorityClass(
                SwiftletNames.PriorityClass.background, "agent", "priorityClasses.background",
                "Never", "Background agents: they never displace anything."),
            priorityClass(
                SwiftletNames.PriorityClass.system, "operator", "priorityClasses.system",
                "PreemptLowerPriority", "The operator of background agents."),
        ]
    }

    /// The operator's requests queue among themselves. Its Events come after everything, and its
    /// lease before: an operator that is slowed down must not lose it.
    var flowControl: [JSONValue] {
        let group = "flowcontrol.apiserver.k8s.io/v1"
        func schema(
            _ name: String, _ level: String, _ precedence: Int, _ rules: JSONValue
        ) -> JSONValue {
            [
                "apiVersion": .string(group), "kind": "FlowSchema",
                "metadata": form.metadata(name, scoped: false),
                "spec": [
                    "priorityLevelConfiguration": ["name": .string(level)],
                    "matchingPrecedence": .int(precedence),
                    "distinguisherMethod": ["type": "ByUser"],
                    "rules": [
                        [
                            "subjects": [
                                [
                                    "kind": "ServiceAccount",
                                    "serviceAccount": [
                                        "name": .string(OperatorRBAC.name),
                                        "namespace": .string(form.namespace),
                                    ],
                                ]
                            ],
                            "resourceRules": [rules],
                        ]
                    ],
                ],
            ]
        }
        func all(_ groups: [String], _ resources: [String]) -> JSONValue {
            [
                "verbs": ["*"], "apiGroups": .strings(groups), "resources": .strings(resources),
                "namespaces": ["*"], "clusterScope": true,
            ]
        }
        return [
            [
                "apiVersion": .string(group), "kind": "PriorityLevelConfiguration",
                "metadata": form.metadata("swiftlet", scoped: false),
                "spec": [
                    "type": "Limited",
                    "limited": [
                        "nominalConcurrencyShares": form.value("flowControl.shares"),
                        "limitResponse": [
                            "type": "Queue",
                            "queuing": ["queues": 8, "handSize": 4, "queueLengthLimit": 100],
                        ],
                    ],
                ],
            ],
            schema(
                "swiftlet-lease", "leader-election", 150,
                all(["coordination.k8s.io"], ["leases"])),
            schema("swiftlet-events", "workload-low", 950, all(["", "events.k8s.io"], ["events"])),
            schema("swiftlet-operator", "swiftlet", 1_000, all(["*"], ["*"])),
        ]
    }
}
