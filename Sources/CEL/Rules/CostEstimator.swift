/// Estimates what a rule can cost at worst, from the bounds of its schema, as a kube-apiserver does
/// when a CRD is written.
///
/// Exact for what the language itself offers; functions of libraries whose results have no size
/// that is known beforehand count with the size of what they are called on.
struct CostEstimator {
    /// The most that one rule may cost by estimate, over all places where it can run.
    static let ruleMax: UInt64 = 10_000_000
    /// The most that all rules of a schema may cost by estimate.
    static let schemaMax: UInt64 = 100_000_000

    private let root: SchemaType?
    private let types: [Int: CELType]
    private var scope: [(name: String, schema: SchemaType?)] = []

    /// The worst cost of `program`, whose `self` has the type `root`.
    static func estimate(_ program: CELProgram, _ root: SchemaType?) -> UInt64 {
        var estimator = CostEstimator(root: root, types: program.types)
        return estimator.cost(program.expression)
    }

    private init(root: SchemaType?, types: [Int: CELType]) {
        self.root = root
        self.types = types
    }

    // MARK: Costs

    private mutating func cost(_ expression: Expression) -> UInt64 {
        switch expression.kind {
        case .literal: return 0
        case .identifier:
            if case .typeOf? = types[expression.id] { return 0 }
            return 1
        case .select(let operand, _, let isOptional):
            if case .typeOf? = types[expression.id] { return 0 }
            let own: UInt64 = isOptional || isSelectable(operand) ? 1 : 0
            return cost(operand).adding(own)
        case .index(let operand, let key, _): return cost(operand).adding(cost(key)).adding(1)
        case .has(let operand, _): return cost(operand)
        case .and(let left, let right), .or(let left, let right):
            return cost(left).adding(cost(right))
        case .conditional(let condition, let first, let second):
            return cost(condition).adding(max(cost(first), cost(second)))
        case .list(let elements): return sum(elements.map(\.value)).adding(10)
        case .map(let entries): return sum(entries.flatMap { [$0.key, $0.value] }).adding(30)
        case .message: return 40
        case .call(let name, let arguments, _):
            return sum(arguments).adding(callCost(name, arguments))
        case .method(let target, let name, let arguments):
            let all = [target] + arguments
            let isNamespaced = types[target.id] == nil
            return sum(isNamespaced ? arguments : all)
                .adding(callCost(name, isNamespaced ? arguments : all))
        case .loop, .bind, .optionalMap, .sortBy, .block: return scopedCost(expression)
        }
    }

    private mutating func sum(_ expressions: [Expression]) -> UInt64 {
        var result: UInt64 = 0
        for expression in expressions { result = result.adding(cost(expression)) }
        return result
    }

    private func isSelectable(_ expression: Expression) -> Bool {
        switch types[expression.id] {
        case .map, .object, .parameter, .dyn, .optional: true
        default: false
        }
    }

    private mutating func scopedCost(_ expression: Expression) -> UInt64 {
        switch expression.kind {
        case .loop(let loop): return loopCost(loop)
        case .bind(let name, let value, let body):
            let own = cost(value).adding(10)
            scope.append((name, schema(of: value)))
            defer { scope.removeLast() }
            return own.adding(cost(body))
        case .optionalMap(let target, let variable, let body, let flat):
            let own = cost(target).adding(1)
            scope.append((variable, schema(of: target)))
            defer { scope.removeLast() }
            return own.adding(own).adding(10).adding(cost(body)).adding(flat ? 0 : 1)
        case .sortBy(let target, let variable, let key):
            let count = size(target)
            scope.append((variable, schema(of: target)?.element))
            defer { scope.removeLast() }
            let keys = count.times(cost(key).adding(12))
            return cost(target).adding(keys).adding(count.times(count).times(2)).adding(14)
        case .block(let slots, let body): return sum(slots).adding(cost(body))
        default: return 0
        }
    }

    private mutating func loopCost(_ loop: Expression.Loop) -> UInt64 {
        let range = cost(loop.range)
        let count = size(loop.range)
        let element = schema(of: loop.range)?.element
        let isMap: Bool
        if case .map? = types[loop.range.id] { isMap = true } else { isMap = false }
        let pairs = loop.second != nil
        scope.append((loop.first, pairs || isMap ? nil : element))
        if let second = loop.second { scope.append((second, element)) }
        defer { scope.removeLast(pairs ? 2 : 1) }
        let condition = loop.condition.map { cost($0) } ?? 0
        let transform = loop.transform.map { cost($0) } ?? 0
        let step: UInt64
        let around: UInt64
        switch loop.kind {
        case .all: (step, around) = (condition.adding(3), 1)
        case .exists: (step, around) = (condition.adding(4), 1)
        case .existsOne: (step, around) = (condition.adding(2), 2)
        case .filter: (step, around) = (condition.adding(13), 11)
        case .map, .transformList:
            (step, around) = (condition.adding(transform).adding(12), 11)
        case .transformMap, .transformMapEntry:
            (step, around) = (condition.adding(transform).adding(3), 31)
        }
        return range.adding(around).adding(count.times(step))
    }

    private mutating func callCost(_ name: String, _ arguments: [Expression]) -> UInt64 {
        let first = arguments.first.map { size($0) } ?? 1
        let second = arguments.count > 1 ? size(arguments[1]) : 1
        switch name {
        case "_==_", "_!=_": return min(first, second).scaled(0.1)
        case "_<_", "_<=_", "_>_", "_>=_":
            return isSized(arguments[0]) ? min(first, second).scaled(0.1) : 1
        case "_+_":
            switch arguments.first.flatMap({ types[$0.id] }) {
            case .string, .bytes: return first.adding(second).scaled(0.1)
            default: return 1
            }
        case "@in":
            if case .map? = types[arguments[1].id] { return 1 }
            return second
        case "contains": return first.scaled(0.1).times(second.scaled(0.1))
        case "matches", "find", "findAll":
            return first.adding(1).scaled(0.1).times(second.scaled(0.25))
        case "string", "bytes":
            return isSized(arguments[0]) && types[arguments[0].id] != Self.result[name]
                ? first.scaled(0.1) : 1
        case "startsWith", "endsWith", "quote", "format", "lowerAscii", "upperAscii", "substring",
            "trim", "url", "cidr", "ip", "isIP", "isCIDR", "quantity", "isQuantity", "semver",
            "isSemver":
            return first.scaled(0.1)
        case "replace", "split", "join", "isCanonical": return first.scaled(0.2)
        case "isSorted", "sum", "min", "max", "indexOf", "lastIndexOf": return first
        case "distinct", "sort": return first.times(first).times(2).adding(11)
        case "slice", "reverse", "flatten", "range": return first.adding(11)
        case "equivalent": return first.times(second).times(2).adding(1)
        case "intersects": return first.times(second).adding(1)
        default: return 1
        }
    }

    private static let result: [String: CELType] = ["string": .string, "bytes": .bytes]

    private func isSized(_ expression: Expression) -> Bool {
        switch types[expression.id] {
        case .string, .bytes: true
        default: false
        }
    }

    // MARK: Sizes

    /// Where in the schema an expression's value comes from.
    private func schema(of expression: Expression) -> SchemaType? {
        switch expression.kind {
        case .identifier(let name, _):
            if let local = scope.last(where: { $0.name == name }) { return local.schema }
            return name == "self" || name == "oldSelf" ? root : nil
        case .select(let operand, let field, false):
            return schema(of: operand).flatMap { $0.fields[field]?.schema ?? $0.element }
        case .index(let operand, _, false): return schema(of: operand)?.element
        case .loop(let loop):
            switch loop.kind {
            case .map, .filter: return schema(of: loop.range)
            default: return nil
            }
        default: return nil
        }
    }

    /// The largest size of an expression's value.
    private func size(_ expression: Expression) -> UInt64 {
        if let schema = schema(of: expression) { return schema.sizeMax }
        switch expression.kind {
        case .literal(let value): return CostModel.size(value)
        case .list(let elements): return UInt64(elements.count)
        case .map(let entries): return UInt64(entries.count)
        case .loop(let loop): return size(loop.range)
        case .conditional(_, let first, let second): return max(size(first), size(second))
        case .call("_+_", let arguments, _) where arguments.count == 2 && isVariable(expression):
            return size(arguments[0]).adding(size(arguments[1]))
        case .call("bytes", let arguments, _): return arguments.first.map { size($0).times(4) } ?? 1
        case .call("string", let arguments, _) where arguments.contains(where: { isSized($0) }):
            return arguments.first.map { size($0) } ?? 1
        case .method(let target, let name, _) where isVariable(expression):
            return name == "value" || name == "orValue" ? .max : size(target)
        default: break
        }
        if expression.path != nil, case .typeOf? = types[expression.id] { return 1 }
        switch types[expression.id] {
        case .bool, .int, .uint, .double, .null, .timestamp, .duration: return 1
        default: return .max
        }
    }

    private func isVariable(_ expression: Expression) -> Bool {
        switch types[expression.id] {
        case .string, .bytes, .list, .map: true
        default: false
        }
    }
}

extension SchemaType {
    /// The largest request that the API server takes, less the quotes or brackets around.
    private static let requestMax: UInt64 = 3 << 20

    /// The largest size of a value in the units of the cost model.
    var sizeMax: UInt64 {
        switch kind {
        case .integer, .number, .boolean, .object: return 0
        case .intOrString, .dynamic: return Self.requestMax - 2
        case .string:
            if let longest = bounds.longestAllowed { return UInt64(longest) }
            return bounds.maxLength.map { UInt64(max($0, 0)).times(4) } ?? Self.requestMax - 2
        case .bytes: return bounds.maxLength.map { UInt64(max($0, 0)) } ?? Self.requestMax - 2
        case .duration, .dateTime: return 32
        case .date: return 12
        case .array:
            if let count = bounds.maxItems { return UInt64(max(count, 0)) }
            return (Self.requestMax - 2) / (element?.sizeMin ?? 1).adding(1)
        case .map:
            if let count = bounds.maxProperties { return UInt64(max(count, 0)) }
            return (Self.requestMax - 2) / (element?.sizeMin ?? 1).adding(6)
        }
    }

    /// The least number of octets of a value in JSON.
    var sizeMin: UInt64 {
        switch kind {
        case .integer, .number, .intOrString: return 1
        case .boolean: return 4
        case .object:
            var result: UInt64 = 2
            for name in bounds.required {
                let field = PropertyNames.escaped(name).flatMap { fields[$0]?.schema.sizeMin }
                result = result.adding(UInt64(name.utf8.count)).adding(field ?? 1).adding(4)
            }
            return result
        default: return 2
        }
    }
}

extension UInt64 {
    /// The sum, held inside the range.
    fileprivate func adding(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The product, held inside the range.
    fileprivate func times(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// This times `factor`, rounded up.
    fileprivate func scaled(_ factor: Double) -> UInt64 { CostModel.scaled(self, factor) }
}
