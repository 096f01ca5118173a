import KubernetesCore

/// The schemas of what the server serves, as OpenAPI documents have them.
struct OpenAPISchemas {
    /// Where references point: `#/definitions/` or `#/components/schemas/`.
    let prefix: String
    /// Whether the document is one of OpenAPI 2, which knows less.
    let isVersion2: Bool

    private static let meta = "io.k8s.apimachinery.pkg.apis.meta.v1."
    private static let metaTypes: Set<String> = [
        "ObjectMeta", "ListMeta", "OwnerReference", "ManagedFieldsEntry", "LabelSelector",
        "LabelSelectorRequirement", "Condition",
    ]

    /// The name of a built-in type in documents.
    static func name(ofType type: String) -> String {
        if metaTypes.contains(type) { return meta + type }
        return type == "EventsEvent" ? "io.k8s.api.events.v1.Event" : "io.k8s.api.core.v1." + type
    }

    /// The name of a served kind in documents.
    static func name(_ definition: ResourceDefinition, _ version: ServedVersion) -> String {
        guard version.custom == nil, version.typeName != "FreeSpecObject" else {
            let domain = definition.group.split(separator: ".").reversed()
                .joined(separator: ".")
            return "\(domain).\(version.name).\(definition.kind)"
        }
        return name(ofType: version.typeName)
    }

    func reference(_ name: String) -> JSONValue { ["$ref": .string(prefix + name)] }

    /// The schemas of these definitions in these versions and of all types they use.
    func schemas(_ served: [(ResourceDefinition, ServedVersion)]) -> JSONObject {
        var result = JSONObject()
        var open: [String] = ["ObjectMeta", "ListMeta"]
        for (definition, version) in served {
            let name = OpenAPISchemas.name(definition, version)
            result[name] = kind(definition, version, &open)
            result[name + "List"] = list(definition, version, of: name)
        }
        var seen: Set<String> = []
        while let type = open.popLast() {
            guard seen.insert(type).inserted, let spec = TypeCatalog.builtIn[type] else { continue }
            let name = OpenAPISchemas.name(ofType: type)
            if result[name] == nil { result[name] = object(spec, &open) }
        }
        return result
    }

    private static func groupVersionKind(
        _ definition: ResourceDefinition, _ version: ServedVersion, kind: String
    ) -> JSONValue {
        [
            "group": .string(definition.group), "kind": .string(kind),
            "version": .string(version.name),
        ]
    }

    private func kind(
        _ definition: ResourceDefinition, _ version: ServedVersion, _ open: inout [String]
    ) -> JSONValue {
        var schema: JSONValue
        if let custom = version.custom {
            schema = isVersion2 ? OpenAPISchemas.reduced(custom.schema.json) : custom.schema.json
            if schema["type"] == nil { schema["type"] = "object" }
        } else if let spec = TypeCatalog.builtIn[version.typeName] {
            schema = object(spec, &open)
        } else {
            schema = ["type": "object"]
        }
        let isOpen =
            isVersion2 && schema["x-kubernetes-preserve-unknown-fields"]?.bool == true
        if !isOpen {
            for (key, text) in [
                ("apiVersion", "The group and version of this object's kind."),
                ("kind", "The kind of this object."),
            ] {
                schema[path: ["properties", key]] = [
                    "type": "string", "description": .string(text),
                ]
            }
            schema[path: ["properties", "metadata"]] = reference(
                OpenAPISchemas.name(ofType: "ObjectMeta"))
        }
        schema["x-kubernetes-group-version-kind"] = [
            OpenAPISchemas.groupVersionKind(definition, version, kind: definition.kind)
        ]
        return schema
    }

    private func list(
        _ definition: ResourceDefinition, _ version: ServedVersion, of name: String
    ) -> JSONValue {
        [
            "type": "object", "required": ["items"],
            "description": .string("A list of \(definition.kind) objects."),
            "properties": [
                "apiVersion": ["type": "string"], "kind": ["type": "string"],
                "metadata": reference(OpenAPISchemas.name(ofType: "ListMeta")),
                "items": ["type": "array", "items": reference(name)],
            ],
            "x-kubernetes-group-version-kind": [
                OpenAPISchemas.groupVersionKind(definition, version, kind: definition.listKind)
            ],
        ]
    }

    private func object(_ spec: TypeSpec, _ open: inout [String]) -> JSONValue {
        var properties: [(String, JSONValue)] = []
        for field in spec.fields {
            var schema = self.schema(field.type, &open)
            switch field.merge {
            case .atomic: break
            case .set: schema["x-kubernetes-list-type"] = "set"
            case .map(let keys):
                schema["x-kubernetes-list-type"] = "map"
                schema["x-kubernetes-list-map-keys"] = .strings(keys)
            }
            schema = described(schema, spec.name + "." + field.name)
            if !isVersion2, let value = field.defaultValue { schema["default"] = value }
            properties.append((field.name, schema))
        }
        var schema: JSONValue = ["type": "object", "properties": .object(JSONObject(properties))]
        if let text = FieldDescriptions.text(spec.name) { schema["description"] = .string(text) }
        let required = spec.fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { schema["required"] = .strings(required.sorted()) }
        return schema
    }

    /// A field's schema with what the field means. A reference of OpenAPI 3 takes nothing beside
    /// it and is put into a list of one.
    private func described(_ schema: JSONValue, _ name: String) -> JSONValue {
        guard let text = FieldDescriptions.text(name) else { return schema }
        var described = schema
        if !isVersion2, schema["$ref"] != nil { described = ["allOf": [schema]] }
        described["description"] = .string(text)
        return described
    }

    private func schema(_ type: FieldType, _ open: inout [String]) -> JSONValue {
        switch type {
        case .string: return ["type": "string"]
        case .int32: return ["type": "integer", "format": "int32"]
        case .int64: return ["type": "integer", "format": "int64"]
        case .double: return ["type": "number", "format": "double"]
        case .bool: return ["type": "boolean"]
        case .quantity: return isVersion2 ? ["type": "string"] : OpenAPISchemas.quantity
        case .intOrString: return ["type": "string", "format": "int-or-string"]
        case .time, .microTime: return ["type": "string", "format": "date-time"]
        case .bytes: return ["type": "string", "format": "byte"]
        case .any: return isVersion2 ? [:] : ["x-kubernetes-preserve-unknown-fields": true]
        case .list(let element): return ["type": "array", "items": schema(element, &open)]
        case .map(let element):
            return ["type": "object", "additionalProperties": schema(element, &open)]
        case .object(let name):
            open.append(name)
            return reference(OpenAPISchemas.name(ofType: name))
        }
    }

    private static let quantity: JSONValue = ["oneOf": [["type": "string"], ["type": "number"]]]

    /// A schema of OpenAPI 3 as far as OpenAPI 2 can say it without refusing what is allowed.
    private static func reduced(_ schema: JSONValue) -> JSONValue {
        guard var members = schema.object else { return schema }
        for key in ["anyOf", "oneOf", "not", "allOf", "nullable", "default"] { members[key] = nil }
        if schema["nullable"]?.bool == true {
            members["type"] = nil
            members["items"] = nil
            members["properties"] = nil
            members["additionalProperties"] = nil
        }
        if schema["x-kubernetes-preserve-unknown-fields"]?.bool == true {
            members["items"] = nil
            members["properties"] = nil
            members["additionalProperties"] = nil
        }
        if let properties = members["properties"]?.object {
            members["properties"] = .object(properties.mapValues(reduced))
        }
        if let items = members["items"] { members["items"] = reduced(items) }
        if let additional = members["additionalProperties"], additional.object != nil {
            members["additionalProperties"] = reduced(additional)
        }
        return .object(members)
    }
}
