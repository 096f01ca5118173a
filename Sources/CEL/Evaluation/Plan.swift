/// An expression ready to be evaluated: names are resolved, functions found, constants folded.
protocol Plan: Sendable {
    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue
}

struct ConstantPlan: Plan {
    let value: CELValue

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue { value }
}

/// What fails whenever it is reached.
struct FailingPlan: Plan {
    let error: CELError

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue { throw error }
}

struct VariablePlan: Plan {
    let name: String
    let isCounted: Bool

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        if isCounted { try e.charge(1) }
        guard let value = try e.variable(name) else {
            throw CELError("no such attribute(s): \(name)")
        }
        return value
    }
}

struct LocalPlan: Plan {
    let slot: Int
    let isCounted: Bool

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        if isCounted { try e.charge(1) }
        return e.locals[slot]
    }
}

struct SelectPlan: Plan {
    let operand: any Plan
    let field: String
    let isOptional: Bool
    /// Whether the operand is no name and no selection, which costs one more.
    let beginsChain: Bool

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        let value = try operand.evaluate(e)
        if beginsChain { try e.charge(1) }
        if case .optional(let inner) = value {
            guard let inner else { return .optional(nil) }
            guard let found = try Selection.field(field, of: inner, lenient: true) else {
                return .optional(nil)
            }
            try e.charge(1)
            return Selection.wrapped(found)
        }
        if isOptional {
            guard let found = try Selection.field(field, of: value, lenient: true) else {
                return .optional(nil)
            }
            try e.charge(1)
            return Selection.wrapped(found)
        }
        try e.charge(1)
        guard let found = try Selection.field(field, of: value, lenient: false) else {
            throw CELError("no such key: \(field)")
        }
        return found
    }
}

struct IndexPlan: Plan {
    let operand: any Plan
    let key: any Plan
    let isOptional: Bool
    let beginsChain: Bool

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        let value = try operand.evaluate(e)
        if beginsChain { try e.charge(1) }
        let key = try key.evaluate(e)
        if case .optional(let inner) = value {
            guard let inner, let found = try Selection.entry(key, of: inner, lenient: true) else {
                return .optional(nil)
            }
            try e.charge(1)
            return Selection.wrapped(found)
        }
        if isOptional {
            guard let found = try Selection.entry(key, of: value, lenient: true) else {
                return .optional(nil)
            }
            try e.charge(1)
            return Selection.wrapped(found)
        }
        try e.charge(1)
        guard let found = try Selection.entry(key, of: value, lenient: false) else {
            throw CELError("no such key: \(CELConversions.display(key))")
        }
        return found
    }
}

/// `has(operand.field)`.
struct HasPlan: Plan {
    let operand: any Plan
    let field: String

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        var value = try operand.evaluate(e)
        if case .optional(let inner) = value {
            guard let inner else { return .bool(false) }
            value = inner
        }
        return .bool(try Selection.field(field, of: value, lenient: true) != nil)
    }
}

/// Looking up fields and elements.
enum Selection {
    /// The field of a map or an object; `nil` where it has none. With `lenient`, scalars have no
    /// fields; else asking them is an error, as it always is for lists.
    static func field(
        _ name: String, of value: CELValue, lenient: Bool
    ) throws(CELError) -> CELValue? {
        switch value {
        case .map(let map): return try map.value(named: name)
        case .list: throw CELError("unsupported index type 'string' in list")
        default:
            if lenient { return nil }
            throw CELError("no such key: \(name)")
        }
    }

    /// The element of a list or the entry of a map; `nil` where there is none.
    static func entry(
        _ key: CELValue, of value: CELValue, lenient: Bool
    ) throws(CELError) -> CELValue? {
        switch value {
        case .map(let map):
            return try map.value(key)
        case .list(let list):
            guard let index = position(key) else {
                throw CELError("unsupported index type '\(key.type.name)' in list")
            }
            guard index >= 0, index < Int64(list.count) else {
                if lenient { return nil }
                throw CELError("index out of bounds: \(index)")
            }
            return try list.element(Int(index))
        default:
            if lenient { return nil }
            throw CELError("no such key: \(CELConversions.display(key))")
        }
    }

    private static func position(_ key: CELValue) -> Int64? {
        switch key {
        case .int(let number): number
        case .uint(let number): Int64(exactly: number) ?? .max
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// A found value as an optional; one that already is stays as it is.
    static func wrapped(_ value: CELValue) -> CELValue {
        if case .optional = value { return value }
        return .optional(value)
    }
}

/// `left && right`, or with `isOr` `left || right`: a deciding side wins over an error of the
/// other.
struct LogicPlan: Plan {
    let left: any Plan
    let right: any Plan
    let isOr: Bool

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        var failure: CELError?
        do throws(CELError) {
            let value = try left.evaluate(e)
            if case .bool(let flag) = value {
                if flag == isOr { return value }
            } else {
                failure = .noOverload
            }
        } catch {
            if error.code == .cost { throw error }
            failure = error
        }
        let value: CELValue
        do throws(CELError) {
            value = try right.evaluate(e)
        } catch {
            if error.code == .cost { throw error }
            throw failure ?? error
        }
        guard case .bool(let flag) = value else { throw failure ?? .noOverload }
        if flag == isOr { return value }
        if let failure { throw failure }
        return value
    }
}

struct ConditionalPlan: Plan {
    let condition: any Plan
    let first: any Plan
    let second: any Plan

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        guard case .bool(let flag) = try condition.evaluate(e) else { throw .noOverload }
        return flag ? try first.evaluate(e) : try second.evaluate(e)
    }
}

struct ListPlan: Plan {
    let elements: [(value: any Plan, optional: Bool)]

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        var result: [CELValue] = []
        result.reserveCapacity(elements.count)
        for element in elements {
            let value = try element.value.evaluate(e)
            guard element.optional else {
                result.append(value)
                continue
            }
            guard case .optional(let inner) = value else {
                throw CELError(
                    "cannot initialize optional list element from non-optional value "
                        + CELConversions.display(value))
            }
            if let inner { result.append(inner) }
        }
        try e.charge(10)
        return .list(result)
    }
}

struct MapPlan: Plan {
    let entries: [(key: any Plan, value: any Plan, optional: Bool)]

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        var result: [(CELValue, CELValue)] = []
        for entry in entries {
            let key = try entry.key.evaluate(e)
            let value = try entry.value.evaluate(e)
            guard CELKey(key) != nil else { throw CELError("unsupported key type") }
            guard entry.optional else {
                result.append((key, value))
                continue
            }
            guard case .optional(let inner) = value else {
                throw CELError(
                    "cannot initialize optional entry '\(CELConversions.display(key))' from "
                        + "non-optional value \(CELConversions.display(value))")
            }
            if let inner { result.append((key, inner)) }
        }
        try e.charge(30)
        return .map(CELMap(result))
    }
}

struct BindPlan: Plan {
    let slot: Int
    let value: any Plan
    let body: any Plan

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        e.locals[slot] = try value.evaluate(e)
        return try body.evaluate(e)
    }
}

/// Values that are made once and used in `body`, each able to use those before it.
struct BlockPlan: Plan {
    let slots: [Int]
    let values: [any Plan]
    let body: any Plan

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        for (slot, value) in zip(slots, values) {
            e.locals[slot] = try value.evaluate(e)
        }
        return try body.evaluate(e)
    }
}
