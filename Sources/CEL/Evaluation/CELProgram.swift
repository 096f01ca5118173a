/// An expression, compiled once and evaluated as often as wanted.
public struct CELProgram: Sendable {
    /// The most that one evaluation may cost in Kubernetes.
    public static let perCallLimit: UInt64 = 1_000_000

    /// What an evaluation gave and what it cost.
    public struct Outcome: Sendable {
        /// The value, or why there is none.
        public let result: Result<CELValue, CELError>
        /// The cost in Kubernetes' units.
        public let cost: UInt64
        /// Work that has no cost in Kubernetes' model, but a bound.
        public let steps: Int
    }

    /// The text that was compiled.
    public let source: String
    /// The type of the result; `dyn` where it is not known.
    public let resultType: CELType
    /// The variables that the expression refers to.
    public let variables: Set<String>
    let expression: Expression
    /// The types of the expression's nodes, where they were checked.
    let types: [Int: CELType]
    private let plan: any Plan
    private let slots: Int
    private let zones: CELZones

    /// Compiles `source`.
    ///
    /// With `checks` the type checker must accept it; without, faults of types show at the
    /// evaluation, and only where it reaches them. The error's message is in the form of
    /// Kubernetes: `ERROR: <input>:1:5: …` with the line and a mark below.
    public init(
        _ source: String, in environment: CELEnvironment = CELEnvironment(), checks: Bool = true
    ) throws(CELError) {
        let (expression, text) = try CELParser.parse(source, features: environment.features)
        var notes = CheckNotes()
        var type = CELType.dyn
        if checks { (type, notes) = try TypeChecker.check(expression, text, environment) }
        var planner = Planner(environment, notes)
        plan = planner.plan(expression)
        slots = planner.slotCount
        variables = planner.variables
        zones = environment.zones
        resultType = type
        types = notes.types
        self.source = source
        self.expression = expression
    }

    /// Evaluates on `activation`; an evaluation that costs more than `limit` is cancelled.
    public func evaluate(
        _ activation: CELActivation = CELActivation(), limit: UInt64 = perCallLimit
    ) -> Result<CELValue, CELError> {
        run(activation, limit: limit).result
    }

    /// Evaluates on `activation` and says what it cost.
    public func run(
        _ activation: CELActivation = CELActivation(), limit: UInt64 = perCallLimit
    ) -> Outcome {
        run(activation, in: nil, limit: limit, stepsMax: Evaluator.stepsMax)
    }

    /// Evaluates with `scope` as the source of all variables and says what it cost; at most
    /// `stepsMax` steps of work that has no cost are done.
    public func run(
        in scope: any CELScope, limit: UInt64 = perCallLimit, stepsMax: Int = .max
    ) -> Outcome {
        run(
            CELActivation(), in: scope, limit: limit, stepsMax: min(stepsMax, Evaluator.stepsMax))
    }

    /// The same with a bound of its own for work that has no cost.
    func run(_ activation: CELActivation, limit: UInt64, stepsMax: Int) -> Outcome {
        run(activation, in: nil, limit: limit, stepsMax: stepsMax)
    }

    private func run(
        _ activation: CELActivation, in scope: (any CELScope)?, limit: UInt64, stepsMax: Int
    ) -> Outcome {
        let e = Evaluator(
            activation: activation, scope: scope, zones: zones, limit: limit, locals: slots,
            stepsMax: stepsMax)
        let result = Result { () throws(CELError) in try plan.evaluate(e) }
        return Outcome(result: result, cost: e.cost, steps: e.steps)
    }

    /// How many nodes of the expression are below each other: what its evaluation takes of the
    /// stack.
    public var depth: Int { expression.depth }
}
