/// What the type checker found out that the evaluation needs.
struct CheckNotes: Sendable {
    /// What the sum of an empty list is, by the call's node.
    var zeros: [Int: CELValue] = [:]
    /// The types of all nodes.
    var types: [Int: CELType] = [:]
}

/// Finds the types of expressions and what does not fit.
struct TypeChecker {
    /// The most faults of one expression that are reported.
    private static let faultsMax = 100

    let environment: CELEnvironment
    let source: CELSource
    var mapping = TypeMapping()
    var notes = CheckNotes()
    private var faults: [(offset: Int, message: String)] = []
    private var scope: [(name: String, type: CELType)] = []
    private var lastParameter = 1_000
    private var formatDepth = 0

    private init(_ environment: CELEnvironment, _ source: CELSource) {
        self.environment = environment
        self.source = source
    }

    /// The type of `expression`; fails with all faults.
    static func check(
        _ expression: Expression, _ source: CELSource, _ environment: CELEnvironment
    ) throws(CELError) -> (CELType, CheckNotes) {
        var checker = TypeChecker(environment, source)
        let type = checker.type(of: expression)
        if checker.faults.isEmpty {
            var validator = LiteralValidator()
            validator.visit(expression)
            checker.faults = validator.faults
        }
        guard checker.faults.isEmpty else {
            let ordered = checker.faults.enumerated().sorted {
                ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset)
            }
            let texts = ordered.prefix(faultsMax).map {
                source.frame($0.element.offset, $0.element.message)
            }
            throw CELError(.check, texts.joined(separator: "\n"))
        }
        return (checker.mapping.resolved(type, closing: true), checker.notes)
    }

    // MARK: Nodes

    mutating func type(of expression: Expression) -> CELType {
        let type = mapping.resolved(unresolvedType(of: expression))
        notes.types[expression.id] = type
        return type
    }

    private mutating func unresolvedType(of expression: Expression) -> CELType {
        switch expression.kind {
        case .literal(let value): return value.type
        case .identifier, .select(_, _, false):
            if let type = typeOfChain(expression) { return type }
            guard case .select(let operand, let field, _) = expression.kind else {
                return undeclared(expression.path?.names.first ?? "", expression.offset)
            }
            return self.field(field, of: type(of: operand), expression.offset)
        case .select(let operand, let field, _):
            return optional(self.field(field, of: type(of: operand), expression.offset))
        case .index(let operand, let key, let isOptional):
            return call(
                isOptional ? "_[?_]" : "_[_]", [type(of: operand), type(of: key)],
                isMethod: false, expression.offset)
        case .has(let operand, let field):
            _ = self.field(field, of: type(of: operand), expression.offset)
            return .bool
        case .and(let left, let right):
            return call(
                "_&&_", [type(of: left), type(of: right)], isMethod: false, expression.offset)
        case .or(let left, let right):
            return call(
                "_||_", [type(of: left), type(of: right)], isMethod: false, expression.offset)
        case .conditional(let condition, let first, let second):
            return call(
                "_?_:_", [type(of: condition), type(of: first), type(of: second)],
                isMethod: false, expression.offset)
        case .list(let elements): return listType(elements)
        case .map(let entries): return mapType(entries)
        case .message(let name, _): return undeclared(name, expression.offset)
        case .call(let name, let arguments, _):
            let known = environment.candidates(name).first {
                environment.hasFunction($0, isMethod: nil)
            }
            guard let known else { return undeclared(name, expression.offset, arguments) }
            return call(known, types(of: arguments), isMethod: false, expression.offset)
        case .method(let target, let name, let arguments):
            return methodType(expression, target, name, arguments)
        case .loop, .bind, .optionalMap, .sortBy, .block: return scopedType(of: expression)
        }
    }

    private mutating func types(of expressions: [Expression]) -> [CELType] {
        var result: [CELType] = []
        for expression in expressions { result.append(type(of: expression)) }
        return result
    }

    mutating func report(_ offset: Int, _ message: String) {
        if faults.count < Self.faultsMax { faults.append((offset, message)) }
    }

    private mutating func undeclared(
        _ name: String, _ offset: Int, _ arguments: [Expression] = []
    ) -> CELType {
        _ = types(of: arguments)
        report(
            offset,
            "undeclared reference to '\(name)' (in container '\(environment.container)')")
        return .error
    }

    mutating func fresh() -> CELType {
        lastParameter += 1
        return .parameter(lastParameter)
    }

    // MARK: Names

    private func typeOfChain(_ expression: Expression) -> CELType? {
        guard let path = expression.path else { return nil }
        if !path.rooted, let local = scope.last(where: { $0.name == path.names[0] }) {
            return path.names.count == 1 ? local.type : nil
        }
        let name = path.names.joined(separator: ".")
        for candidate in path.rooted ? [name] : environment.candidates(name) {
            if let type = environment.variables[candidate] { return type }
            if let type = CELType.named[candidate] { return .typeOf(type) }
        }
        return nil
    }

    private mutating func field(_ name: String, of type: CELType, _ offset: Int) -> CELType {
        switch type {
        case .map(_, let value): return value
        case .object(let schema):
            if let field = schema.fields[name] { return field.schema.type }
            report(offset, "undefined field '\(name)'")
            return .error
        case .optional(let inner): return optional(field(name, of: inner, offset))
        case .parameter:
            _ = mapping.unify(.dyn, type)
            return .dyn
        case .dyn: return .dyn
        case .error: return .error
        default:
            report(
                offset,
                "type '\(mapping.resolved(type, closing: true))' does not support field selection")
            return .error
        }
    }

    private func optional(_ type: CELType) -> CELType {
        switch type {
        case .optional, .error: type
        default: .optional(type)
        }
    }

    // MARK: Literals

    private mutating func listType(_ elements: [Expression.Element]) -> CELType {
        var joined: CELType?
        for element in elements {
            let type = elementType(element.value, element.optional)
            joined = join(joined, type, element.value.offset)
        }
        return .list(joined ?? fresh())
    }

    private mutating func mapType(_ entries: [Expression.Entry]) -> CELType {
        var keys: CELType?
        var values: CELType?
        for entry in entries {
            let key = Self.key(type(of: entry.key))
            let value = elementType(entry.value, entry.optional)
            keys = join(keys, key, entry.key.offset)
            values = join(values, value, entry.value.offset)
        }
        return .map(keys ?? fresh(), values ?? fresh())
    }

    /// The type of a key. What can be no key fails when it is evaluated; it is not kept as a type,
    /// for maps of maps as keys and values would have types that double with every level.
    private static func key(_ type: CELType) -> CELType {
        switch type {
        case .list, .map, .optional, .object, .opaque, .typeOf: .dyn
        default: type
        }
    }

    private mutating func elementType(_ expression: Expression, _ isOptional: Bool) -> CELType {
        let type = type(of: expression)
        guard isOptional else { return type }
        switch type {
        case .optional(let inner): return inner
        case .dyn, .error: return .dyn
        default:
            report(expression.offset, "expected type 'optional_type(\(type))' but found '\(type)'")
            return .error
        }
    }

    private mutating func join(
        _ previous: CELType?, _ current: CELType, _ offset: Int
    ) -> CELType {
        guard let previous else { return current }
        let homogeneous = environment.features.homogeneousLiterals && formatDepth == 0
        if homogeneous, previous != .error, current != .error,
            (previous == .dyn) != (current == .dyn)
        {
            report(offset, "expected type '\(previous)' but found '\(current)'")
            return .error
        }
        if mapping.unify(previous, current) {
            if current == .null { return mapping.resolved(previous) }
            return TypeMapping.mostGeneral(
                mapping.resolved(previous), mapping.resolved(current))
        }
        guard homogeneous else { return .dyn }
        report(
            offset,
            "expected type '\(mapping.resolved(previous, closing: true))' but found "
                + "'\(mapping.resolved(current, closing: true))'")
        return .error
    }

    // MARK: Calls

    private mutating func methodType(
        _ expression: Expression, _ target: Expression, _ name: String, _ arguments: [Expression]
    ) -> CELType {
        if let path = target.path,
            path.rooted || !scope.contains(where: { $0.name == path.names[0] })
        {
            let qualified = path.names.joined(separator: ".") + "." + name
            if environment.hasFunction(qualified, isMethod: false) {
                return call(qualified, types(of: arguments), isMethod: false, expression.offset)
            }
        }
        let targetType = type(of: target)
        if name == "format" { formatDepth += 1 }
        let argumentTypes = types(of: arguments)
        if name == "format" { formatDepth -= 1 }
        guard environment.hasFunction(name, isMethod: nil) else {
            return undeclared(name, expression.offset)
        }
        let result = call(name, [targetType] + argumentTypes, isMethod: true, expression.offset)
        if name == "sum", case .list(let element) = targetType {
            switch element {
            case .uint: notes.zeros[expression.id] = .uint(0)
            case .double: notes.zeros[expression.id] = .double(0)
            case .duration: notes.zeros[expression.id] = .duration(0)
            default: break
            }
        }
        return result
    }

    /// The type of a call, by all signatures that the arguments fit.
    mutating func call(
        _ name: String, _ arguments: [CELType], isMethod: Bool, _ offset: Int
    ) -> CELType {
        var result: CELType?
        let signatures = Self.operators[name] ?? environment.signatures(name, isMethod: isMethod)
        for signature in signatures {
            var names: [Int: CELType] = [:]
            let parameters = signature.parameters.map { instantiate($0, &names) }
            guard mapping.unify(arguments, parameters) else { continue }
            let own = mapping.resolved(instantiate(signature.result, &names))
            if let known = result {
                if known != .dyn, known != own { result = .dyn }
            } else {
                result = own
            }
        }
        if let result { return result }
        if environment.function(name, isMethod: isMethod, count: -1) != nil { return .dyn }
        if arguments.contains(.error) { return .error }
        let shown = arguments.map { mapping.resolved($0, closing: true).description }
        let list = { (types: ArraySlice<String>) in "(" + types.joined(separator: ", ") + ")" }
        let text = isMethod ? shown[0] + "." + list(shown.dropFirst()) : list(shown[...])
        report(offset, "found no matching overload for '\(name)' applied to '\(text)'")
        return .error
    }

    private mutating func instantiate(_ type: CELType, _ names: inout [Int: CELType]) -> CELType {
        switch type {
        case .parameter(let number):
            if let known = names[number] { return known }
            let new = fresh()
            names[number] = new
            return new
        case .list(let inner): return .list(instantiate(inner, &names))
        case .optional(let inner): return .optional(instantiate(inner, &names))
        case .typeOf(let inner): return .typeOf(instantiate(inner, &names))
        case .map(let key, let value):
            return .map(instantiate(key, &names), instantiate(value, &names))
        case .opaque(let name, let parameters):
            var result: [CELType] = []
            for parameter in parameters { result.append(instantiate(parameter, &names)) }
            return .opaque(name, result)
        default: return type
        }
    }

    /// Operators that are plans of their own and so in no library.
    private static let operators: [String: [CELSignature]] = [
        "_&&_": [CELSignature("(bool, bool) -> bool")],
        "_||_": [CELSignature("(bool, bool) -> bool")],
        "_?_:_": [CELSignature("(bool, A, A) -> A")],
        "_[_]": [
            "(list(A), int) -> A", "(map(A, B), A) -> B",
            "(optional(list(A)), int) -> optional(A)", "(optional(map(A, B)), A) -> optional(B)",
        ].map { CELSignature($0) },
        "_[?_]": [
            "(list(A), int) -> optional(A)", "(map(A, B), A) -> optional(B)",
            "(optional(list(A)), int) -> optional(A)", "(optional(map(A, B)), A) -> optional(B)",
        ].map { CELSignature($0) },
    ]

    // MARK: Scopes

    /// The type of `expression` where `variables` are known.
    mutating func type(
        of expression: Expression, with variables: [(String, CELType)]
    ) -> CELType {
        scope += variables.map { (name: $0.0, type: $0.1) }
        defer { scope.removeLast(variables.count) }
        return type(of: expression)
    }

    mutating func open(_ name: String, _ type: CELType) { scope.append((name, type)) }

    mutating func close(_ count: Int) { scope.removeLast(count) }
}
