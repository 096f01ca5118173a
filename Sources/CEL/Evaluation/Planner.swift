import KubernetesCore

/// Makes a plan from an expression.
struct Planner {
    let environment: CELEnvironment
    /// What the type checker found out that the evaluation needs.
    let notes: CheckNotes
    private var scope: [(name: String, slot: Int)] = []
    private(set) var slotCount = 0
    /// The variables that the expression uses.
    private(set) var variables: Set<String> = []

    init(_ environment: CELEnvironment, _ notes: CheckNotes) {
        self.environment = environment
        self.notes = notes
    }

    /// The plan of `expression`. With `counted` false a name at the root of a chain costs nothing.
    mutating func plan(_ expression: Expression, counted: Bool = true) -> any Plan {
        switch expression.kind {
        case .literal(let value): return ConstantPlan(value: value)
        case .identifier, .select(_, _, false):
            if let chain = planChain(expression, counted: counted) { return chain }
            guard case .select(let operand, let field, let optional) = expression.kind else {
                return FailingPlan(error: undeclared(expression))
            }
            return planSelect(operand, field, optional, counted: counted)
        case .select(let operand, let field, let optional):
            return planSelect(operand, field, optional, counted: counted)
        case .index(let operand, let key, let optional):
            return IndexPlan(
                operand: plan(operand, counted: counted), key: plan(key, counted: false),
                isOptional: optional, beginsChain: !isChain(operand))
        case .has(let operand, let field):
            return HasPlan(operand: plan(operand), field: field)
        case .and(let left, let right):
            return LogicPlan(left: plan(left), right: plan(right), isOr: false)
        case .or(let left, let right):
            return LogicPlan(left: plan(left), right: plan(right), isOr: true)
        case .conditional(let condition, let first, let second):
            return ConditionalPlan(
                condition: plan(condition), first: plan(first, counted: false),
                second: plan(second, counted: false))
        case .list(let elements): return planList(elements)
        case .map(let entries): return planMap(entries)
        case .message(let name, _):
            return FailingPlan(error: CELError("unknown type: \(name)"))
        case .call(let name, let arguments, _): return planCall(name, arguments)
        case .method(let target, let name, let arguments):
            return planMethod(target, name, arguments, expression.id)
        case .loop, .bind, .optionalMap, .sortBy, .block: return planScoped(expression)
        }
    }

    // MARK: Names

    private func isChain(_ expression: Expression) -> Bool {
        switch expression.kind {
        case .identifier, .select, .index, .conditional: true
        default: false
        }
    }

    private mutating func planSelect(
        _ operand: Expression, _ field: String, _ optional: Bool, counted: Bool
    ) -> any Plan {
        SelectPlan(
            operand: plan(operand, counted: counted), field: field, isOptional: optional,
            beginsChain: !isChain(operand))
    }

    /// A name, or a chain of fields from a name, whose longest known beginning is the variable.
    private mutating func planChain(_ expression: Expression, counted: Bool) -> (any Plan)? {
        guard let path = expression.path else { return nil }
        if !path.rooted, let local = scope.last(where: { $0.name == path.names[0] }) {
            let root = LocalPlan(slot: local.slot, isCounted: counted)
            return select(path.names.dropFirst(), from: root)
        }
        for length in stride(from: path.names.count, to: 0, by: -1) {
            let name = path.names[..<length].joined(separator: ".")
            guard let root = resolve(name, rooted: path.rooted, counted: counted) else { continue }
            return select(path.names.dropFirst(length), from: root)
        }
        return nil
    }

    private func select(_ fields: ArraySlice<String>, from root: any Plan) -> any Plan {
        var result = root
        for field in fields {
            result = SelectPlan(
                operand: result, field: field, isOptional: false, beginsChain: false)
        }
        return result
    }

    private mutating func resolve(_ name: String, rooted: Bool, counted: Bool) -> (any Plan)? {
        for candidate in rooted ? [name] : environment.candidates(name) {
            if environment.variables[candidate] != nil {
                variables.insert(candidate)
                return VariablePlan(name: candidate, isCounted: counted)
            }
            if let type = CELType.named[candidate] { return ConstantPlan(value: .type(type)) }
        }
        return nil
    }

    private func undeclared(_ expression: Expression) -> CELError {
        let name = expression.path?.names.first ?? ""
        return CELError(
            "undeclared reference to '\(name)' (in container '\(environment.container)')")
    }

    // MARK: Literals

    private mutating func planList(_ elements: [Expression.Element]) -> any Plan {
        let parts = elements.map { (value: plan($0.value), optional: $0.optional) }
        guard environment.foldsConstants else { return ListPlan(elements: parts) }
        var values: [CELValue] = []
        for part in parts {
            guard !part.optional,
                let constant = part.value as? ConstantPlan
            else {
                return ListPlan(elements: parts)
            }
            values.append(constant.value)
        }
        return ConstantPlan(value: .list(values))
    }

    private mutating func planMap(_ entries: [Expression.Entry]) -> any Plan {
        let parts = entries.map {
            (key: plan($0.key), value: plan($0.value), optional: $0.optional)
        }
        guard environment.foldsConstants else { return MapPlan(entries: parts) }
        var values: [(CELValue, CELValue)] = []
        for part in parts {
            guard !part.optional, let key = part.key as? ConstantPlan,
                let value = part.value as? ConstantPlan, CELKey(key.value) != nil
            else { return MapPlan(entries: parts) }
            values.append((key.value, value.value))
        }
        return ConstantPlan(value: .map(CELMap(values)))
    }

    // MARK: Calls

    private static let foldable: Set<String> = [
        "bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration",
    ]

    private mutating func planCall(_ name: String, _ arguments: [Expression]) -> any Plan {
        let plans = arguments.map { plan($0) }
        for candidate in environment.candidates(name) {
            guard
                let function = environment.function(
                    candidate, isMethod: false, count: plans.count)
            else { continue }
            return call(function, plans)
        }
        if environment.hasFunction(name, isMethod: nil) { return FailingPlan(error: .noOverload) }
        return FailingPlan(error: undeclaredFunction(name))
    }

    private func undeclaredFunction(_ name: String) -> CELError {
        CELError("undeclared reference to '\(name)' (in container '\(environment.container)')")
    }

    private func call(_ function: CELFunction, _ plans: [any Plan]) -> any Plan {
        if environment.foldsConstants, Self.foldable.contains(function.name), plans.count == 1,
            plans[0] is ConstantPlan
        {
            let e = Evaluator(
                activation: CELActivation(), zones: .none, limit: 1_000_000, locals: 0)
            if let value = try? CallPlan(function: function, arguments: plans).evaluate(e) {
                return ConstantPlan(value: value)
            }
        }
        if function.name == "matches", let source = plans.last as? ConstantPlan,
            case .string(let text) = source.value, let pattern = try? Pattern(text)
        {
            return CallPlan(
                function: RegexLibrary.matches(with: pattern, like: function), arguments: plans)
        }
        if function.name == "@in", let list = plans[1] as? ConstantPlan,
            case .list(let list) = list.value, list.isScalar
        {
            return CallPlan(function: function.costing { _, _ in 0 }, arguments: plans)
        }
        return CallPlan(function: function, arguments: plans)
    }

    private mutating func planMethod(
        _ target: Expression, _ name: String, _ arguments: [Expression], _ id: Int
    ) -> any Plan {
        if let path = target.path,
            path.rooted || !scope.contains(where: { $0.name == path.names[0] })
        {
            let qualified = path.names.joined(separator: ".") + "." + name
            if environment.hasFunction(qualified, isMethod: false) {
                return planCall(qualified, arguments)
            }
        }
        let receiver = plan(target)
        if arguments.count == 1, name == "or" || name == "orValue" {
            return OptionalOrPlan(
                receiver: receiver, other: plan(arguments[0]), unwraps: name == "orValue")
        }
        let plans = [receiver] + arguments.map { plan($0) }
        if name == "sum", plans.count == 1, let zero = notes.zeros[id] {
            return CallPlan(
                function: ListLibrary.sum(startingAt: zero), arguments: plans)
        }
        guard let function = environment.function(name, isMethod: true, count: plans.count) else {
            if environment.hasFunction(name, isMethod: nil) {
                return FailingPlan(error: .noOverload)
            }
            return FailingPlan(error: undeclaredFunction(name))
        }
        return call(function, plans)
    }

    // MARK: Scopes

    private mutating func planScoped(_ expression: Expression) -> any Plan {
        switch expression.kind {
        case .loop(let loop):
            let range = plan(loop.range)
            let first = open(loop.first)
            let second = loop.second.map { open($0) }
            defer { close(second == nil ? 1 : 2) }
            return LoopPlan(
                kind: loop.kind, range: range, first: first, second: second,
                condition: loop.condition.map { plan($0) },
                transform: loop.transform.map { plan($0) })
        case .bind(let name, let value, let body):
            let value = plan(value)
            let slot = open(name)
            defer { close(1) }
            return BindPlan(slot: slot, value: value, body: plan(body))
        case .optionalMap(let target, let variable, let body, let flat):
            let target = plan(target)
            let slot = open(variable)
            defer { close(1) }
            return OptionalMapPlan(target: target, slot: slot, body: plan(body), flat: flat)
        case .sortBy(let target, let variable, let key):
            let target = plan(target)
            let slot = open(variable)
            defer { close(1) }
            return SortByPlan(target: target, slot: slot, key: plan(key))
        case .block(let slots, let body):
            var values: [any Plan] = []
            for (index, slot) in slots.enumerated() {
                values.append(plan(slot))
                _ = open("@index\(index)")
            }
            defer { close(slots.count) }
            // The slots lie side by side only when no loop took one in between; so they are bound
            // by what they were given.
            let first = scope.count - slots.count
            return BlockPlan(
                slots: scope[first...].map(\.slot), values: values, body: plan(body))
        default: return FailingPlan(error: .noOverload)
        }
    }

    private mutating func open(_ name: String) -> Int {
        let slot = slotCount
        slotCount += 1
        scope.append((name, slot))
        return slot
    }

    private mutating func close(_ count: Int) { scope.removeLast(count) }
}

extension Expression {
    /// The names of a chain of plain fields that begins with a name.
    var path: (names: [String], rooted: Bool)? {
        var names: [String] = []
        var current = self
        while true {
            switch current.kind {
            case .identifier(let name, let rooted):
                names.append(name)
                return (names.reversed(), rooted)
            case .select(let operand, let field, false):
                names.append(field)
                current = operand
            default: return nil
            }
        }
    }
}

extension CELList {
    /// Whether all elements are scalars.
    var isScalar: Bool {
        guard case .values(let values) = storage else { return false }
        return values.allSatisfy { value in
            switch value {
            case .bool, .int, .uint, .double, .string: true
            default: false
            }
        }
    }
}
