public import KubernetesCore

/// Values of CEL as JSON that keeps their types apart: `{"int": "1"}`, `{"uint": "1"}`,
/// `{"double": "1.0"}`, `{"bytes": "<base64>"}`, `{"map": [[key, value], …]}`, `{"type": "int"}`;
/// texts, truth values, null and lists stand for themselves. Times, durations, optionals and the
/// values of libraries are tagged in the same way where they are written.
public enum TaggedValue {
    /// The value that `json` stands for.
    public static func read(_ json: JSONValue) throws(CELError) -> CELValue {
        switch json {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .string(let text): return .string(text)
        case .integer(let number): return .int(number)
        case .double(let number): return .double(number)
        case .array(let elements):
            var values: [CELValue] = []
            for element in elements { values.append(try read(element)) }
            return .list(values)
        case .object(let members):
            guard members.count == 1, let tag = members.keys.first, let value = members[tag] else {
                throw CELError("a tagged value must have one member, its tag")
            }
            return try read(tag, value)
        }
    }

    private static func read(_ tag: String, _ json: JSONValue) throws(CELError) -> CELValue {
        let malformed = CELError("the value tagged \(tag) is malformed")
        switch (tag, json) {
        case ("int", .string(let text)):
            guard let number = CELConversions.integer(text) else { throw malformed }
            return .int(number)
        case ("uint", .string(let text)):
            guard let number = CELConversions.unsigned(text) else { throw malformed }
            return .uint(number)
        case ("double", .string(let text)):
            guard let number = CELConversions.double(text) else { throw malformed }
            return .double(number)
        case ("bytes", .string(let text)):
            guard let bytes = Base64.decode(text) else { throw malformed }
            return .bytes(bytes)
        case ("type", .string(let text)):
            return .type(CELType.named[text] ?? .opaque(text))
        case ("timestamp", .string(let text)): return .timestamp(try CELTimestamp(parsing: text))
        case ("duration", .string(let text)):
            guard let nanoseconds = CELDuration.parse(text) else { throw malformed }
            return .duration(nanoseconds)
        case ("optional", _): return .optional(json.isNull ? nil : try read(json))
        case ("map", .array(let pairs)):
            var entries: [(CELValue, CELValue)] = []
            for pair in pairs {
                guard let parts = pair.array, parts.count == 2 else { throw malformed }
                entries.append((try read(parts[0]), try read(parts[1])))
            }
            return .map(CELMap(entries))
        default: throw CELError("unknown tag \(tag)")
        }
    }

    /// The JSON that stands for `value`, which must not be so large that writing it would not end.
    public static func write(_ value: CELValue) throws(CELError) -> JSONValue {
        guard value.weight(atMost: CELValue.weightMax) <= CELValue.weightMax else {
            throw .overCost
        }
        return try written(value)
    }

    private static func written(_ value: CELValue) throws(CELError) -> JSONValue {
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .string(let text): return .string(text)
        case .int(let number): return tagged("int", String(number))
        case .uint(let number): return tagged("uint", String(number))
        case .double(let number):
            let text =
                number.isInfinite
                ? (number < 0 ? "-Infinity" : "Infinity")
                : number.isNaN ? "NaN" : number.description
            return tagged("double", text)
        case .bytes(let bytes): return tagged("bytes", Base64.encode(bytes))
        case .type(let type): return tagged("type", type.name)
        case .timestamp(let time): return tagged("timestamp", time.text)
        case .duration(let nanoseconds): return tagged("duration", CELDuration.text(nanoseconds))
        case .optional(let inner): return ["optional": try inner.map(written) ?? .null]
        case .opaque(let value): return tagged(value.typeName, value.text)
        case .list(let list):
            var elements: [JSONValue] = []
            for element in try list.elements() { elements.append(try written(element)) }
            return .array(elements)
        case .map(let map):
            var pairs: [JSONValue] = []
            for (key, value) in try map.entries() {
                pairs.append([try written(key), try written(value)])
            }
            return ["map": .array(pairs)]
        }
    }

    private static func tagged(_ tag: String, _ text: String) -> JSONValue {
        .object(JSONObject([(tag, .string(text))]))
    }
}

/// Evaluates requests that come as JSON: what `swiftlet eval cel` reads line by line.
public enum CELLine {
    /// Evaluates `{expr, bindings, container?}`, the values tagged as `TaggedValue` reads them, and
    /// answers `{result}` or `{error}`. Everything that this implementation knows of the language
    /// is available; types are not checked beforehand.
    public static func evaluate(_ request: JSONValue, zones: CELZones = .none) -> JSONValue {
        do throws(CELError) {
            return ["result": try TaggedValue.write(try value(of: request, zones))]
        } catch {
            return ["error": .string(error.message)]
        }
    }

    private static func value(
        of request: JSONValue, _ zones: CELZones
    ) throws(CELError) -> CELValue {
        guard let source = (request["expr"] ?? request["expression"])?.string else {
            throw CELError("the request has no expression: expr must be a string")
        }
        var values: [String: CELValue] = [:]
        if let bindings = request["bindings"], !bindings.isNull {
            guard let members = bindings.object else {
                throw CELError("the request's bindings must be an object")
            }
            for (name, json) in members { values[name] = try TaggedValue.read(json) }
        }
        let environment = CELEnvironment(
            variables: values.mapValues { _ in CELType.dyn },
            container: request["container"]?.string ?? "", features: .all, zones: zones)
        let program = try CELProgram(source, in: environment, checks: false)
        return try program.evaluate(CELActivation(values)).get()
    }
}

extension CELOpaque {
    /// The value as a text.
    var text: String {
        switch self {
        case .ip(let address): address.text
        case .cidr(let prefix): prefix.text
        case .url(let url): url.text
        case .quantity(let quantity): String(quantity.approximate)
        case .semver(let version): version.text
        case .format(let format): format.rawValue
        case .named(let name, _): name
        }
    }
}
