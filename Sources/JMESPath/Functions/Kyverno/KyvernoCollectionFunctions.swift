import KubernetesCore

/// Kyverno's functions of arrays and objects, and of texts that hold them.
enum KyvernoCollectionFunctions {
    static let all: [Function] = [
        Function("label_match", [.object, .object]) { a, run throws(JMESPathError) in
            let labels = a.object(1)
            for (key, value) in a.object(0) {
                try run.spend()
                guard let found = labels[key], Interpreter.equalScalars(found, value) else {
                    return false
                }
            }
            return true
        },
        Function("lookup", [[.object, .array], [.string, .number]]) { a, _ throws(JMESPathError) in
            switch (a.value(0), a.value(1)) {
            case (.object(let members), .string(let key)): return members[key] ?? .null
            case (.array, .integer), (.array, .double):
                guard let index = Int(exactly: a.number(1)) else {
                    throw a.function.invalid("an index must be a whole number")
                }
                return a.value(0)[index] ?? .null
            default:
                throw JMESPathError(
                    .invalidType, "lookup() takes a string for an object, a number for an array")
            }
        },
        Function("items", [[.object, .array], .string, .string]) { a, run throws(JMESPathError) in
            let (keyName, valueName) = (a.text(1), a.text(2))
            func item(_ key: JSONValue, _ value: JSONValue) -> JSONValue {
                .object(JSONObject([(keyName, key), (valueName, value)]))
            }
            if case .object(let members) = a.value(0) {
                try run.spend(members.count)
                return .array(members.map { item(.string($0), $1) })
            }
            try run.spend(a.array(0).count)
            return .array(a.array(0).enumerated().map { item(.int($0), $1) })
        },
        Function("object_from_lists", [.array, .array]) { a, run throws(JMESPathError) in
            let values = a.array(1)
            var members: [(String, JSONValue)] = []
            for (index, key) in a.array(0).enumerated() {
                guard let name = ScalarText.of(key) else {
                    throw JMESPathError(
                        .invalidType, "object_from_lists() takes scalars as keys")
                }
                try run.spend(1 + name.utf8.count / 8)
                members.append((name, index < values.count ? values[index] : .null))
            }
            return .object(JSONObject(members))
        },
        Function("parse_json", [.string]) { a, run throws(JMESPathError) in
            try run.spend(1 + a.text(0).utf8.count)
            do throws(JSONError) {
                return try JSONValue(parsing: a.text(0))
            } catch {
                throw a.function.invalid("the text is no JSON: \(error.description)")
            }
        },
        Function("parse_yaml", [.string]) { a, run throws(JMESPathError) in
            guard let parse = run.environment.parseYAML else {
                throw a.function.invalid("nothing here reads YAML")
            }
            try run.spend(1 + a.text(0).utf8.count)
            let value = try parse(a.text(0))
            // Aliases can make much of little.
            try run.measure(value)
            return value
        },
    ]
}
