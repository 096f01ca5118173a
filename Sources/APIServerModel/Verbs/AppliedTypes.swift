import KubernetesCore

/// Holds a configuration that is applied against the types of its kind, as the merging of
/// server-side apply does before anything else: what it says is a fault, not a warning.
enum AppliedTypes {
    /// The object as messages of server-side apply name it.
    static func subject(_ body: JSONValue) -> String {
        let metadata = body["metadata"]
        let name = metadata?["name"]?.string ?? ""
        let namespace = metadata?["namespace"]?.string ?? ""
        let apiVersion = body["apiVersion"]?.string ?? ""
        let shown = apiVersion.contains("/") ? apiVersion : "/" + apiVersion
        return "\(namespace)/\(name); \(shown), Kind=\(body["kind"]?.string ?? "")"
    }

    /// What does not fit the schema of a custom resource.
    static func faults(_ body: JSONValue, _ schema: StructuralSchema) -> [String] {
        var faults: [String] = []
        for (key, value) in body.object ?? [:] {
            switch key {
            case "apiVersion", "kind": check(value, .string, at: "." + key, &faults)
            case "metadata": check(value, .object("ObjectMeta"), at: "." + key, &faults)
            default: member(key, value, schema, at: "", &faults)
            }
        }
        return faults
    }

    /// What does not fit a built-in type.
    static func faults(_ body: JSONValue, _ type: String) -> [String] {
        guard type != "FreeSpecObject" else { return [] }
        var rest = body
        rest["apiVersion"] = nil
        rest["kind"] = nil
        var faults: [String] = []
        check(rest, .object(type), at: "", &faults)
        return faults
    }

    private static func member(
        _ key: String, _ value: JSONValue, _ schema: StructuralSchema, at path: String,
        _ faults: inout [String]
    ) {
        let place = path + "." + key
        if let known = schema.member(key) { return check(value, known, at: place, &faults) }
        // An object about which nothing is said may hold anything.
        let isOpen = schema.preservesUnknownFields == true || schema.properties.isEmpty
        if !isOpen { faults.append(place + ": field not declared in schema") }
    }

    private static func check(
        _ value: JSONValue, _ schema: StructuralSchema, at path: String,
        _ faults: inout [String]
    ) {
        guard !value.isNull else { return }
        if schema.isIntOrString { return check(value, .intOrString, at: path, &faults) }
        switch schema.type {
        case .object:
            guard let members = value.object else {
                return faults.append(path + ": expected map, got " + goValue(value))
            }
            for (key, item) in members { member(key, item, schema, at: path, &faults) }
        case .array:
            guard let elements = value.array else {
                return faults.append(path + ": expected list, got " + goValue(value))
            }
            guard let items = schema.items else { return }
            for (index, item) in elements.enumerated() {
                let step = AppliedTypes.step(item, index, schema)
                check(item, items, at: path + step, &faults)
            }
        case .string: check(value, .string, at: path, &faults)
        case .integer, .number: check(value, .double, at: path, &faults)
        case .boolean: check(value, .bool, at: path, &faults)
        case nil: break
        }
    }

    private static func step(
        _ item: JSONValue, _ index: Int, _ schema: StructuralSchema
    ) -> String {
        guard schema.listType == .map else { return "[\(index)]" }
        return keys(schema.listMapKeys, of: item) ?? "[\(index)]"
    }

    private static func keys(_ names: [String], of item: JSONValue) -> String? {
        let pairs = names.compactMap { name in item[name].map { "\(name)=\($0.text)" } }
        return pairs.count == names.count && !pairs.isEmpty
            ? "[" + pairs.joined(separator: ",") + "]" : nil
    }

    private static func check(
        _ value: JSONValue, _ type: FieldType, at path: String, _ faults: inout [String]
    ) {
        guard !value.isNull else { return }
        func fail(_ text: String) {
            faults.append((path.isEmpty ? "" : path + ": ") + text)
        }
        switch (type, value) {
        case (.any, _), (.time, _), (.microTime, _): break
        case (.object(let name), .object(let members)):
            guard let spec = TypeCatalog.builtIn[name] else { return }
            for (key, item) in members {
                guard let field = spec[key] else {
                    faults.append(path + "." + key + ": field not declared in schema")
                    continue
                }
                check(item, field, at: path + "." + key, &faults)
            }
        case (.map(let element), .object(let members)):
            for (key, item) in members { check(item, element, at: path + "." + key, &faults) }
        case (.object, _), (.map, _): fail("expected map, got " + goValue(value))
        case (.list(let element), .array(let elements)):
            for (index, item) in elements.enumerated() {
                check(item, element, at: "\(path)[\(index)]", &faults)
            }
        case (.list, _): fail("expected list, got " + goValue(value))
        case (.string, .string), (.bytes, .string), (.bool, .bool): break
        case (.int32, .integer), (.int64, .integer), (.double, .integer), (.double, .double),
            (.int32, .double), (.int64, .double):
            break
        case (.quantity, .object), (.quantity, .array), (.intOrString, .object),
            (.intOrString, .array):
            fail("expected any scalar, got " + goValue(value))
        case (.quantity, _), (.intOrString, _): break
        case (.string, _), (.bytes, _):
            fail("expected string, got &value.valueUnstructured{Value:\(goLiteral(value))}")
        case (.int32, _), (.int64, _), (.double, _):
            fail("expected numeric (int or float), got \(goType(value))")
        case (.bool, _): fail("expected boolean, got " + goValue(value))
        }
    }

    private static func check(
        _ value: JSONValue, _ field: FieldSpec, at path: String, _ faults: inout [String]
    ) {
        guard case .map(let names) = field.merge, case .list(let element) = field.type,
            let elements = value.array
        else { return check(value, field.type, at: path, &faults) }
        for (index, item) in elements.enumerated() {
            let step = keys(names, of: item) ?? "[\(index)]"
            check(item, element, at: path + step, &faults)
        }
    }

    /// A value as Go prints the holder it is kept in.
    private static func goValue(_ value: JSONValue) -> String { "&{" + value.goText + "}" }

    /// A value as Go writes it in source.
    private static func goLiteral(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): GoText.quote(text)
        case .array(let elements):
            "[]interface {}{" + elements.map(goLiteral).joined(separator: ", ") + "}"
        case .object(let members):
            "map[string]interface {}{"
                + members.map { GoText.quote($0) + ":" + goLiteral($1) }.joined(separator: ", ")
                + "}"
        default: value.goText
        }
    }

    private static func goType(_ value: JSONValue) -> String {
        switch value {
        case .bool: "bool"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        default: "string"
        }
    }
}
