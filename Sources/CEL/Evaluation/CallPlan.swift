/// A call of a function: all arguments are evaluated first.
struct CallPlan: Plan {
    let function: CELFunction
    let arguments: [any Plan]

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        var values: [CELValue] = []
        values.reserveCapacity(arguments.count)
        for (index, argument) in arguments.enumerated() {
            do throws(CELError) {
                values.append(try argument.evaluate(e))
            } catch {
                throw try chargeFailed(error, values, index, e)
            }
        }
        let result = Result { () throws(CELError) in try function.body(values, e) }
        if let cost = function.cost {
            try e.charge(cost(values.map { $0 }, try? result.get()))
        } else {
            try e.charge(1)
        }
        return try result.get()
    }

    /// What a call costs whose argument failed: with one or two arguments all are evaluated anyway.
    private func chargeFailed(
        _ failure: CELError, _ values: [CELValue], _ index: Int, _ e: Evaluator
    ) throws(CELError) -> CELError {
        guard failure.code != .cost, arguments.count <= 2 else { return failure }
        var sizes: [CELValue?] = values + [nil]
        for argument in arguments.dropFirst(index + 1) {
            do throws(CELError) {
                sizes.append(try argument.evaluate(e))
            } catch {
                if error.code == .cost { return error }
                sizes.append(nil)
            }
        }
        try e.charge(function.cost.map { $0(sizes, nil) } ?? 1)
        return failure
    }
}

/// `receiver.or(other)` and, with `unwraps`, `receiver.orValue(other)`: the argument is evaluated
/// only when it is needed. What is no optional is its own answer.
struct OptionalOrPlan: Plan {
    let receiver: any Plan
    let other: any Plan
    let unwraps: Bool

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        let value = try receiver.evaluate(e)
        guard case .optional(let inner) = value else { return value }
        if let inner { return unwraps ? inner : value }
        let fallback = try other.evaluate(e)
        if !unwraps {
            guard case .optional = fallback else { throw .noOverload }
        }
        return fallback
    }
}

/// `target.optMap(variable, body)` and, with `flat`, `optFlatMap`.
struct OptionalMapPlan: Plan {
    let target: any Plan
    let slot: Int
    let body: any Plan
    let flat: Bool

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        let before = e.cost
        guard case .optional(let inner) = try target.evaluate(e) else { throw .noOverload }
        let spent = e.cost - before
        try e.charge(1)
        guard let inner else {
            try e.charge(1)
            return .optional(nil)
        }
        try e.charge(spent + 1)
        e.locals[slot] = inner
        let result = try body.evaluate(e)
        if flat {
            guard case .optional = result else { throw .noOverload }
            return result
        }
        try e.charge(1)
        return .optional(result)
    }
}
