import CEL
import KubernetesCore

/// What the expressions of one policy see while one request is judged: the objects, the variables,
/// each evaluated when it is first used and then remembered, and answers of the cluster, each asked
/// for once.
final class ExpressionScope: CELScope {
    let set: ExpressionSet
    let view: RequestView
    let surroundings: PolicySurroundings
    var budget: ExpressionBudget
    /// What the binding's parameter reference found; `null` where there is none.
    let params: JSONValue
    /// What exceptions allow besides.
    let exceptions: JSONValue
    private var known: [String: CELValue] = [:]
    private var variables: [Int: Result<CELValue, CELError>] = [:]
    private var answers: [PolicySurroundings.Lookup: PolicySurroundings.Answer] = [:]
    private var draws: UInt64 = 0

    init(
        _ set: ExpressionSet, _ view: RequestView, _ surroundings: PolicySurroundings,
        budget: UInt64 = ExpressionBudget.policy, params: JSONValue = .null,
        exceptions: JSONValue = ["allowedImages": [], "allowedValues": []]
    ) {
        self.set = set
        self.view = view
        self.surroundings = surroundings
        self.budget = ExpressionBudget(budget)
        self.params = params
        self.exceptions = exceptions
    }

    /// Evaluates one expression and takes its cost off the budget.
    func evaluate(_ program: CELProgram) -> Result<CELValue, CELError> {
        guard !budget.isSpent else { return .failure(Self.spent) }
        let outcome = program.run(in: self, limit: budget.limit, stepsMax: budget.steps)
        budget.take(outcome)
        return outcome.result
    }

    static let spent = CELError(
        .cost,
        "validation failed due to running out of cost budget, no further validation rules will "
            + "be run")

    // MARK: CELScope

    func value(of name: String) throws(CELError) -> CELValue? {
        if let place = set.places[name] { return try variable(place).get() }
        if let value = known[name] { return value }
        guard let value = try made(name) else { return nil }
        known[name] = value
        return value
    }

    private func made(_ name: String) throws(CELError) -> CELValue? {
        switch name {
        case "object": return CELValue(view.request.object)
        case "oldObject": return CELValue(view.request.oldObject)
        case "request": return CELValue(view.json(objects: set.dialect.requestHoldsObjects))
        case "namespaceObject": return CELValue(view.namespaceObject)
        case "params": return CELValue(params)
        case "exceptions": return CELValue(exceptions)
        case "authorizer": return AuthorizerLibrary.value(for: view.request.user)
        case "authorizer.requestResource": return AuthorizerLibrary.requestResource(view)
        case "variables":
            var values: [String: CELValue] = [:]
            for (place, variable) in set.variables.enumerated() {
                values[variable.name] = try self.variable(place).get()
            }
            return .map(CELMap(values))
        default: return nil
        }
    }

    private func variable(_ place: Int) -> Result<CELValue, CELError> {
        if let result = variables[place] { return result }
        var result = evaluate(set.variables[place].program)
        if case .failure(let error) = result, case .admission = set.dialect {
            let name = set.variables[place].name
            result = .failure(
                CELError(
                    error.code,
                    "composited variable \"\(name)\" fails to evaluate: \(error.message)"))
        }
        variables[place] = result
        return result
    }

    func call(_ function: String, _ arguments: [CELValue]) throws(CELError) -> CELValue {
        try ExpressionQuestions(scope: self).answer(function, arguments)
    }

    // MARK: What the questions need

    /// What the cluster says; asked once.
    func answer(_ lookup: PolicySurroundings.Lookup) -> PolicySurroundings.Answer {
        if let answer = answers[lookup] { return answer }
        let answer = surroundings.lookup(lookup)
        answers[lookup] = answer
        return answer
    }

    /// The next random number: the same seed gives the same numbers.
    func draw() -> UInt64 {
        draws &+= 1
        var value = surroundings.seed &+ draws &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
