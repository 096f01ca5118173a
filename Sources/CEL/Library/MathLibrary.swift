/// The math extension; Kubernetes does not have it.
enum MathLibrary {
    static let functions: [CELFunction] = extremes + roundings + tests + bits

    private static let numbers = ["int", "uint", "double"]

    private static func define(
        _ name: String, _ signatures: [String], variadic: Bool = false,
        _ body: @escaping CELFunction.Body
    ) -> [CELFunction] {
        CELFunction.define(
            "math." + name, signatures, extended: true, variadic: variadic, body)
    }

    private static let extremeSignatures =
        numbers.map { "(\($0)) -> \($0)" } + numbers.map { "(list(\($0))) -> \($0)" }
        + numbers.map { "(\($0), \($0)) -> \($0)" } + ["(dyn, dyn) -> dyn"]

    private static let extremes: [CELFunction] =
        define("greatest", extremeSignatures, variadic: true) { a, _ throws(CELError) in
            try extreme(a, 1)
        }
        + define("least", extremeSignatures, variadic: true) { a, _ throws(CELError) in
            try extreme(a, -1)
        }

    private static func extreme(_ arguments: [CELValue], _ sign: Int) throws(CELError) -> CELValue {
        var values = arguments
        if values.count == 1, case .list(let list) = values[0] { values = try list.elements() }
        guard var result = values.first else {
            throw CELError("math.@\(sign > 0 ? "max" : "min")(list) argument must not be empty")
        }
        for value in values {
            switch value {
            case .int, .uint, .double: break
            default: throw .noOverload
            }
            if try value.compared(to: result).signum() == sign { result = value }
        }
        return result
    }

    private static func rounding(
        _ name: String, _ change: @escaping @Sendable (Double) -> Double
    ) -> [CELFunction] {
        define(name, ["(double) -> double"]) { a, _ throws(CELError) in
            guard case .double(let number) = a[0] else { throw .noOverload }
            return .double(change(number))
        }
    }

    private static let roundings: [CELFunction] =
        rounding("ceil") { $0.rounded(.up) } + rounding("floor") { $0.rounded(.down) }
        + rounding("trunc") { $0.rounded(.towardZero) }
        + rounding("round") { $0.rounded(.toNearestOrAwayFromZero) }
        + define("sqrt", numbers.map { "(\($0)) -> double" }) { a, _ throws(CELError) in
            switch a[0] {
            case .double(let number): .double(number.squareRoot())
            case .int(let number): .double(Double(number).squareRoot())
            case .uint(let number): .double(Double(number).squareRoot())
            default: throw .noOverload
            }
        }
        + define("abs", numbers.map { "(\($0)) -> \($0)" }) { a, _ throws(CELError) in
            switch a[0] {
            case .double(let number): return .double(number.magnitude)
            case .uint: return a[0]
            case .int(let number):
                guard number != .min else { throw CELError("integer overflow") }
                return .int(number < 0 ? -number : number)
            default: throw .noOverload
            }
        }
        + define("sign", numbers.map { "(\($0)) -> \($0)" }) { a, _ throws(CELError) in
            switch a[0] {
            case .double(let number):
                .double(number.isNaN ? .nan : number > 0 ? 1 : number < 0 ? -1 : 0)
            case .uint(let number): .uint(number > 0 ? 1 : 0)
            case .int(let number): .int(number.signum())
            default: throw .noOverload
            }
        }

    private static func test(
        _ name: String, _ holds: @escaping @Sendable (Double) -> Bool
    ) -> [CELFunction] {
        define(name, ["(double) -> bool"]) { a, _ throws(CELError) in
            guard case .double(let number) = a[0] else { throw .noOverload }
            return .bool(holds(number))
        }
    }

    private static let tests: [CELFunction] =
        test("isNaN") { $0.isNaN } + test("isInf") { $0.isInfinite }
        + test("isFinite") { $0.isFinite }

    private static func binary(
        _ name: String, _ combine: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) -> [CELFunction] {
        define(name, ["(int, int) -> int", "(uint, uint) -> uint"]) { a, _ throws(CELError) in
            switch (a[0], a[1]) {
            case (.int(let x), .int(let y)):
                .int(Int64(bitPattern: combine(UInt64(bitPattern: x), UInt64(bitPattern: y))))
            case (.uint(let x), .uint(let y)): .uint(combine(x, y))
            default: throw .noOverload
            }
        }
    }

    private static func shift(
        _ name: String, _ move: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) -> [CELFunction] {
        define(name, ["(int, int) -> int", "(uint, int) -> uint"]) { a, _ throws(CELError) in
            guard case .int(let by) = a[1] else { throw .noOverload }
            guard by >= 0 else { throw CELError("math.\(name)() negative offset: \(by)") }
            switch a[0] {
            case .int(let number):
                return .int(Int64(bitPattern: move(UInt64(bitPattern: number), UInt64(by))))
            case .uint(let number): return .uint(move(number, UInt64(by)))
            default: throw .noOverload
            }
        }
    }

    private static let bits: [CELFunction] =
        binary("bitAnd", &) + binary("bitOr", |) + binary("bitXor", ^)
        + define("bitNot", ["(int) -> int", "(uint) -> uint"]) { a, _ throws(CELError) in
            switch a[0] {
            case .int(let number): .int(~number)
            case .uint(let number): .uint(~number)
            default: throw .noOverload
            }
        }
        + shift("bitShiftLeft") { $1 > 63 ? 0 : $0 << $1 }
        + shift("bitShiftRight") { $1 > 63 ? 0 : $0 >> $1 }
}
