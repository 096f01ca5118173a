import KubernetesCore

extension Interpreter {
    /// `left comparator right`; an order between anything but numbers is null.
    mutating func compare(
        _ comparator: Comparator, _ left: JSONValue, _ right: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        switch comparator {
        case .equal: return .bool(try equal(left, right))
        case .notEqual: return .bool(!(try equal(left, right)))
        default: break
        }
        guard let order = Order.ofNumbers(left, right) else { return .null }
        switch comparator {
        case .less: return .bool(order < 0)
        case .lessOrEqual: return .bool(order <= 0)
        case .greater: return .bool(order > 0)
        default: return .bool(order >= 0)
        }
    }

    /// Whether both are the same value: numbers by their amounts, texts by their code points,
    /// arrays and objects by what they hold.
    mutating func equal(_ left: JSONValue, _ right: JSONValue) throws(JMESPathError) -> Bool {
        try spend()
        switch (left, right) {
        case (.string(let a), .string(let b)):
            guard a.utf8.count == b.utf8.count else { return false }
            try spend(a.utf8.count / 64)
            return a.utf8.elementsEqual(b.utf8)
        case (.array(let a), .array(let b)):
            guard a.count == b.count else { return false }
            for (x, y) in zip(a, b) where !(try equal(x, y)) { return false }
            return true
        case (.object(let a), .object(let b)):
            guard a.count == b.count else { return false }
            for (x, y) in zip(a, b) {
                guard x.0.utf8.elementsEqual(y.0.utf8), try equal(x.1, y.1) else { return false }
            }
            return true
        default: return Self.equalScalars(left, right)
        }
    }

    /// Whether both are the same null, truth value, number or text.
    static func equalScalars(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.string(let a), .string(let b)): return a.utf8.elementsEqual(b.utf8)
        case (.array, _), (.object, _): return false
        default: return Order.ofNumbers(left, right) == 0
        }
    }
}

/// Which of two values comes first: -1, 0 or 1.
enum Order {
    /// The order of two numbers; `nil` where one is none.
    static func ofNumbers(_ left: JSONValue, _ right: JSONValue) -> Int? {
        switch (left, right) {
        case (.integer(let a), .integer(let b)): return a < b ? -1 : a == b ? 0 : 1
        case (.integer, .double), (.double, .integer), (.double, .double):
            guard let a = left.double, let b = right.double else { return nil }
            return a < b ? -1 : a == b ? 0 : 1
        default: return nil
        }
    }

    /// The order of two texts by their code points.
    static func ofTexts(_ left: String, _ right: String) -> Int {
        var (a, b) = (left.utf8.makeIterator(), right.utf8.makeIterator())
        while true {
            switch (a.next(), b.next()) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let x?, let y?): if x != y { return x < y ? -1 : 1 }
            }
        }
    }

    /// The order of two numbers or two texts; `nil` for anything else.
    static func of(_ left: JSONValue, _ right: JSONValue) -> Int? {
        if case .string(let a) = left, case .string(let b) = right { return ofTexts(a, b) }
        return ofNumbers(left, right)
    }
}
