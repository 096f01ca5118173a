import KubernetesCore

/// Evaluates the nodes of one expression, and gives up when that takes too many steps.
struct Interpreter {
    /// The most arrays and objects inside each other in a result.
    static let resultDepthMax = 300

    let dialect: JMESPathDialect
    let environment: JMESPathEnvironment
    /// How many steps are left.
    private(set) var steps: Int
    /// How many random texts have been made.
    var draws: UInt64 = 0

    init(_ dialect: JMESPathDialect, _ environment: JMESPathEnvironment, steps: Int = .max) {
        self.dialect = dialect
        self.environment = environment
        self.steps = min(steps, environment.stepsMax)
    }

    /// Takes `count` steps.
    mutating func spend(_ count: Int = 1) throws(JMESPathError) {
        let (rest, overflow) = steps.subtractingReportingOverflow(count)
        guard !overflow, rest >= 0 else {
            steps = 0
            throw JMESPathError(
                .limit, "the search takes more than \(environment.stepsMax) steps")
        }
        steps = rest
    }

    /// Takes the steps that writing `bytes` costs, and refuses a text that is larger than a result
    /// may be.
    mutating func spend(writing bytes: Int) throws(JMESPathError) {
        guard bytes <= environment.resultMax else { throw tooLarge }
        try spend(1 + bytes / 8)
    }

    private var tooLarge: JMESPathError {
        JMESPathError(.limit, "the result has more than \(environment.resultMax) bytes")
    }

    /// The size of `value` in bytes, about as JSON writes it; refuses one that is too large or too
    /// deep. A value can share parts with itself, so that its size says nothing of its memory.
    @discardableResult
    mutating func measure(_ value: JSONValue) throws(JMESPathError) -> Int {
        var bytes = 0
        try measure(value, &bytes, depth: 0)
        return bytes
    }

    private mutating func measure(
        _ value: JSONValue, _ bytes: inout Int, depth: Int
    ) throws(JMESPathError) {
        guard depth <= Self.resultDepthMax else {
            throw JMESPathError(
                .limit, "the result has more than \(Self.resultDepthMax) values inside each other")
        }
        switch value {
        case .string(let text): bytes += text.utf8.count + 2
        case .array(let elements):
            for element in elements { try measure(element, &bytes, depth: depth + 1) }
            bytes += 2
        case .object(let members):
            for (key, member) in members {
                bytes += key.utf8.count + 3
                try measure(member, &bytes, depth: depth + 1)
            }
            bytes += 2
        default: bytes += 5
        }
        guard bytes <= environment.resultMax else { throw tooLarge }
        try spend()
    }

    /// What `node` gives for `value`.
    mutating func evaluate(
        _ node: Node, _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        try spend()
        switch node {
        case .current: return value
        case .field(let name): return try field(name, of: value)
        case .index(let index): return Self.element(index, of: value)
        case .slice(let slice): return try self.slice(slice, of: value)
        case .literal(let literal): return literal
        case .chain(let parts): return try chain(parts, value)
        case .pipe(let parts):
            var result = value
            for part in parts { result = try lenient(part, result) }
            return result
        case .or(let parts): return try or(parts, value)
        case .and(let parts): return try and(parts, value)
        case .not(let inner): return .bool(!Truth.of(try lenient(inner, value)))
        case .comparison(let comparator, let left, let right):
            return try compare(comparator, try lenient(left, value), try lenient(right, value))
        case .list(let items): return try list(items, value)
        case .hash(let members): return try hash(members, value)
        case .call(let call): return try self.call(call, value)
        case .projection(let left, let right): return try project(left, right, value)
        case .valueProjection(let left, let right):
            return try projectValues(left, right, value)
        case .filter(let left, let condition, let right):
            return try filter(left, condition, right, value)
        case .flatten(let inner): return try flatten(inner, value)
        }
    }

    /// The same where a missing key counts as null.
    mutating func lenient(
        _ node: Node, _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        do throws(JMESPathError) {
            return try evaluate(node, value)
        } catch {
            guard error.code == .notFound else { throw error }
            return .null
        }
    }

    /// The same where any error counts as null, as Kyverno has it left of `[]`, `[?…]` and `.*`.
    private mutating func forgiving(
        _ node: Node, _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        do throws(JMESPathError) {
            return try evaluate(node, value)
        } catch {
            guard dialect == .kyverno, error.code != .limit else { throw error }
            return .null
        }
    }
}

extension Interpreter {
    private func field(_ name: String, of value: JSONValue) throws(JMESPathError) -> JSONValue {
        guard case .object(let members) = value else { return .null }
        if let found = members[name] { return found }
        guard dialect == .kyverno else { return .null }
        throw JMESPathError(.notFound, "Unknown key \"\(name)\" in path")
    }

    private static func element(_ index: Int, of value: JSONValue) -> JSONValue {
        guard case .array(let elements) = value else { return .null }
        return value[index < 0 ? elements.count + index : index] ?? .null
    }

    private mutating func slice(
        _ slice: Slice, of value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        guard case .array(let elements) = value else { return .null }
        let step = slice.step ?? 1
        guard step != 0 else {
            throw JMESPathError(.invalidValue, "a slice's step must not be 0")
        }
        let count = elements.count
        let low = step < 0 ? -1 : 0
        let high = step < 0 ? count - 1 : count
        func place(_ index: Int?, _ standard: Int) -> Int {
            guard let index else { return standard }
            return min(max(index < 0 ? index + count : index, low), high)
        }
        let start = place(slice.start, step < 0 ? high : low)
        let stop = place(slice.stop, step < 0 ? low : high)
        var result: [JSONValue] = []
        var index = start
        while step < 0 ? index > stop : index < stop {
            result.append(elements[index])
            let (next, overflow) = index.addingReportingOverflow(step)
            if overflow { break }
            index = next
        }
        try spend(result.count)
        return .array(result)
    }

    private mutating func chain(
        _ parts: [Node], _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        var result = value
        for (index, part) in parts.enumerated() {
            if index > 0, result.isNull, dialect == .kyverno { return .null }
            result = try evaluate(part, result)
        }
        return result
    }

    private mutating func or(
        _ parts: [Node], _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        var result = JSONValue.null
        for part in parts {
            result = try lenient(part, value)
            if Truth.of(result) { break }
        }
        return result
    }

    private mutating func and(
        _ parts: [Node], _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        for part in parts.dropLast() {
            let result = try lenient(part, value)
            if !Truth.of(result) { return result }
        }
        guard let last = parts.last else { return .null }
        return try evaluate(last, value)
    }

    private mutating func list(
        _ items: [Node], _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        if value.isNull { return .null }
        var result: [JSONValue] = []
        result.reserveCapacity(items.count)
        for item in items { result.append(try lenient(item, value)) }
        return .array(result)
    }

    private mutating func hash(
        _ members: [HashMember], _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        if value.isNull { return .null }
        var result: [(String, JSONValue)] = []
        result.reserveCapacity(members.count)
        for member in members { result.append((member.key, try lenient(member.value, value))) }
        return .object(JSONObject(result))
    }

    private mutating func project(
        _ left: Node, _ right: Node, _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        guard case .array(let elements) = try lenient(left, value) else { return .null }
        return try apply(right, to: elements)
    }

    private mutating func projectValues(
        _ left: Node, _ right: Node, _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        guard case .object(let members) = try forgiving(left, value) else { return .null }
        return try apply(right, to: members.values)
    }

    private mutating func apply(
        _ right: Node, to elements: [JSONValue]
    ) throws(JMESPathError) -> JSONValue {
        if case .current = right {
            try spend(elements.count)
            return .array(elements.filter { !$0.isNull })
        }
        var result: [JSONValue] = []
        for element in elements {
            let item = try lenient(right, element)
            if !item.isNull { result.append(item) }
        }
        return .array(result)
    }

    private mutating func filter(
        _ left: Node, _ condition: Node, _ right: Node, _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        guard case .array(let elements) = try forgiving(left, value) else { return .null }
        var result: [JSONValue] = []
        for element in elements where Truth.of(try lenient(condition, element)) {
            let item = try lenient(right, element)
            if !item.isNull { result.append(item) }
        }
        return .array(result)
    }

    private mutating func flatten(
        _ inner: Node, _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        guard case .array(let elements) = try forgiving(inner, value) else { return .null }
        var result: [JSONValue] = []
        for element in elements {
            if case .array(let parts) = element {
                try spend(parts.count)
                result += parts
            } else {
                result.append(element)
            }
        }
        try spend(elements.count)
        return .array(result)
    }

    private mutating func call(
        _ call: Call, _ value: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        var arguments = Arguments(function: call.function, pattern: call.pattern)
        for argument in call.arguments {
            switch argument {
            case .value(let node): arguments.append(.value(try lenient(node, value)))
            case .expression(let node): arguments.append(.expression(node))
            }
        }
        try arguments.check(&self)
        return try call.function.body(arguments, &self)
    }
}
