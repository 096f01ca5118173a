public import KubernetesCore

/// The definitions of our kinds, as an API server is given them. `crds/` is written from here.
public enum CustomResourceDefinitions {
    /// All definitions, in order of their names.
    public static let all: [JSONValue] = [pool, task]

    /// The schema of pools: what rules and defaults are evaluated with.
    public static let poolSchema: StructuralSchema = PoolSchema.root
    /// The schema of tasks.
    public static let taskSchema: StructuralSchema = TaskSchema.root

    private static let pool: JSONValue = definition(
        .backgroundAgentPool, shortName: "bap", schema: PoolSchema.root,
        columns: [
            column("Ready", "integer", ".status.readyReplicas", "Agents that can take tasks."),
            column("Desired", "integer", ".status.desiredReplicas", "Agents that are wanted."),
            column("Idle", "integer", ".status.idleAgents", "Agents without a task."),
            column("Busy", "integer", ".status.busyAgents", "Agents with a task."),
            column("Queued", "integer", ".status.queue.queued", "Tasks that wait for an agent."),
            column("Updated", "integer", ".status.updatedReplicas", "Agents of this template."),
            column("Age", "date", ".metadata.creationTimestamp", "Since when it exists."),
            column("Min", "integer", ".spec.autoscaling.minReplicas", "Fewest agents.", wide: true),
            column("Max", "integer", ".spec.autoscaling.maxReplicas", "Most agents.", wide: true),
            column("Tenant", "string", ".status.tenant", "Who it belongs to.", wide: true),
            column(
                "Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason",
                "Why it is ready or not.", wide: true),
        ],
        subresources: [
            "status": [:],
            "scale": [
                "specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas",
                "labelSelectorPath": ".status.selector",
            ],
        ])

    private static let task: JSONValue = definition(
        .backgroundTask, shortName: "bt", schema: TaskSchema.root,
        columns: [
            column("Phase", "string", ".status.phase", "Where it is in its life."),
            column("Pool", "string", ".status.pool.name", "The pool that it was given to."),
            column("Type", "string", ".spec.type", "The type of work."),
            column("Priority", "integer", ".spec.priority", "Higher goes first."),
            column("Attempt", "integer", ".status.attempt", "The number of the last attempt."),
            column("Progress", "integer", ".status.progress.percent", "Of a hundred."),
            column("Reason", "string", ".status.reason", "Why it is where it is."),
            column("Age", "date", ".metadata.creationTimestamp", "Since when it exists."),
        ],
        subresources: ["status": [:]])

    private static func column(
        _ name: String, _ type: String, _ path: String, _ description: String,
        wide: Bool = false
    ) -> JSONValue {
        var column: JSONObject = [
            "name": .string(name), "type": .string(type), "jsonPath": .string(path),
            "description": .string(description),
        ]
        if wide { column["priority"] = 1 }
        return .object(column)
    }

    private static func definition(
        _ type: ResourceType, shortName: String, schema: StructuralSchema, columns: [JSONValue],
        subresources: JSONValue
    ) -> JSONValue {
        var complete = schema
        complete.properties["apiVersion"] = .string().described(
            "The version of the schema that this object is written in.")
        complete.properties["kind"] = .string().described("The kind of this object.")
        complete.properties["metadata"] = .object()
        return [
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": ["name": .string(type.plural + "." + type.group)],
            "spec": [
                "group": .string(type.group),
                "names": [
                    "kind": .string(type.kind), "listKind": .string(type.kind + "List"),
                    "plural": .string(type.plural),
                    "singular": .string(type.kind.lowercased()),
                    "shortNames": [.string(shortName)], "categories": ["swiftlet"],
                ],
                "scope": "Namespaced",
                "versions": [
                    [
                        "name": .string(type.version), "served": true, "storage": true,
                        "schema": ["openAPIV3Schema": complete.json],
                        "subresources": subresources,
                        "additionalPrinterColumns": .array(columns),
                    ]
                ],
            ],
        ]
    }
}
