import KubernetesCore

/// Macros: what binds names.
extension TypeChecker {
    mutating func scopedType(of expression: Expression) -> CELType {
        switch expression.kind {
        case .loop(let loop): return loopType(loop, expression.offset)
        case .bind(let name, let value, let body):
            return type(of: body, with: [(name, type(of: value))])
        case .optionalMap(let target, let variable, let body, let flat):
            let targetType = type(of: target)
            let inner: CELType
            switch targetType {
            case .optional(let type): inner = type
            case .dyn, .error, .parameter: inner = .dyn
            default:
                _ = call("hasValue", [targetType], isMethod: true, expression.offset)
                inner = .error
            }
            let result = type(of: body, with: [(variable, inner)])
            guard flat else { return .optional(result) }
            return call(
                "_?_:_", [.bool, result, .optional(fresh())], isMethod: false, expression.offset)
        case .sortBy(let target, let variable, let key):
            let list = type(of: target)
            let element = elementTypes(of: list, pairs: false, target.offset).first
            let keyType = type(of: key, with: [(variable, element)])
            _ = call("sort", [.list(keyType)], isMethod: true, expression.offset)
            return list
        case .block(let slots, let body):
            for (index, slot) in slots.enumerated() { open("@index\(index)", type(of: slot)) }
            defer { close(slots.count) }
            return type(of: body)
        default: return .error
        }
    }

    /// The types of the variables of a loop over `range`.
    private mutating func elementTypes(
        of range: CELType, pairs: Bool, _ offset: Int
    ) -> (first: CELType, second: CELType) {
        switch range {
        case .list(let element): return pairs ? (.int, element) : (element, .dyn)
        case .map(let key, let value): return (key, value)
        case .dyn: return (.dyn, .dyn)
        case .error: return (.error, .error)
        case .parameter:
            _ = mapping.unify(.dyn, range)
            return (.dyn, .dyn)
        default:
            report(
                offset,
                "expression of type '\(mapping.resolved(range, closing: true))' cannot be range "
                    + "of a comprehension (must be list, map, or dynamic)")
            return (.error, .error)
        }
    }

    private mutating func loopType(_ loop: Expression.Loop, _ offset: Int) -> CELType {
        let range = type(of: loop.range)
        let types = elementTypes(of: range, pairs: loop.second != nil, loop.range.offset)
        var variables = [(loop.first, types.first)]
        if let second = loop.second { variables.append((second, types.second)) }
        let condition = loop.condition.map { type(of: $0, with: variables) }
        let transform = loop.transform.map { type(of: $0, with: variables) } ?? .dyn
        switch loop.kind {
        case .all: return call("_&&_", [.bool, condition ?? .bool], isMethod: false, offset)
        case .exists: return call("_||_", [.bool, condition ?? .bool], isMethod: false, offset)
        case .existsOne:
            let step = call("_?_:_", [condition ?? .bool, .int, .int], isMethod: false, offset)
            return step == .error ? .error : .bool
        case .filter: return filtered(.list(types.first), condition, offset)
        case .map, .transformList: return filtered(.list(transform), condition, offset)
        case .transformMap: return filtered(.map(types.first, transform), condition, offset)
        case .transformMapEntry:
            let accumulated = CELType.map(fresh(), fresh())
            guard mapping.unify(accumulated, transform) else {
                report(
                    offset, "expected type 'map' but found '\(transform)'")
                return .error
            }
            return filtered(mapping.resolved(accumulated), condition, offset)
        }
    }

    private mutating func filtered(
        _ result: CELType, _ condition: CELType?, _ offset: Int
    ) -> CELType {
        guard let condition else { return result }
        return call("_?_:_", [condition, result, result], isMethod: false, offset)
    }
}

/// Literals that can be seen to be wrong before anything is evaluated.
struct LiteralValidator {
    private(set) var faults: [(offset: Int, message: String)] = []

    mutating func visit(_ expression: Expression) {
        switch expression.kind {
        case .call(let name, let arguments, _): check(name, arguments)
        case .method(let target, "matches", let arguments) where arguments.count == 1:
            _ = target
            check("matches", arguments)
        case .method(let target, "format", let arguments) where arguments.count == 1:
            checkFormat(target, arguments[0])
        default: break
        }
        for child in expression.kind.children { visit(child) }
    }

    private mutating func check(_ name: String, _ arguments: [Expression]) {
        guard let last = arguments.last, case .literal(.string(let text)) = last.kind else {
            return
        }
        let isValid: Bool
        switch name {
        case "duration": isValid = CELDuration.parse(text) != nil
        case "timestamp": isValid = (try? CELTimestamp(parsing: text)) != nil
        case "matches": isValid = (try? Pattern(text)) != nil
        default: return
        }
        if !isValid { faults.append((last.offset, "invalid \(name) argument")) }
    }

    private mutating func checkFormat(_ target: Expression, _ list: Expression) {
        guard case .literal(.string(let text)) = target.kind, case .list(let elements) = list.kind,
            !elements.contains(where: \.optional)
        else { return }
        do throws(CELError) {
            try FormatLibrary.check(text, elements.map { $0.value.literalType })
        } catch {
            faults.append((target.offset, error.message))
        }
    }
}

extension Expression {
    /// The type of a literal; `nil` where only the type checker could tell.
    var literalType: CELType? {
        switch kind {
        case .literal(let value): value.type
        case .list: .list(.dyn)
        case .map: .map(.dyn, .dyn)
        default: nil
        }
    }
}
