/// Reads the members of one JSON object of a schema and says where one does not fit.
struct SchemaReader {
    let members: JSONObject
    let path: FieldPath

    init(_ value: JSONValue, at path: FieldPath) throws(SchemaError) {
        guard let members = value.object else {
            throw SchemaError(path, "a schema must be an object, not \(value.typeName)")
        }
        self.members = members
        self.path = path
    }

    func value(_ key: String) -> JSONValue? {
        members[key].flatMap { $0.isNull ? nil : $0 }
    }

    func string(_ key: String) throws(SchemaError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string else { throw mismatch(key, "a string", value) }
        return text
    }

    func bool(_ key: String) throws(SchemaError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.bool else { throw mismatch(key, "true or false", value) }
        return flag
    }

    func number(_ key: String) throws(SchemaError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.double else { throw mismatch(key, "a number", value) }
        return number
    }

    func count(_ key: String) throws(SchemaError) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = value.double.flatMap(Int.init(exactly:)) else {
            throw mismatch(key, "a whole number", value)
        }
        return number
    }

    func elements(_ key: String) throws(SchemaError) -> [JSONValue] {
        guard let value = value(key) else { return [] }
        guard let elements = value.array else { throw mismatch(key, "an array", value) }
        return elements
    }

    func strings(_ key: String) throws(SchemaError) -> [String] {
        var result: [String] = []
        for element in try elements(key) {
            guard let text = element.string else { throw mismatch(key, "strings", element) }
            result.append(text)
        }
        return result
    }

    func schema(_ key: String) throws(SchemaError) -> StructuralSchema? {
        guard let value = value(key) else { return nil }
        return try StructuralSchema(reading: value, at: path.child(key))
    }

    func schemas(_ key: String) throws(SchemaError) -> [StructuralSchema] {
        var result: [StructuralSchema] = []
        for (index, element) in try elements(key).enumerated() {
            result.append(try StructuralSchema(reading: element, at: path.child(key)[index]))
        }
        return result
    }

    func word<Word: RawRepresentable<String>>(
        _ key: String, _ type: Word.Type
    ) throws(SchemaError) -> Word? {
        guard let text = try string(key), !text.isEmpty else { return nil }
        guard let word = Word(rawValue: text) else {
            throw SchemaError(path.child(key), "\(GoText.quote(text)) is not known")
        }
        return word
    }

    func mismatch(_ key: String, _ expected: String, _ found: JSONValue) -> SchemaError {
        SchemaError(path.child(key), "expected \(expected), found \(found.typeName)")
    }
}
