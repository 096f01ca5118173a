/// `quantity` and what can be asked of quantities; also the comparisons that versions share.
enum QuantityLibrary {
    static let functions: [CELFunction] = makers + comparisons + arithmetic

    private static func quantity(_ value: CELValue) throws(CELError) -> QuantityValue {
        guard case .opaque(.quantity(let quantity)) = value else { throw .noOverload }
        return quantity
    }

    private static let makers: [CELFunction] =
        CELFunction.define("quantity", ["(string) -> quantity"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            guard case .string(let text) = a[0] else { throw .noOverload }
            return .opaque(.quantity(try QuantityValue(parsing: text)))
        }
        + CELFunction.define("isQuantity", ["(string) -> bool"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            guard case .string(let text) = a[0] else { throw .noOverload }
            return .bool((try? QuantityValue(parsing: text)) != nil)
        }

    private static func compare(_ a: CELValue, _ b: CELValue) throws(CELError) -> Int {
        switch (a, b) {
        case (.opaque(.quantity(let x)), .opaque(.quantity(let y))): x.compare(y)
        case (.opaque(.semver(let x)), .opaque(.semver(let y))): x.compare(y)
        default: throw .noOverload
        }
    }

    private static let comparisons: [CELFunction] =
        CELFunction.define(
            "compareTo", ["quantity.(quantity) -> int", "semver.(semver) -> int"]
        ) { a, _ throws(CELError) in .int(Int64(try compare(a[0], a[1]))) }
        + CELFunction.define(
            "isLessThan", ["quantity.(quantity) -> bool", "semver.(semver) -> bool"]
        ) { a, _ throws(CELError) in .bool(try compare(a[0], a[1]) < 0) }
        + CELFunction.define(
            "isGreaterThan", ["quantity.(quantity) -> bool", "semver.(semver) -> bool"]
        ) { a, _ throws(CELError) in .bool(try compare(a[0], a[1]) > 0) }

    private static func operand(_ value: CELValue) throws(CELError) -> QuantityValue {
        if case .int(let number) = value { return QuantityValue(number) }
        return try quantity(value)
    }

    private static let sums = ["quantity.(quantity) -> quantity", "quantity.(int) -> quantity"]

    private static let arithmetic: [CELFunction] =
        CELFunction.define("add", sums) { a, _ throws(CELError) in
            .opaque(.quantity(try quantity(a[0]).adding(try operand(a[1]))))
        }
        + CELFunction.define("sub", sums) { a, _ throws(CELError) in
            .opaque(.quantity(try quantity(a[0]).adding(try operand(a[1]).negated)))
        }
        + CELFunction.define("sign", ["quantity.() -> int"]) { a, _ throws(CELError) in
            .int(Int64(try quantity(a[0]).sign))
        }
        + CELFunction.define("isInteger", ["quantity.() -> bool"]) { a, _ throws(CELError) in
            .bool(try quantity(a[0]).integer != nil)
        }
        + CELFunction.define("asInteger", ["quantity.() -> int"]) { a, _ throws(CELError) in
            guard let number = try quantity(a[0]).integer else {
                throw CELError("cannot convert value to integer")
            }
            return .int(number)
        }
        + CELFunction.define("asApproximateFloat", ["quantity.() -> double"]) {
            a, _ throws(CELError) in .double(try quantity(a[0]).approximate)
        }
}
