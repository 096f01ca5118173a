import KubernetesCore

/// Equality and order.
extension CELValue {
    /// Whether both are equal: numbers by what they amount to, lists and maps by what they hold,
    /// values of different types never. Fails where a list or map with a schema is compared with
    /// something else.
    ///
    /// Lists that hold the same list again and again look small and are not: every element that is
    /// compared counts as work of `e`.
    func equals(_ other: CELValue, _ e: Evaluator? = nil) throws(CELError) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.string(let a), .string(let b)): return CELText.equal(a, b)
        case (.bytes(let a), .bytes(let b)): return a == b
        case (.duration(let a), .duration(let b)): return a == b
        case (.timestamp(let a), .timestamp(let b)): return a == b
        case (.type(let a), .type(let b)): return a.name == b.name
        case (.int, _), (.uint, _), (.double, _):
            return CELNumbers.compare(self, other) == .some(.some(0))
        case (.list(let a), .list(let b)): return try Self.equalLists(a, b, e)
        case (.map(let a), .map(let b)): return try Self.equalMaps(a, b, e)
        case (.list(let a), _) where a.schema != nil: throw .noOverload
        case (.map(let a), _):
            if case .entries = a.storage { return false }
            if case .json = a.storage { return false }
            throw .noOverload
        case (.optional(let a), .optional(let b)):
            guard let a, let b else { return a == nil && b == nil }
            return try a.equals(b, e)
        case (.opaque(let a), .opaque(let b)):
            guard a.typeName == b.typeName else { throw .noOverload }
            return a == b
        case (.opaque, .null): return false
        case (.opaque, _): throw .noOverload
        default: return false
        }
    }

    private static func equalLists(
        _ a: CELList, _ b: CELList, _ e: Evaluator?
    ) throws(CELError) -> Bool {
        guard a.count == b.count else { return false }
        if let schema = a.schema, schema.listKind != .plain {
            return try schema.equalElements(try a.elements(), try b.elements(), e)
        }
        for index in 0..<a.count {
            try e?.spend(1)
            guard try a.element(index).equals(try b.element(index), e) else { return false }
        }
        return true
    }

    private static func equalMaps(
        _ a: CELMap, _ b: CELMap, _ e: Evaluator?
    ) throws(CELError) -> Bool {
        if let left = a.schema, let right = b.schema {
            return try equalObjects(a.members, left, b.members, right, e)
        }
        if a.schema != nil || b.schema != nil {
            if a.schema != nil { throw .noOverload }
            return false
        } else if a.count != b.count {
            return false
        }
        for (key, value) in try a.entries() {
            try e?.spend(1)
            guard let other = try b.value(key), try value.equals(other, e) else { return false }
        }
        return true
    }
}

extension CELValue {
    /// Objects are equal where all their members are: known ones as CEL sees them, others as JSON.
    private static func equalObjects(
        _ a: JSONObject, _ left: SchemaType, _ b: JSONObject, _ right: SchemaType,
        _ e: Evaluator?
    ) throws(CELError) -> Bool {
        guard a.count == b.count else { return false }
        for (name, value) in a {
            try e?.spend(1)
            let escaped = PropertyNames.escaped(name) ?? ""
            guard left.fields[escaped] != nil else {
                if let other = b[name], other != value { return false }
                continue
            }
            let own = try left.fieldValue(escaped, in: a)
            let other = try right.fieldValue(escaped, in: b)
            guard let own, let other else {
                if own == nil && other == nil { continue }
                return false
            }
            guard try own.equals(other, e) else { return false }
        }
        return true
    }
}

extension CELMap {
    /// The JSON behind an object.
    var members: JSONObject {
        switch storage {
        case .json(let members), .typed(let members, _), .object(let members, _): members
        case .entries: JSONObject()
        }
    }
}

/// Numbers of different types on one line.
enum CELNumbers {
    /// -1, 0 or 1; the inner `nil` where one is NaN, the outer where one is no number.
    static func compare(_ left: CELValue, _ right: CELValue) -> Int?? {
        switch (left, right) {
        case (.int(let a), .int(let b)): return .some(order(a, b))
        case (.uint(let a), .uint(let b)): return .some(order(a, b))
        case (.double(let a), .double(let b)): return .some(a.isNaN || b.isNaN ? nil : order(a, b))
        case (.int(let a), .uint(let b)): return .some(a < 0 ? -1 : order(UInt64(a), b))
        case (.uint(let a), .int(let b)): return .some(b < 0 ? 1 : order(a, UInt64(b)))
        case (.double(let a), .int(let b)): return .some(compare(a, b))
        case (.int(let a), .double(let b)): return .some(compare(b, a).map { -$0 })
        case (.double(let a), .uint(let b)): return .some(compare(a, b))
        case (.uint(let a), .double(let b)): return .some(compare(b, a).map { -$0 })
        default: return .none
        }
    }

    private static func compare(_ a: Double, _ b: Int64) -> Int? {
        if a.isNaN { return nil }
        if a < -0x1p63 { return -1 }
        if a > 0x1p63 { return 1 }
        return order(a, Double(b))
    }

    private static func compare(_ a: Double, _ b: UInt64) -> Int? {
        if a.isNaN { return nil }
        if a < 0 { return -1 }
        if a > 0x1p64 { return 1 }
        return order(a, Double(b))
    }

    private static func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a > b ? 1 : 0 }
}

extension CELValue {
    /// -1, 0 or 1 for two values that have an order; fails for others.
    func compared(to other: CELValue) throws(CELError) -> Int {
        switch (self, other) {
        case (.bool(let a), .bool(let b)): return a == b ? 0 : a ? 1 : -1
        case (.string(let a), .string(let b)): return CELText.compare(a, b)
        case (.bytes(let a), .bytes(let b)):
            return a.lexicographicallyPrecedes(b) ? -1 : a == b ? 0 : 1
        case (.timestamp(let a), .timestamp(let b)): return a.compare(b)
        case (.duration(let a), .duration(let b)): return a < b ? -1 : a == b ? 0 : 1
        default:
            guard let result = CELNumbers.compare(self, other) else { throw .noOverload }
            guard let result else { throw CELError("NaN values cannot be ordered") }
            return result
        }
    }
}
