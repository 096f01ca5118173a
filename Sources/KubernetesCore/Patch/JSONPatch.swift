/// A list of operations on a JSON value (RFC 6902), with the limits of a kube-apiserver.
public struct JSONPatch: Sendable, Hashable {
    /// The most operations in one patch.
    public static let operationsMax = 10_000

    /// The most values that copies may make of one object.
    private static let copiedBytesMax = 3 << 20

    /// One change.
    public enum Operation: Sendable, Hashable {
        case add(JSONPointer, JSONValue)
        case remove(JSONPointer)
        case replace(JSONPointer, JSONValue)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, JSONValue)
    }

    /// The changes, in order.
    public let operations: [Operation]

    /// These changes.
    public init(_ operations: [Operation]) { self.operations = operations }

    /// Reads the array of a request.
    public init(reading value: JSONValue) throws(PatchError) {
        guard let list = value.array else {
            throw PatchError(
                .malformed, "error decoding patch: a JSON patch is an array, not \(value.typeName)")
        }
        guard list.count <= JSONPatch.operationsMax else {
            throw PatchError(
                .tooLarge,
                "The allowed maximum operations in a JSON patch is \(JSONPatch.operationsMax), "
                    + "got \(list.count)")
        }
        var operations: [Operation] = []
        for (index, element) in list.enumerated() {
            operations.append(try JSONPatch.operation(element, index))
        }
        self.operations = operations
    }

    private static func operation(
        _ element: JSONValue, _ index: Int
    ) throws(PatchError) -> Operation {
        func pointer(_ key: String) throws(PatchError) -> JSONPointer {
            guard let text = element[key]?.string, let pointer = JSONPointer(text) else {
                throw PatchError(
                    .unprocessable, "operation \(index): \(key) must be a JSON pointer")
            }
            return pointer
        }
        guard element.object != nil else {
            throw PatchError(
                .malformed, "error decoding patch: operation \(index) is no object")
        }
        let path = try pointer("path")
        // A value that is missing is written as null, as the API server's library does.
        let value = element["value"] ?? .null
        switch element["op"]?.string {
        case "add": return .add(path, value)
        case "remove": return .remove(path)
        case "replace": return .replace(path, value)
        case "move": return .move(from: try pointer("from"), to: path)
        case "copy": return .copy(from: try pointer("from"), to: path)
        case "test": return .test(path, value)
        default:
            throw PatchError(
                .unprocessable,
                "Unexpected kind: \(element["op"]?.string ?? "unknown") in operation \(index)")
        }
    }

    /// `value` after all operations, or the first fault; nothing is applied in part.
    public func applied(to value: JSONValue) throws(PatchError) -> JSONValue {
        var result = value
        var copied = 0
        for operation in operations {
            switch operation {
            case .add(let path, let new): try JSONPatch.add(new, at: path, to: &result)
            case .remove(let path): try JSONPatch.remove(at: path, from: &result)
            case .replace(let path, let new):
                _ = try JSONPatch.value(at: path, in: result, "replace")
                try JSONPatch.edit(&result, path.steps[...], path) { $0 = new }
            case .move(let from, let to):
                let moved = try JSONPatch.value(at: from, in: result, "move")
                try JSONPatch.remove(at: from, from: &result)
                try JSONPatch.add(moved, at: to, to: &result)
            case .copy(let from, let to):
                let original = try JSONPatch.value(at: from, in: result, "copy")
                copied += original.encoded().count
                guard copied <= JSONPatch.copiedBytesMax else {
                    throw PatchError(
                        .unprocessable,
                        "Unable to copy, the accumulated size increase of copy is \(copied), "
                            + "exceeding the limit \(JSONPatch.copiedBytesMax)")
                }
                try JSONPatch.add(original, at: to, to: &result)
            case .test(let path, let expected):
                // What is not there equals null, and nothing else.
                let found = JSONPatch.find(path.steps[...], in: result)
                guard JSONPatch.isEqual(found ?? .null, expected) else {
                    throw PatchError(.unprocessable, "testing value \(path) failed: test failed")
                }
            }
        }
        return result
    }

    /// Whether two values are equal; numbers by their value.
    private static func isEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.object(let one), .object(let other)):
            one.keys == other.keys && zip(one.values, other.values).allSatisfy(isEqual)
        case (.array(let one), .array(let other)):
            one.count == other.count && zip(one, other).allSatisfy(isEqual)
        case (.integer, .double), (.double, .integer): left.double == right.double
        default: left == right
        }
    }

    private static func find(_ steps: ArraySlice<String>, in value: JSONValue) -> JSONValue? {
        var current = value
        for step in steps {
            let next: JSONValue? =
                current.array == nil
                ? current[step]
                : index(step, below: current.array?.count ?? 0).flatMap { current[$0] }
            guard let next else { return nil }
            current = next
        }
        return current
    }

    private static func value(
        at path: JSONPointer, in value: JSONValue, _ verb: String
    ) throws(PatchError) -> JSONValue {
        guard let found = find(path.steps[...], in: value) else {
            throw PatchError(
                .unprocessable,
                "\(verb) operation does not apply: doc is missing key: \(path): missing value")
        }
        return found
    }

    /// An index without sign and leading zeros, or a negative one that counts from the end.
    private static func index(_ step: String, below count: Int) -> Int? {
        guard let number = Int(step), String(number) == step else { return nil }
        let index = number < 0 ? count + number : number
        return (0..<count).contains(index) ? index : nil
    }

    /// Changes the value that stands at `steps`, all of which must be there.
    private static func edit(
        _ value: inout JSONValue, _ steps: ArraySlice<String>, _ path: JSONPointer,
        _ change: (inout JSONValue) throws(PatchError) -> Void
    ) throws(PatchError) {
        guard let step = steps.first else { return try change(&value) }
        let missing = PatchError(
            .unprocessable, "doc is missing path: \(path): missing value")
        switch value {
        case .object(var members):
            guard var member = members[step] else { throw missing }
            value = .null
            try edit(&member, steps.dropFirst(), path, change)
            members[step] = member
            value = .object(members)
        case .array(var elements):
            guard let index = index(step, below: elements.count) else { throw missing }
            value = .null
            try edit(&elements[index], steps.dropFirst(), path, change)
            value = .array(elements)
        default: throw missing
        }
    }

    private static func add(
        _ new: JSONValue, at path: JSONPointer, to value: inout JSONValue
    ) throws(PatchError) {
        guard let last = path.steps.last else {
            value = new
            return
        }
        try edit(&value, path.steps.dropLast(), path) { parent throws(PatchError) in
            switch parent {
            case .object(var members):
                members[last] = new
                parent = .object(members)
            case .array(var elements):
                let index =
                    last == "-" || last == String(elements.count)
                    ? elements.count : index(last, below: elements.count)
                guard let index else {
                    throw PatchError(
                        .unprocessable,
                        "add operation does not apply: Unable to access invalid index: \(last)")
                }
                elements.insert(new, at: index)
                parent = .array(elements)
            default:
                throw PatchError(
                    .unprocessable,
                    "add operation does not apply: doc is missing path: \(path): missing value")
            }
        }
    }

    private static func remove(
        at path: JSONPointer, from value: inout JSONValue
    ) throws(PatchError) {
        guard let last = path.steps.last else {
            throw PatchError(.unprocessable, "remove operation does not apply to the whole object")
        }
        try edit(&value, path.steps.dropLast(), path) { parent throws(PatchError) in
            switch parent {
            case .object(var members) where members[last] != nil:
                members[last] = nil
                parent = .object(members)
            case .array(var elements):
                guard let index = index(last, below: elements.count) else {
                    throw PatchError(
                        .unprocessable,
                        "remove operation does not apply: Unable to access invalid index: \(last)")
                }
                elements.remove(at: index)
                parent = .array(elements)
            default:
                throw PatchError(
                    .unprocessable,
                    "remove operation does not apply: doc is missing key: \(path): missing value")
            }
        }
    }
}
