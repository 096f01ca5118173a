import KubernetesCore

/// Kyverno's arithmetic of numbers, quantities and durations. What does not go together is an
/// error, as is a division by zero.
enum KyvernoArithmeticFunctions {
    static let all: [Function] = [
        Function("add", [.any, .any]) { a, _ throws(JMESPathError) in
            try combined(a.value(0), a.value(1), a.function, add)
        },
        Function("subtract", [.any, .any]) { a, _ throws(JMESPathError) in
            try combined(a.value(0), a.value(1), a.function, subtract)
        },
        Function("multiply", [.any, .any]) { a, _ throws(JMESPathError) in
            try combined(a.value(0), a.value(1), a.function, multiply)
        },
        Function("divide", [.any, .any]) { a, _ throws(JMESPathError) in
            try combined(a.value(0), a.value(1), a.function, divide)
        },
        Function("modulo", [.any, .any]) { a, _ throws(JMESPathError) in
            try combined(a.value(0), a.value(1), a.function, modulo)
        },
        Function("sum", [.array]) { a, run throws(JMESPathError) in
            let elements = a.array(0)
            guard var total = elements.first else {
                throw a.function.invalid("the array is empty")
            }
            for element in elements.dropFirst() {
                try run.spend(8)
                total = try combined(total, element, a.function, add)
            }
            return total
        },
        Function("round", [.number, .number]) { a, _ throws(JMESPathError) in
            let places = a.number(1)
            guard places == places.rounded(), places >= 0 else {
                throw a.function.invalid("the number of places must be a whole number from 0 on")
            }
            // More places than a number has change nothing.
            guard places <= 300 else { return a.value(0) }
            let shift = (0..<Int(places)).reduce(1.0) { result, _ in result * 10 }
            let shifted = a.number(0) * shift
            guard shifted.isFinite else { return a.value(0) }
            let rounded = shifted.rounded(.toNearestOrAwayFromZero) / shift
            return try NumberFunctions.number(rounded, a.function)
        },
    ]

    private typealias Combination =
        (Operand, Operand, Function) throws(JMESPathError) -> JSONValue

    private static func combined(
        _ left: JSONValue, _ right: JSONValue, _ function: Function, _ body: Combination
    ) throws(JMESPathError) -> JSONValue {
        guard let left = Operand(left), let right = Operand(right) else {
            throw JMESPathError(
                .invalidType, "\(function.name)() takes numbers, quantities and durations")
        }
        return try body(left, right, function)
    }

    private static func mismatch(_ function: Function) -> JMESPathError {
        JMESPathError(
            .invalidType, "\(function.name)(): these kinds of amounts do not go together")
    }

    private static func zero(_ function: Function) -> JMESPathError {
        function.invalid("the divisor is zero")
    }

    private static func text(_ quantity: Quantity) -> JSONValue { .string(quantity.description) }

    private static func text(
        _ nanoseconds: (partialValue: Int64, overflow: Bool), _ function: Function
    ) throws(JMESPathError) -> JSONValue {
        guard !nanoseconds.overflow else { throw function.invalid("the duration is too long") }
        return .string(GoDuration(nanoseconds: nanoseconds.partialValue).text)
    }

    private static func text(
        seconds: Double, _ function: Function
    ) throws(JMESPathError) -> JSONValue {
        let nanoseconds = (seconds * 1e9).rounded(.towardZero)
        guard let whole = Int64(exactly: nanoseconds) else {
            throw function.invalid("the duration is too long")
        }
        return .string(GoDuration(nanoseconds: whole).text)
    }

    private static func add(
        _ left: Operand, _ right: Operand, _ function: Function
    ) throws(JMESPathError) -> JSONValue {
        switch (left, right) {
        case (.quantity(let a, _), .quantity(let b, _)): return text(a + b)
        case (.duration(let a), .duration(let b)):
            return try text(a.nanoseconds.addingReportingOverflow(b.nanoseconds), function)
        case (.scalar(let a), .scalar(let b)):
            return try NumberFunctions.number(a + b, function)
        default: throw mismatch(function)
        }
    }

    private static func subtract(
        _ left: Operand, _ right: Operand, _ function: Function
    ) throws(JMESPathError) -> JSONValue {
        switch (left, right) {
        case (.quantity(let a, _), .quantity(let b, _)): return text(a - b)
        case (.duration(let a), .duration(let b)):
            return try text(a.nanoseconds.subtractingReportingOverflow(b.nanoseconds), function)
        case (.scalar(let a), .scalar(let b)):
            return try NumberFunctions.number(a - b, function)
        default: throw mismatch(function)
        }
    }

    private static func multiply(
        _ left: Operand, _ right: Operand, _ function: Function
    ) throws(JMESPathError) -> JSONValue {
        switch (left, right) {
        case (.quantity(let a, _), .scalar(let b)), (.scalar(let b), .quantity(let a, _)):
            guard let factor = Operand.quantity(of: b) else { throw mismatch(function) }
            return text(a.multiplied(by: factor))
        case (.duration(let a), .scalar(let b)), (.scalar(let b), .duration(let a)):
            return try text(seconds: a.seconds * b, function)
        case (.scalar(let a), .scalar(let b)):
            return try NumberFunctions.number(a * b, function)
        default: throw mismatch(function)
        }
    }

    private static func divide(
        _ left: Operand, _ right: Operand, _ function: Function
    ) throws(JMESPathError) -> JSONValue {
        switch (left, right) {
        case (.quantity(let a, _), .quantity(let b, _)):
            guard !b.isZero else { throw zero(function) }
            return try NumberFunctions.number(a.inDouble / b.inDouble, function)
        case (.quantity(let a, let places), .scalar(let b)):
            guard b != 0 else { throw zero(function) }
            guard let divisor = Operand.quantity(of: b) else { throw mismatch(function) }
            let kept = max(places, ScalarText.decimals(b))
            guard let quotient = a.divided(by: divisor, places: kept) else { throw zero(function) }
            return text(quotient)
        case (.duration(let a), .duration(let b)):
            guard b.nanoseconds != 0 else { throw zero(function) }
            return try NumberFunctions.number(a.seconds / b.seconds, function)
        case (.duration(let a), .scalar(let b)):
            guard b != 0 else { throw zero(function) }
            return try text(seconds: a.seconds / b, function)
        case (.scalar(let a), .scalar(let b)):
            guard b != 0 else { throw zero(function) }
            return try NumberFunctions.number(a / b, function)
        default: throw mismatch(function)
        }
    }

    private static func modulo(
        _ left: Operand, _ right: Operand, _ function: Function
    ) throws(JMESPathError) -> JSONValue {
        switch (left, right) {
        case (.quantity(let a, _), .quantity(let b, _)):
            let rest = try remainder(a.inDouble, b.inDouble, function)
            return text(Quantity(rest, a.format))
        case (.duration(let a), .duration(let b)):
            guard b.nanoseconds != 0 else { throw zero(function) }
            // The one case in which a remainder overflows leaves none.
            let rest = a.nanoseconds.remainderReportingOverflow(dividingBy: b.nanoseconds)
            return .string(
                GoDuration(nanoseconds: rest.overflow ? 0 : rest.partialValue).text)
        case (.scalar(let a), .scalar(let b)): return .int(try remainder(a, b, function))
        default: throw mismatch(function)
        }
    }

    private static func remainder(
        _ left: Double, _ right: Double, _ function: Function
    ) throws(JMESPathError) -> Int {
        guard let a = Int(exactly: left), let b = Int(exactly: right) else {
            throw function.invalid("only whole numbers have a remainder")
        }
        guard b != 0 else { throw zero(function) }
        let rest = a.remainderReportingOverflow(dividingBy: b)
        return rest.overflow ? 0 : rest.partialValue
    }
}
