import KubernetesCore

/// Reads an object of a built-in kind as the server's own types would: unknown fields are dropped
/// and named, values are checked against their types and brought into canonical form, defaults are
/// filled in, and empty fields vanish where the kind does not write them.
struct TypedReader {
    let catalog: TypeCatalog
    /// The unknown fields, in the order in which they were met.
    private(set) var unknown: [String] = []
    private let collectsUnknown: Bool
    private let appliesDefaults: Bool

    init(catalog: TypeCatalog, collectsUnknown: Bool = true, appliesDefaults: Bool = true) {
        self.catalog = catalog
        self.collectsUnknown = collectsUnknown
        self.appliesDefaults = appliesDefaults
    }

    /// One step of the way to where the reader stands.
    private enum Step {
        case field(String, of: String)
        case index(Int)
        case key(String)
    }

    /// The way to where the reader stands: made into words only for messages.
    private var steps: [Step] = []

    /// Reads `value` as the type `name`; `apiVersion` and `kind` are left to the caller.
    mutating func read(_ value: JSONValue, as name: String) throws(Failure) -> JSONValue {
        guard let spec = catalog[name] else { return value }
        steps.reserveCapacity(16)
        return .object(try object(value, spec, isRoot: true))
    }

    /// The path with the positions in lists.
    private var path: String {
        var text = ""
        for step in steps {
            switch step {
            case .field(let name, _): text += text.isEmpty ? name : "." + name
            case .index(let index): text += "[\(index)]"
            case .key(let key): text += "." + key
            }
        }
        return text
    }

    /// The field as Go's decoder names it: the type that has it and the path without positions.
    private var goField: String {
        var owner = ""
        var names: [String] = []
        for step in steps {
            switch step {
            case .field(let name, let type):
                owner = type
                names.append(name)
            // Neither positions nor the keys of maps are part of the name.
            case .index, .key: break
            }
        }
        return owner + "." + names.joined(separator: ".")
    }

    private mutating func object(
        _ value: JSONValue, _ spec: TypeSpec, isRoot: Bool = false
    ) throws(Failure) -> JSONObject {
        guard let members = value.object else {
            throw mismatch(value, goType: "v1." + spec.name)
        }
        if collectsUnknown {
            for key in members.keys where spec[key] == nil {
                if isRoot && (key == "apiVersion" || key == "kind") { continue }
                let path = self.path
                unknown.append(path.isEmpty ? key : path + "." + key)
            }
        }
        var result: [(String, JSONValue)] = []
        result.reserveCapacity(members.count + 4)
        for field in spec.fields {
            var read: JSONValue?
            let given = members[field.name]
            if given == nil, field.defaultValue == nil, !field.isAlwaysWritten { continue }
            steps.append(.field(field.name, of: spec.name))
            if let given, !given.isNull { read = try self.value(given, field.type) }
            if let some = read, TypedReader.isDropped(some, field) { read = nil }
            if read == nil, appliesDefaults, let value = field.defaultValue {
                read = try self.value(value, field.type)
            }
            if read == nil, field.isAlwaysWritten { read = try zero(field.type) }
            steps.removeLast()
            if let read { result.append((field.name, read)) }
        }
        return JSONObject(result)
    }

    private static func isDropped(_ value: JSONValue, _ field: FieldSpec) -> Bool {
        guard !field.keepsZero else { return false }
        if field.isAlwaysWritten {
            return field.defaultValue != nil && value == .string("")
        }
        switch (field.type, value) {
        case (.object, _), (.any, _), (.intOrString, _), (.quantity, _): return false
        case (_, .string(let text)): return text.isEmpty
        case (_, .integer(let number)): return number == 0
        case (_, .bool(let flag)): return !flag
        case (_, .array(let elements)): return elements.isEmpty
        case (_, .object(let members)): return members.isEmpty
        default: return false
        }
    }

    private mutating func zero(_ type: FieldType) throws(Failure) -> JSONValue {
        switch type {
        case .string, .bytes, .quantity: return ""
        case .int32, .int64, .intOrString: return 0
        case .double: return 0
        case .bool: return false
        case .time, .microTime, .list, .map: return .null
        case .any: return [:]
        case .object: return try value([:], type)
        }
    }

    private mutating func value(
        _ value: JSONValue, _ type: FieldType
    ) throws(Failure) -> JSONValue {
        switch type {
        case .any: return value
        case .object(let name):
            guard let spec = catalog[name] else { return value }
            return .object(try object(value, spec))
        case .list(let element):
            guard let elements = value.array else {
                throw mismatch(value, goType: TypedReader.goName(type))
            }
            var result: [JSONValue] = []
            result.reserveCapacity(elements.count)
            for (index, item) in elements.enumerated() {
                steps.append(.index(index))
                result.append(
                    item.isNull ? try zero(element) : try self.value(item, element))
                steps.removeLast()
            }
            return .array(result)
        case .map(let element):
            guard let members = value.object else {
                throw mismatch(value, goType: TypedReader.goName(type))
            }
            var result: [(String, JSONValue)] = []
            result.reserveCapacity(members.count)
            for (key, item) in members {
                steps.append(.key(key))
                result.append(
                    (key, item.isNull ? try zero(element) : try self.value(item, element)))
                steps.removeLast()
            }
            return .object(JSONObject(result))
        default: return try scalar(value, type)
        }
    }

    private func scalar(_ value: JSONValue, _ type: FieldType) throws(Failure) -> JSONValue {
        switch (type, value) {
        case (.string, .string), (.bool, .bool), (.int64, .integer): return value
        case (.double, .integer), (.double, .double): return value
        case (.intOrString, .string): return value
        case (.int32, .integer(let number)), (.intOrString, .integer(let number)):
            guard Int32(exactly: number) != nil else { throw mismatch(value, goType: "int32") }
            return value
        case (.quantity, _): return try quantity(value)
        case (.time, .string(let text)):
            return .string(try time(text, .seconds).description)
        case (.microTime, .string(let text)):
            return .string(try time(text, .microseconds).microText)
        case (.bytes, .string(let text)):
            if let fault = Base64.firstFault(text) {
                throw Failure.badRequest("illegal base64 data at input byte \(fault)")
            }
            return value
        case (.time, _), (.microTime, _):
            throw mismatch(value, goType: "string", knowsField: false)
        case (.intOrString, _): throw mismatch(value, goType: "int32", knowsField: false)
        default: throw mismatch(value, goType: TypedReader.goName(type))
        }
    }

    private func quantity(_ value: JSONValue) throws(Failure) -> JSONValue {
        do {
            return try Quantity(reading: value).json
        } catch {
            throw .badRequest(error.description)
        }
    }

    private func time(_ text: String, _ layout: GoTimeFault.Layout) throws(Failure) -> Timestamp {
        if let fault = GoTimeFault.describe(text, layout) { throw .badRequest(fault) }
        guard let time = Timestamp(text) else {
            throw .badRequest("parsing time \(GoText.quote(text)): out of range")
        }
        return time
    }

    /// A value of another type than the field's. Types that read themselves do not know the field.
    private func mismatch(
        _ value: JSONValue, goType: String, knowsField: Bool = true
    ) -> Failure {
        let found =
            switch value {
            case .integer(let number): "number \(number)"
            case .double(let number): "number \(number)"
            case .bool: "bool"
            default: value.typeName
            }
        let isNumberKept = goType == "int32" || goType == "int64"
        let text = isNumberKept ? found : String(found.prefix { $0 != " " })
        guard knowsField else {
            return .badRequest("json: cannot unmarshal \(text) into Go value of type \(goType)")
        }
        return .badRequest(
            "json: cannot unmarshal \(text) into Go struct field \(goField) of type \(goType)")
    }

    private static func goName(_ type: FieldType) -> String {
        switch type {
        case .string, .time, .microTime, .intOrString, .quantity: "string"
        case .bytes: "[]uint8"
        case .int32: "int32"
        case .int64: "int64"
        case .double: "float64"
        case .bool: "bool"
        case .any: "interface {}"
        case .object(let name): "v1." + name
        case .list(let element): "[]" + goName(element)
        case .map(let element): "map[string]" + goName(element)
        }
    }
}
