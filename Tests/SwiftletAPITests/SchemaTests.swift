import CEL
import FoundationEssentials
import KubernetesCore
import SwiftletAPI
import Testing
import YAMLReading

/// The schemas and the Swift types say the same.
@Suite struct SchemaTests {
    static let schemas = [
        "BackgroundAgentPool": CustomResourceDefinitions.poolSchema,
        "BackgroundTask": CustomResourceDefinitions.taskSchema,
    ]

    /// The faults that an API server finds in `object`, replacing `old`, as `field: message`.
    static func faults(_ object: JSONValue, old: JSONValue? = nil) throws -> [String] {
        let kind = try #require(object["kind"]?.string)
        var schema = try #require(schemas[kind])
        for (key, type) in [("apiVersion", "string"), ("kind", "string")] {
            #expect(type == "string")
            schema.properties[key] = .string()
        }
        schema.properties["metadata"] = .freeObject()
        let new = schema.defaulted(object)
        let errors = schema.valueErrors(new, old: old) + schema.listErrors(new, old: old)
        let rules = errors.contains(where: \.blocksRules) ? [] : rules(kind, schema)(new, old)
        return (errors + rules).map(\.message)
    }

    private static func rules(
        _ kind: String, _ schema: StructuralSchema
    ) -> (JSONValue, JSONValue?) -> [FieldError] {
        { CRDRules(schema).validate($0, old: $1) }
    }

    static func pool(_ spec: JSONValue = [:], name: String = "qa") -> JSONValue {
        var spec = spec
        if spec["template"] == nil {
            spec["template"] = ["spec": ["containers": [["name": "agent", "image": "qa:1"]]]]
        }
        return [
            "apiVersion": "swiftlet.dev/v1alpha1", "kind": "BackgroundAgentPool",
            "metadata": ["name": .string(name), "namespace": "team"], "spec": spec,
        ]
    }

    static func task(_ spec: JSONValue = [:], status: JSONValue? = nil) -> JSONValue {
        var task: JSONValue = [
            "apiVersion": "swiftlet.dev/v1alpha1", "kind": "BackgroundTask",
            "metadata": ["name": "lint", "namespace": "team"], "spec": spec,
        ]
        task["status"] = status
        return task
    }

    @Test(arguments: ["BackgroundAgentPool", "BackgroundTask"])
    func `an API server accepts the schema and can afford its rules`(kind: String) throws {
        let schema = try #require(Self.schemas[kind])
        let path = FieldPath("spec.versions[0].schema.openAPIV3Schema")
        #expect(schema.structuralErrors(at: path).map(\.message) == [])
        #expect(CRDRules(schema).compileErrors(at: path).map(\.message) == [])
        #expect(try StructuralSchema(reading: schema.json) == schema)
    }

    @Test func `the defaults of the schema are those of the types`() throws {
        let minimal = Self.pool()
        let full = CustomResourceDefinitions.poolSchema.defaulted(minimal)
        let read = try BackgroundAgentPool(reading: JSONDocument(parsing: full.encoded()).root)
        #expect(
            try BackgroundAgentPool(reading: JSONDocument(parsing: minimal.encoded()).root) == read)
        #expect(
            read.spec == BackgroundAgentPoolSpec(template: try #require(full["spec"]?["template"])))
        let task = CustomResourceDefinitions.taskSchema.defaulted(Self.task())
        #expect(task["spec"]?["retry"]?["backoff"]?["initialSeconds"] == 10)
        let decoded = try BackgroundTask(reading: JSONDocument(parsing: task.encoded()).root)
        #expect(decoded.spec == BackgroundTaskSpec())
        #expect(try Self.faults(minimal) == [] && Self.faults(Self.task()) == [])
    }

    @Test(arguments: [
        (#"{"autoscaling":{"minReplicas":9,"maxReplicas":3}}"#, "spec.autoscaling.minReplicas"),
        (#"{"autoscaling":{"minIdle":30}}"#, "spec.autoscaling.minIdle"),
        (#"{"autoscaling":{"floors":[{"cron":"@daily","minReplicas":99}]}}"#, "floors"),
        (#"{"replicas":-1}"#, "spec.replicas"), (#"{"replicas":1001}"#, "spec.replicas"),
        (#"{"replicas":"three"}"#, "spec.replicas"), (#"{"slotsPerAgent":0}"#, "slotsPerAgent"),
        (#"{"slotsPerAgent":2,"agent":{"recycle":{"mode":"Ephemeral"}}}"#, "slotsPerAgent"),
        (#"{"agent":{"heartbeatSeconds":300,"timeoutSeconds":300}}"#, "timeoutSeconds"),
        (#"{"update":{"maxSurge":0,"maxUnavailable":"0%"}}"#, "maxUnavailable"),
        (#"{"update":{"maxSurge":-1}}"#, "maxSurge"), (#"{"update":{"maxSurge":"x"}}"#, "maxSurge"),
        (#"{"scoring":{"capacity":0,"specialization":0,"performance":0,"workload":0}}"#, "scoring"),
        (#"{"scoring":{"capacity":1.5}}"#, "capacity"), (#"{"preemption":"Always"}"#, "preemption"),
        (#"{"allowedNamespaces":{"from":"Selector"}}"#, "selector"),
        (#"{"allowedNamespaces":{"selector":{}}}"#, "selector"),
        (#"{"isolation":{"egress":[{}]}}"#, "egress[0]"),
        (#"{"isolation":{"egress":[{"cidr":"10.0.0.0/8","podSelector":{}}]}}"#, "egress[0]"),
        (#"{"taskTypes":[{"name":"a"},{"name":"a"}]}"#, "taskTypes"),
        (#"{"quota":{"hard":{"cpu":"many"}}}"#, "quota.hard"), (#"{"tenant":"A B"}"#, "tenant"),
        (#"{"template":{"spec":{"containers":[]}}}"#, "template.spec.containers"),
        (#"{"template":{"spec":{}}}"#, "template.spec.containers"),
        (#"{"template":{}}"#, "template.spec"),
    ])
    func `a pool that makes no sense is refused with the field`(spec: String, field: String) throws
    {
        let faults = try Self.faults(Self.pool(JSONValue(parsing: spec)))
        #expect(faults.contains { $0.contains(field) }, "\(faults)")
    }

    @Test func `a pool's name has room for its agents'`() throws {
        #expect(try Self.faults(Self.pool(name: String(repeating: "a", count: 50))) == [])
        for name in [String(repeating: "a", count: 51), "a.b"] {
            let faults = try Self.faults(Self.pool(name: name))
            #expect(faults.contains { $0.contains("begins the names of its agents") })
        }
    }

    @Test(arguments: [
        (#"{"priority":1001}"#, "priority"), (#"{"timeoutSeconds":0}"#, "timeoutSeconds"),
        (#"{"command":"sh -c x"}"#, "command"), (#"{"state":"Off"}"#, "state"),
        (#"{"env":[{"name":"1A"}]}"#, "env[0].name"),
        (#"{"env":[{"name":"SWIFTLET_TASK","value":"x"}]}"#, "env[0].name"),
        (#"{"env":[{"name":"A"},{"name":"A"}]}"#, "env[1]"),
        (
            #"{"env":[{"name":"A","value":"","valueFrom":{"secretKeyRef":"#
                + #"{"name":"s","key":"k"}}}]}"#,
            "env[0]"
        ),
        (#"{"dependsOn":[{"name":"lint"}]}"#, "dependsOn"),
        (#"{"dependsOn":[{"name":"A_B"}]}"#, "dependsOn[0].name"),
        (#"{"retry":{"backoff":{"initialSeconds":50,"maxSeconds":40}}}"#, "initialSeconds"),
        (#"{"retry":{"rules":[{"action":"Fail"}]}}"#, "rules[0]"),
        (#"{"retry":{"rules":[{"action":"Jump","exitCodes":[1]}]}}"#, "action"),
        (#"{"retry":{"rules":[{"action":"Fail","exitCodes":[256]}]}}"#, "exitCodes[0]"),
        (#"{"shards":2,"matrix":{"os":["a"]}}"#, "matrix"), (#"{"shards":0}"#, "shards"),
        (#"{"matrix":{"os":[]}}"#, "matrix"), (#"{"notBefore":"tomorrow"}"#, "notBefore"),
        (#"{"poolRef":{"namespace":"x"}}"#, "poolRef.name"),
        (#"{"resources":{"requests":{"cpu":"lots"}}}"#, "resources.requests"),
    ])
    func `a task that makes no sense is refused with the field`(spec: String, field: String) throws
    {
        let faults = try Self.faults(Self.task(JSONValue(parsing: spec)))
        #expect(faults.contains { $0.contains(field) }, "\(faults)")
    }

    @Test(arguments: [
        ("poolRef", #"{"name":"other"}"#), ("type", #""x""#), ("command", #"["b"]"#),
        ("args", #"["1"]"#), ("env", #"[{"name":"A","value":"2"}]"#), ("shards", "3"),
        ("resources", #"{"requests":{"cpu":"2"}}"#), ("dependsOn", #"[{"name":"x"}]"#),
        ("matrix", #"{"os":["b"]}"#),
    ])
    func `what decides what runs is fixed once an attempt exists`(
        field: String, value: String
    ) throws {
        let schema = CustomResourceDefinitions.taskSchema
        let before: JSONValue = ["type": "lint", "command": ["a"]]
        var after = before
        after[field] = try JSONValue(parsing: value)
        for (status, isFixed) in [
            (JSONValue?.none, false), (["phase": "Queued"], false),
            (["phase": "Queued", "attempt": 0], false), (["phase": "Running", "attempt": 1], true),
        ] {
            let old = schema.defaulted(Self.task(before, status: status))
            let faults = try Self.faults(Self.task(after, status: status), old: old)
            #expect(faults.contains { $0.contains("spec.\(field)") } == isFixed, "\(faults)")
            // Removing what was set is a change, too.
            let restored = try Self.faults(
                Self.task(before, status: status),
                old: schema.defaulted(Self.task(after, status: status)))
            #expect(restored.contains { $0.contains("spec.\(field)") } == isFixed, "\(restored)")
        }
    }

    @Test func `priority, limits, retries and state may change while a task runs`() throws {
        let status: JSONValue = ["phase": "Running", "attempt": 2]
        let old = CustomResourceDefinitions.taskSchema.defaulted(Self.task(status: status))
        let change: JSONValue = [
            "priority": 9, "timeoutSeconds": 5, "state": "Cancelled", "retry": ["maxRetries": 0],
            "ttlSecondsAfterFinished": 1,
        ]
        #expect(try Self.faults(Self.task(change, status: status), old: old) == [])
        let cancelled = CustomResourceDefinitions.taskSchema.defaulted(Self.task(change))
        let faults = try Self.faults(Self.task(["state": "Active"]), old: cancelled)
        #expect(faults.contains { $0.contains("a cancelled task stays cancelled") })
    }

    @Test func `every manifest of the samples is accepted`() throws {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast(3).joined(separator: "/") + "/manifests/samples"
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        for name in names where name.hasSuffix(".yaml") {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            for object in try YAMLText.read(text) {
                guard let schema = Self.schemas[object["kind"]?.string ?? ""] else { continue }
                #expect(try Self.faults(object) == [], "\(name)")
                let unknown = schema.pruned(object).unknownFields.filter {
                    !["apiVersion", "kind", "metadata"].contains($0)
                }
                #expect(unknown == [], "\(name)")
                let bytes = schema.defaulted(object).encoded()
                let node = try JSONDocument(parsing: bytes).root
                if object["kind"] == "BackgroundTask" {
                    let task = try BackgroundTask(reading: node)
                    #expect(task.spec.faults(name: task.metadata.name) == [], "\(name)")
                } else {
                    #expect(try BackgroundAgentPool(reading: node).spec.faults == [], "\(name)")
                }
            }
        }
    }
}
