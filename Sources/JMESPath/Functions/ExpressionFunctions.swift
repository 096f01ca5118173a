import KubernetesCore

/// The specification's functions that apply an expression to elements.
enum ExpressionFunctions {
    static let all: [Function] = [
        Function("map", [.expression, .array]) { a, run throws(JMESPathError) in
            .array(try keys(a.expression(0), a.array(1), &run))
        },
        Function("sort_by", [.array, .expression]) { a, run throws(JMESPathError) in
            let keys = try sortKeys(a, &run)
            return .array(try CollectionFunctions.sorted(a.array(0), by: keys, &run))
        },
        Function("max_by", [.array, .expression]) { a, run throws(JMESPathError) in
            let keys = try sortKeys(a, &run)
            return extreme(a.array(0), keys) { $0 > 0 }
        },
        Function("min_by", [.array, .expression]) { a, run throws(JMESPathError) in
            let keys = try sortKeys(a, &run)
            return extreme(a.array(0), keys) { $0 < 0 }
        },
    ]

    /// What `node` gives for each of `elements`.
    private static func keys(
        _ node: Node, _ elements: [JSONValue], _ run: inout Interpreter
    ) throws(JMESPathError) -> [JSONValue] {
        var result: [JSONValue] = []
        result.reserveCapacity(elements.count)
        for element in elements { result.append(try run.evaluate(node, element)) }
        return result
    }

    /// The same for an order: all numbers, or all texts.
    private static func sortKeys(
        _ a: Arguments, _ run: inout Interpreter
    ) throws(JMESPathError) -> [JSONValue] {
        let keys = try keys(a.expression(1), a.array(0), &run)
        guard let first = keys.first else { return [] }
        let kind = ValueKinds.of(first)
        guard kind == .number || kind == .string else {
            throw JMESPathError(
                .invalidType,
                "\(a.function.name)() orders by numbers or strings, not by \(kind.text)")
        }
        for key in keys where ValueKinds.of(key) != kind {
            throw JMESPathError(
                .invalidType,
                "\(a.function.name)() orders by keys of one kind, not by \(kind.text) and "
                    + ValueKinds.of(key).text)
        }
        return keys
    }

    private static func extreme(
        _ elements: [JSONValue], _ keys: [JSONValue], _ wins: (Int) -> Bool
    ) -> JSONValue {
        guard var best = elements.indices.first else { return .null }
        for index in elements.indices.dropFirst() {
            if let order = Order.of(keys[index], keys[best]), wins(order) { best = index }
        }
        return elements[best]
    }
}
