/// Operators, `size`, `in`, `type`, `dyn`.
enum OperatorLibrary {
    typealias Define = CELFunction

    static let functions: [CELFunction] = equality + order + sums + products + others

    private static let equality: [CELFunction] =
        Define.define("_==_", ["(A, A) -> bool"], cost: CostModel.equality) {
            a, e throws(CELError) in .bool(try a[0].equals(a[1], e))
        }
        + Define.define("_!=_", ["(A, A) -> bool"], cost: CostModel.equality) {
            a, e throws(CELError) in .bool(try !a[0].equals(a[1], e))
        }

    private static let orderSignatures: [String] = {
        var result = [
            "bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration",
        ].map { "(\($0), \($0)) -> bool" }
        let numbers = ["int", "uint", "double"]
        for left in numbers {
            for right in numbers where left != right {
                result.append("(\(left), \(right)) -> bool")
            }
        }
        return result
    }()

    private static let order: [CELFunction] =
        Define.define("_<_", orderSignatures, cost: CostModel.order) { a, _ throws(CELError) in
            .bool(try a[0].compared(to: a[1]) < 0)
        }
        + Define.define("_<=_", orderSignatures, cost: CostModel.order) { a, _ throws(CELError) in
            .bool(try a[0].compared(to: a[1]) <= 0)
        }
        + Define.define("_>_", orderSignatures, cost: CostModel.order) { a, _ throws(CELError) in
            .bool(try a[0].compared(to: a[1]) > 0)
        }
        + Define.define("_>=_", orderSignatures, cost: CostModel.order) { a, _ throws(CELError) in
            .bool(try a[0].compared(to: a[1]) >= 0)
        }

    private static let sums: [CELFunction] =
        Define.define(
            "_+_",
            [
                "(int, int) -> int", "(uint, uint) -> uint", "(double, double) -> double",
                "(string, string) -> string", "(bytes, bytes) -> bytes",
                "(list(A), list(A)) -> list(A)", "(duration, duration) -> duration",
                "(timestamp, duration) -> timestamp", "(duration, timestamp) -> timestamp",
            ], cost: CostModel.concatenation
        ) { a, e throws(CELError) in try add(a[0], a[1], e) }
        + Define.define(
            "_-_",
            [
                "(int, int) -> int", "(uint, uint) -> uint", "(double, double) -> double",
                "(duration, duration) -> duration", "(timestamp, timestamp) -> duration",
                "(timestamp, duration) -> timestamp",
            ]
        ) { a, _ throws(CELError) in try subtract(a[0], a[1]) }

    private static let numbers = [
        "(int, int) -> int", "(uint, uint) -> uint", "(double, double) -> double",
    ]

    private static let products: [CELFunction] =
        Define.define("_*_", numbers) { a, _ throws(CELError) in try multiply(a[0], a[1]) }
        + Define.define("_/_", numbers) { a, _ throws(CELError) in try divide(a[0], a[1]) }
        + Define.define("_%_", ["(int, int) -> int", "(uint, uint) -> uint"]) {
            a, _ throws(CELError) in try remainder(a[0], a[1])
        }
        + Define.define("-_", ["(int) -> int", "(double) -> double"]) { a, _ throws(CELError) in
            switch a[0] {
            case .int(let number):
                guard number != .min else { throw CELError("integer overflow") }
                return .int(-number)
            case .double(let number): return .double(-number)
            case .duration(let number):
                guard number != .min else { throw CELError("duration overflow") }
                return .duration(-number)
            default: throw .noOverload
            }
        }

    private static let others: [CELFunction] =
        Define.define("!_", ["(bool) -> bool"]) { a, _ throws(CELError) in
            guard case .bool(let flag) = a[0] else { throw .noOverload }
            return .bool(!flag)
        }
        + Define.define(
            "@in", ["(A, list(A)) -> bool", "(A, map(A, B)) -> bool"],
            cost: { arguments, _ in
                if case .list(let list)?? = arguments.last { return UInt64(list.count) }
                return 1
            }
        ) { a, e throws(CELError) in .bool(try contains(a[0], in: a[1], e)) }
        + Define.define(
            "size",
            [
                "(string) -> int", "(bytes) -> int", "(list(A)) -> int", "(map(A, B)) -> int",
                "string.() -> int", "bytes.() -> int", "list(A).() -> int", "map(A, B).() -> int",
            ]
        ) { a, _ throws(CELError) in
            switch a[0] {
            case .string(let text): .int(Int64(text.unicodeScalars.count))
            case .bytes(let bytes): .int(Int64(bytes.count))
            case .list(let list): .int(Int64(list.count))
            case .map(let map): .int(Int64(map.count))
            default: throw .noOverload
            }
        }
        + Define.define("type", ["(A) -> typeof(A)"]) { a, _ throws(CELError) in .type(a[0].type) }
        + Define.define("dyn", ["(A) -> dyn"]) { a, _ throws(CELError) in a[0] }

    /// Whether `value` is an element of a list or a key of a map.
    static func contains(
        _ value: CELValue, in container: CELValue, _ e: Evaluator?
    ) throws(CELError) -> Bool {
        switch container {
        case .list(let list):
            for index in 0..<list.count where try list.element(index).equals(value, e) {
                return true
            }
            return false
        case .map(let map): return try map.value(value) != nil
        default: throw .noOverload
        }
    }

    // MARK: Arithmetic

    private static func checked<T>(
        _ result: (partialValue: T, overflow: Bool), _ message: String = "integer overflow"
    ) throws(CELError) -> T {
        guard !result.overflow else { throw CELError(message) }
        return result.partialValue
    }

    private static let unsigned = "unsigned integer overflow"

    private static func moved(_ time: CELTimestamp, _ by: Int64) throws(CELError) -> CELValue {
        guard let result = time.adding(by) else { throw CELError("timestamp overflow") }
        return .timestamp(result)
    }

    static func add(_ a: CELValue, _ b: CELValue, _ e: Evaluator) throws(CELError) -> CELValue {
        switch (a, b) {
        case (.int(let x), .int(let y)): return .int(try checked(x.addingReportingOverflow(y)))
        case (.uint(let x), .uint(let y)):
            return .uint(try checked(x.addingReportingOverflow(y), unsigned))
        case (.double(let x), .double(let y)): return .double(x + y)
        case (.string(let x), .string(let y)):
            try e.checkSize(x.utf8.count + y.utf8.count)
            return .string(x + y)
        case (.bytes(let x), .bytes(let y)):
            try e.checkSize(x.count + y.count)
            return .bytes(x + y)
        case (.list(let x), .list(let y)):
            try e.checkCount(x.count + y.count)
            if let schema = x.schema { return .list(try schema.joined(x, y, e)) }
            return .list(try x.elements() + (try y.elements()))
        case (.duration(let x), .duration(let y)):
            return .duration(try checked(x.addingReportingOverflow(y), "duration overflow"))
        case (.timestamp(let x), .duration(let y)), (.duration(let y), .timestamp(let x)):
            return try moved(x, y)
        default: throw .noOverload
        }
    }

    static func subtract(_ a: CELValue, _ b: CELValue) throws(CELError) -> CELValue {
        switch (a, b) {
        case (.int(let x), .int(let y)):
            return .int(try checked(x.subtractingReportingOverflow(y)))
        case (.uint(let x), .uint(let y)):
            return .uint(try checked(x.subtractingReportingOverflow(y), unsigned))
        case (.double(let x), .double(let y)): return .double(x - y)
        case (.duration(let x), .duration(let y)):
            return .duration(try checked(x.subtractingReportingOverflow(y), "duration overflow"))
        case (.timestamp(let x), .duration(let y)):
            guard y != .min else { throw CELError("duration overflow") }
            return try moved(x, -y)
        case (.timestamp(let x), .timestamp(let y)):
            guard let duration = x.since(y) else { throw CELError("duration overflow") }
            return .duration(duration)
        default: throw .noOverload
        }
    }

    static func multiply(_ a: CELValue, _ b: CELValue) throws(CELError) -> CELValue {
        switch (a, b) {
        case (.int(let x), .int(let y)):
            return .int(try checked(x.multipliedReportingOverflow(by: y)))
        case (.uint(let x), .uint(let y)):
            return .uint(try checked(x.multipliedReportingOverflow(by: y), unsigned))
        case (.double(let x), .double(let y)): return .double(x * y)
        default: throw .noOverload
        }
    }

    static func divide(_ a: CELValue, _ b: CELValue) throws(CELError) -> CELValue {
        switch (a, b) {
        case (.int(let x), .int(let y)):
            guard y != 0 else { throw CELError("division by zero") }
            return .int(try checked(x.dividedReportingOverflow(by: y)))
        case (.uint(let x), .uint(let y)):
            guard y != 0 else { throw CELError("division by zero") }
            return .uint(x / y)
        case (.double(let x), .double(let y)): return .double(x / y)
        default: throw .noOverload
        }
    }

    static func remainder(_ a: CELValue, _ b: CELValue) throws(CELError) -> CELValue {
        switch (a, b) {
        case (.int(let x), .int(let y)):
            guard y != 0 else { throw CELError("modulus by zero") }
            return .int(try checked(x.remainderReportingOverflow(dividingBy: y)))
        case (.uint(let x), .uint(let y)):
            guard y != 0 else { throw CELError("modulus by zero") }
            return .uint(x % y)
        default: throw .noOverload
        }
    }
}
