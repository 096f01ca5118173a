import KubernetesCore

/// JSON patches (RFC 6902) as Kyverno applies them: `add` makes the parents that are missing,
/// `remove` of what is not there does nothing, and indices below zero count from the end.
enum LenientJSONPatch {
    /// The most operations of a patch.
    static let operationsMax = 10_000

    /// `value` after `operations`, one after the other.
    static func apply(
        _ operations: JSONValue, to value: JSONValue
    ) throws(EvaluationError) -> JSONValue {
        guard let list = operations.array, list.count <= operationsMax else {
            throw EvaluationError(
                .failed, "a JSON patch is a list of at most \(operationsMax) operations")
        }
        var result = value
        for operation in list { try apply(operation, &result) }
        return result
    }

    private static func apply(
        _ operation: JSONValue, _ value: inout JSONValue
    ) throws(EvaluationError) {
        let path = try pointer(operation, "path")
        switch operation["op"]?.string ?? "" {
        case "add": add(operation["value"] ?? .null, at: path[...], &value)
        case "remove": _ = remove(at: path[...], &value)
        case "replace":
            guard get(path[...], value) != nil else { throw missing(path) }
            replace(operation["value"] ?? .null, at: path[...], &value)
        case "test":
            guard get(path[...], value) == operation["value"] ?? .null else {
                throw EvaluationError(
                    .failed, "the test of \(JSONPointer(path)) does not hold")
            }
        case "copy":
            let from = try pointer(operation, "from")
            guard let found = get(from[...], value) else { throw missing(from) }
            add(found, at: path[...], &value)
        case "move":
            let from = try pointer(operation, "from")
            guard let found = remove(at: from[...], &value) else { throw missing(from) }
            add(found, at: path[...], &value)
        case let name:
            throw EvaluationError(.failed, "\"\(name)\" is no operation of a JSON patch")
        }
    }

    private static func pointer(
        _ operation: JSONValue, _ key: String
    ) throws(EvaluationError) -> [String] {
        guard let text = operation[key]?.string, let pointer = JSONPointer(text) else {
            throw EvaluationError(.failed, "an operation of a JSON patch has no \(key)")
        }
        return pointer.steps
    }

    private static func missing(_ path: [String]) -> EvaluationError {
        EvaluationError(.failed, "there is no \(JSONPointer(path))")
    }

    /// The place of an index in a list of `count`; `nil` where it is outside.
    private static func index(_ step: String, _ count: Int, allowsEnd: Bool) -> Int? {
        if step == "-" { return allowsEnd ? count : nil }
        guard let number = Int(step) else { return nil }
        let place = number < 0 ? count + number : number
        return place >= 0 && place < (allowsEnd ? count + 1 : count) ? place : nil
    }

    private static func get(_ path: ArraySlice<String>, _ value: JSONValue) -> JSONValue? {
        guard let step = path.first else { return value }
        switch value {
        case .object(let members):
            guard let member = members[step] else { return nil }
            return get(path.dropFirst(), member)
        case .array(let elements):
            guard let place = index(step, elements.count, allowsEnd: false) else { return nil }
            return get(path.dropFirst(), elements[place])
        default: return nil
        }
    }

    private static func replace(
        _ new: JSONValue, at path: ArraySlice<String>, _ value: inout JSONValue
    ) {
        guard let step = path.first else {
            value = new
            return
        }
        switch value {
        case .object(var members):
            guard var member = members[step] else { return }
            replace(new, at: path.dropFirst(), &member)
            members[step] = member
            value = .object(members)
        case .array(var elements):
            guard let place = index(step, elements.count, allowsEnd: false) else { return }
            replace(new, at: path.dropFirst(), &elements[place])
            value = .array(elements)
        default: return
        }
    }

    /// Puts `new` at `path`, making what is missing on the way: lists where the next step is an
    /// index, objects elsewhere.
    private static func add(
        _ new: JSONValue, at path: ArraySlice<String>, _ value: inout JSONValue
    ) {
        guard let step = path.first else {
            value = new
            return
        }
        let rest = path.dropFirst()
        switch value {
        case .object(var members):
            if rest.isEmpty {
                members[step] = new
            } else {
                var member = members[step] ?? empty(before: rest)
                if member.isNull { member = empty(before: rest) }
                add(new, at: rest, &member)
                members[step] = member
            }
            value = .object(members)
        case .array(var elements):
            if rest.isEmpty {
                guard let place = index(step, elements.count, allowsEnd: true) else { return }
                elements.insert(new, at: place)
            } else if let place = index(step, elements.count, allowsEnd: false) {
                add(new, at: rest, &elements[place])
            } else {
                var element = empty(before: rest)
                add(new, at: rest, &element)
                elements.append(element)
            }
            value = .array(elements)
        default:
            var made = empty(before: path)
            add(new, at: path, &made)
            value = made
        }
    }

    private static func empty(before path: ArraySlice<String>) -> JSONValue {
        guard let step = path.first else { return .null }
        return step == "-" || Int(step) != nil ? .array([]) : .object(JSONObject())
    }

    private static func remove(
        at path: ArraySlice<String>, _ value: inout JSONValue
    ) -> JSONValue? {
        guard let step = path.first else { return nil }
        let rest = path.dropFirst()
        switch value {
        case .object(var members):
            if rest.isEmpty {
                guard let old = members.remove(step) else { return nil }
                value = .object(members)
                return old
            }
            guard var member = members[step] else { return nil }
            let old = remove(at: rest, &member)
            members[step] = member
            value = .object(members)
            return old
        case .array(var elements):
            guard let place = index(step, elements.count, allowsEnd: false) else { return nil }
            let old: JSONValue?
            if rest.isEmpty {
                old = elements.remove(at: place)
            } else {
                old = remove(at: rest, &elements[place])
            }
            value = .array(elements)
            return old
        default: return nil
        }
    }
}
