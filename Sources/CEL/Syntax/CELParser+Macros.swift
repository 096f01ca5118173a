/// Macros: calls that the parser turns into what they mean.
extension CELParser {
    /// What the call `name(arguments)` means where it is a macro.
    mutating func globalMacro(
        _ name: String, _ arguments: [Expression], at offset: Int
    ) throws(CELError) -> Expression? {
        guard name == "has", arguments.count == 1 else { return nil }
        guard case .select(let operand, let field, false) = arguments[0].kind else {
            throw fault(arguments[0].offset, "invalid argument to has() macro")
        }
        return try make(offset, .has(operand, field: field))
    }

    /// The call `target.name(arguments)`, or what it means where it is a macro.
    mutating func method(
        _ target: Expression, _ name: String, _ arguments: [Expression], at offset: Int
    ) throws(CELError) -> Expression {
        if features.extended, case .identifier("cel", _) = target.kind,
            let macro = try namespaceMacro(name, arguments, at: offset)
        {
            return macro
        }
        if let macro = try loopMacro(target, name, arguments, at: offset) { return macro }
        switch (name, arguments.count) {
        case ("optMap", 2), ("optFlatMap", 2):
            let variable = try simpleName(
                arguments[0], "\(name)() variable name must be a simple identifier")
            return try make(
                offset,
                .optionalMap(
                    target, variable: variable, arguments[1], flat: name == "optFlatMap"))
        case ("sortBy", 2):
            switch target.kind {
            case .list, .identifier, .select, .call, .method, .loop, .sortBy, .index: break
            default:
                throw fault(
                    target.offset,
                    "sortBy can only be applied to a list, identifier, comprehension, call or "
                        + "select expression")
            }
            let variable = try variableName(arguments[0])
            return try make(offset, .sortBy(target, variable: variable, arguments[1]))
        default: return try make(offset, .method(target, name, arguments))
        }
    }

    private mutating func namespaceMacro(
        _ name: String, _ arguments: [Expression], at offset: Int
    ) throws(CELError) -> Expression? {
        switch (name, arguments.count) {
        case ("bind", 3):
            let variable = try simpleName(
                arguments[0], "cel.bind() variable names must be simple identifiers")
            return try make(offset, .bind(variable, arguments[1], arguments[2]))
        case ("block", 2):
            guard case .list(let slots) = arguments[0].kind else {
                throw fault(offset, "cel.block requires the first arg to be a list literal")
            }
            return try make(offset, .block(slots.map(\.value), arguments[1]))
        case ("index", 1):
            guard case .literal(.int(let index)) = arguments[0].kind, index >= 0 else {
                throw fault(offset, "cel.index requires a single non-negative int constant arg")
            }
            return try make(offset, .identifier("@index\(index)", rooted: false))
        case ("iterVar", 2), ("accuVar", 2):
            guard case .literal(.int(let depth)) = arguments[0].kind, depth >= 0,
                case .literal(.int(let number)) = arguments[1].kind, number >= 0
            else {
                throw fault(offset, "cel.\(name) requires two non-negative int constant args")
            }
            let prefix = name == "iterVar" ? "@it" : "@ac"
            return try make(offset, .identifier("\(prefix):\(depth):\(number)", rooted: false))
        default: return nil
        }
    }

    private mutating func loopMacro(
        _ target: Expression, _ name: String, _ arguments: [Expression], at offset: Int
    ) throws(CELError) -> Expression? {
        typealias Kind = Expression.Loop.Kind
        let plain: [String: Kind] = [
            "all": .all, "exists": .exists, "exists_one": .existsOne, "existsOne": .existsOne,
        ]
        let transforms: [String: Kind] = [
            "transformList": .transformList, "transformMap": .transformMap,
            "transformMapEntry": .transformMapEntry,
        ]
        let count = arguments.count
        if let kind = plain[name], count == 2 || count == 3 {
            return try loop(kind, target, arguments, variables: count - 1, filter: true, offset)
        }
        if name == "filter", count == 2 {
            return try loop(.filter, target, arguments, variables: 1, filter: true, offset)
        }
        if name == "map", count == 2 || count == 3 {
            return try loop(.map, target, arguments, variables: 1, filter: count == 3, offset)
        }
        if let kind = transforms[name], count == 3 || count == 4 {
            return try loop(kind, target, arguments, variables: 2, filter: count == 4, offset)
        }
        return nil
    }

    private mutating func loop(
        _ kind: Expression.Loop.Kind, _ range: Expression, _ arguments: [Expression],
        variables: Int, filter: Bool, _ offset: Int
    ) throws(CELError) -> Expression {
        let first: String
        var second: String?
        if variables == 2 {
            first = try simpleName(arguments[0], "argument must be a simple name")
            let other = try simpleName(arguments[1], "argument must be a simple name")
            guard first != other else {
                throw fault(arguments[1].offset, "duplicate variable name: \(other)")
            }
            second = other
        } else {
            first = try simpleName(arguments[0], "argument is not an identifier")
        }
        let rest = Array(arguments.dropFirst(variables))
        let needsTransform: Bool
        switch kind {
        case .all, .exists, .existsOne, .filter: needsTransform = false
        default: needsTransform = true
        }
        let loop = Expression.Loop(
            kind: kind, range: range, first: first, second: second,
            condition: filter ? rest.first : nil, transform: needsTransform ? rest.last : nil)
        return try make(offset, .loop(loop))
    }

    private func variableName(_ argument: Expression) throws(CELError) -> String {
        try simpleName(argument, "argument is not an identifier")
    }

    private func simpleName(_ argument: Expression, _ message: String) throws(CELError) -> String {
        guard case .identifier(let name, false) = argument.kind else {
            throw fault(argument.offset, message)
        }
        guard name != "__result__", name != "@result" else {
            throw fault(argument.offset, "iteration variable overwrites accumulator variable")
        }
        return name
    }
}
