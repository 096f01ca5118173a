import KubernetesCore

/// The specification's functions of arrays and objects.
enum CollectionFunctions {
    static let all: [Function] = [
        Function("keys", [.object]) { a, run throws(JMESPathError) in
            try run.spend(a.object(0).count)
            return .strings(a.object(0).keys)
        },
        Function("values", [.object]) { a, _ throws(JMESPathError) in
            .array(a.object(0).values)
        },
        Function("merge", [.object], isVariadic: true) { a, run throws(JMESPathError) in
            var members: [(String, JSONValue)] = []
            for index in 0..<a.count {
                let object = a.object(index)
                try run.spend(object.count)
                members += object.map { ($0, $1) }
            }
            return .object(JSONObject(members))
        },
        Function("not_null", [.any], isVariadic: true) { a, _ throws(JMESPathError) in
            a.values.first { !$0.isNull } ?? .null
        },
        Function("to_array", [.any]) { a, _ throws(JMESPathError) in
            if case .array = a.value(0) { return a.value(0) }
            return .array([a.value(0)])
        },
        Function("sort", [[.numbers, .strings]]) { a, run throws(JMESPathError) in
            let elements = a.array(0)
            return .array(try sorted(elements, by: elements, &run))
        },
    ]

    /// `elements` in the order of their `keys`, which are all numbers or all texts; equal ones stay
    /// as they were.
    static func sorted(
        _ elements: [JSONValue], by keys: [JSONValue], _ run: inout Interpreter
    ) throws(JMESPathError) -> [JSONValue] {
        let width = Int.bitWidth - elements.count.leadingZeroBitCount
        try run.spend(elements.count * width)
        let order = elements.indices.sorted { first, second in
            let order = Order.of(keys[first], keys[second]) ?? 0
            return order == 0 ? first < second : order < 0
        }
        return order.map { elements[$0] }
    }
}
