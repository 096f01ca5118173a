extension StructuralSchema {
    /// Everything that is wrong with `value` by this schema, rules in CEL apart: first types,
    /// bounds and required members, then repeated elements of sets and maps.
    ///
    /// With `old`, the value that `value` is to replace, faults of parts that did not change are
    /// not reported, so that an object can be mended step by step after its schema became stricter.
    public func validate(_ value: JSONValue, old: JSONValue? = nil) -> [FieldError] {
        valueErrors(value, old: old) + listErrors(value, old: old)
    }

    /// The first part of `validate(_:old:)`: types, formats, bounds, enumerations, required
    /// members.
    public func valueErrors(_ value: JSONValue, old: JSONValue? = nil) -> [FieldError] {
        if let old, old == value { return [] }
        return validation(of: value, old: old, at: "").errors
    }

    /// What is wrong with `value`, which stands at `path`, by this schema alone: as of a default.
    public func partErrors(_ value: JSONValue, at path: String) -> [FieldError] {
        validation(of: value, old: nil, at: path).errors
    }

    func validation(of value: JSONValue, old: JSONValue?, at path: String) -> SchemaVerdict {
        var verdict = SchemaVerdict()
        typeVerdict(value, at: path, &verdict)
        if value.isNull {
            enumVerdict(value, at: path, &verdict)
            return verdict
        }
        combinedVerdict(value, at: path, &verdict)
        switch value {
        case .string(let text):
            stringVerdict(text, at: path, &verdict)
            formatVerdict(text, at: path, &verdict)
        case .integer, .double: numberVerdict(value, at: path, &verdict)
        case .array(let elements):
            arrayVerdict(elements, old: old, at: path, &verdict)
        default: break
        }
        enumVerdict(value, at: path, &verdict)
        if case .object(let members) = value {
            objectVerdict(members, old: old, at: path, &verdict)
        }
        return verdict
    }

    private func typeVerdict(
        _ value: JSONValue, at path: String, _ verdict: inout SchemaVerdict
    ) {
        let expected: [ValueType] = isIntOrString ? [.integer, .string] : type.map { [$0] } ?? []
        guard !expected.isEmpty || format != nil else { return }
        let names = expected.map(\.rawValue).joined(separator: ",")
        if value.isNull {
            if !expected.isEmpty, !isNullable { verdict.wrongType(names, "null", at: path) }
            return
        }
        let numeric = expected.contains(.number) || expected.contains(.integer)
        var fits = expected.contains { $0.rawValue == value.typeName }
        var ownFormat = ""
        switch value {
        case .double(let number):
            ownFormat = "float64"
            if expected.contains(.integer), Int64(exactly: number) != nil { fits = true }
        case .integer:
            ownFormat = "int64"
            if expected.contains(.number) { fits = true }
        case .string, .array:
            if format != nil, !numeric { return verdict.count() }
        default: break
        }
        if let format, !fits, ownFormat != format, value.string == nil, value.array == nil {
            return verdict.wrongType(format, ownFormat, at: path)
        }
        if fits { verdict.count() } else { verdict.wrongType(names, value.typeName, at: path) }
    }

    private func enumVerdict(
        _ value: JSONValue, at path: String, _ verdict: inout SchemaVerdict
    ) {
        verdict.count()
        guard !allowedValues.isEmpty else { return }
        if value.isNull, isNullable { return }
        for allowed in allowedValues {
            if allowed == value { return }
            if let one = allowed.double, let other = value.double, one == other { return }
        }
        verdict.add(
            .notSupported(
                SchemaVerdict.place(path), value,
                allowedValues.map { $0.string ?? $0.text }))
    }

    private func stringVerdict(
        _ text: String, at path: String, _ verdict: inout SchemaVerdict
    ) {
        defer { verdict.count() }
        let length = text.unicodeScalars.count
        if let maxLength, length > maxLength {
            return verdict.add(.tooLong(SchemaVerdict.place(path), limit: maxLength))
        }
        if let minLength, length < minLength {
            return verdict.invalid(
                .string(text), "should be at least \(minLength) chars long", at: path)
        }
        if let compiledPattern, !compiledPattern.matches(text) {
            let because = compiledPattern.fault.map { ", but pattern is invalid: " + $0 } ?? ""
            verdict.invalid(
                .string(text), "should match '\(compiledPattern.source)\(because)'", at: path)
        }
    }

    private func formatVerdict(
        _ text: String, at path: String, _ verdict: inout SchemaVerdict
    ) {
        guard let format, let check = TextFormat(format) else { return }
        if check.matches(text) {
            verdict.count()
        } else {
            verdict.wrongType(format, text, at: path)
        }
    }

    private func arrayVerdict(
        _ elements: [JSONValue], old: JSONValue?, at path: String, _ verdict: inout SchemaVerdict
    ) {
        verdict.count()
        if let items {
            let before = listType == .map ? correlated(old) : [:]
            for (index, element) in elements.enumerated() {
                guard verdict.hasRoom else { return }
                let match = listType == .map ? before[listKey(of: element)] : nil
                if let match, match == element { continue }
                verdict.merge(items.validation(of: element, old: match, at: path + "[\(index)]"))
            }
        }
        if let minItems, elements.count < minItems {
            verdict.invalid(
                .int(elements.count), "should have at least \(minItems) items", at: path)
        }
        if let maxItems, elements.count > maxItems {
            verdict.add(
                .tooMany(SchemaVerdict.place(path), count: elements.count, limit: maxItems))
        }
        if hasUniqueItems, Set(elements).count < elements.count {
            verdict.invalid("", "shouldn't contain duplicates", at: path)
        }
    }

    /// The elements of an old list of type `map` by their keys.
    func correlated(_ old: JSONValue?) -> [JSONValue: JSONValue] {
        guard let elements = old?.array else { return [:] }
        return Dictionary(
            elements.map { (listKey(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func objectVerdict(
        _ members: JSONObject, old: JSONValue?, at path: String, _ verdict: inout SchemaVerdict
    ) {
        verdict.count()
        if let minProperties, members.count < minProperties {
            return verdict.invalid(
                .int(members.count), "should have at least \(minProperties) properties", at: path)
        }
        if let maxProperties, members.count > maxProperties {
            return verdict.add(
                .tooMany(SchemaVerdict.place(path), count: members.count, limit: maxProperties))
        }
        let before = mapType == .atomic ? nil : old?.object
        for (key, member) in members where properties[key] == nil {
            guard verdict.hasRoom else { return }
            switch additionalProperties {
            case .allowed(false):
                verdict.invalid(
                    .string(key), "is a forbidden property", at: path, subject: path + "." + key)
            case .schema(let schema):
                if let match = before?[key], match == member { continue }
                verdict.merge(
                    schema.validation(of: member, old: before?[key], at: path + "." + key))
            case .allowed(true), nil: break
            }
        }
        for (key, schema) in properties {
            guard verdict.hasRoom, let member = members[key] else { continue }
            if let match = before?[key], match == member { continue }
            let place = path.isEmpty ? key : path + "." + key
            verdict.merge(schema.validation(of: member, old: before?[key], at: place))
        }
        for key in required where members[key] == nil {
            verdict.add(.required(SchemaVerdict.place(path + "." + key)))
        }
    }
}
