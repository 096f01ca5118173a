public import KubernetesCore

/// The rules in CEL of a schema (`x-kubernetes-validations`), compiled once.
///
/// Does what a kube-apiserver 1.36 does when an object of a CRD is written: walks the object beside
/// its schema, evaluates each rule on its value and the value before, and reports in the same
/// words.
public struct CRDRules: Sendable {
    /// The most that all rules may cost for one write.
    public static let budgetDefault: Int64 = 10_000_000

    /// What a walk found.
    public struct Outcome: Sendable {
        /// Rules that do not hold, and rules that could not be evaluated.
        public var errors: [FieldError] = []
        /// Rules that do not hold but did not before either, on values that did not change.
        public var warnings: [FieldError] = []
        /// What is left of the budget; -1 where it ran out.
        public var remainingBudget: Int64
    }

    let root: RuleNode?
    let rootType: SchemaType?

    /// Compiles the rules of `schema`. With `isObject` the schema is that of a whole Kubernetes
    /// object, whose `apiVersion`, `kind` and `metadata.name` every rule at the root can see.
    ///
    /// A rule that does not compile is reported by `compileErrors` and whenever it would run.
    public init(_ schema: StructuralSchema, isObject: Bool = true) {
        let type = SchemaType(schema, name: "object", isObject: isObject)
        rootType = type
        var compiler = RuleCompiler()
        root = compiler.node(schema, type, RuleCompiler.Place())
        compiler.checkTotalCost()
        compileFaults = compiler.faults
    }

    private let compileFaults: [RuleFault]

    /// Whether there are no rules at all.
    public var isEmpty: Bool { root == nil }

    /// What is wrong with the rules themselves, as the API server reports it when the CRD is
    /// written; `path` is where the schema stands in the CRD, as in
    /// `spec.versions[0].schema.openAPIV3Schema`.
    public func compileErrors(at path: FieldPath) -> [FieldError] {
        compileFaults.map { fault in
            FieldError(
                fault.kind, path: path.text + fault.path,
                badValue: fault.badValue,
                detail: fault.detail + (fault.within.map { path.text + $0 } ?? ""))
        }
    }

    /// Evaluates all rules on `new`, which replaces `old`; `old` is `nil` where `new` is created.
    /// The values must be defaulted, pruned and valid by the schema.
    public func validate(_ new: JSONValue, old: JSONValue? = nil) -> [FieldError] {
        evaluate(new, old: old).errors
    }

    /// The same, with warnings and costs. `path` is where `new` stands; `perCallLimit` bounds each
    /// evaluation and `budget` all of them together.
    public func evaluate(
        _ new: JSONValue, old: JSONValue? = nil, at path: FieldPath = .root,
        budget: Int64 = budgetDefault, perCallLimit: UInt64 = CELProgram.perCallLimit
    ) -> Outcome {
        guard let root else { return Outcome(remainingBudget: budget) }
        var walk = RuleWalk(budget: budget, perCallLimit: perCallLimit, root: path)
        walk.visit(
            root, new, RuleWalk.Past(old: old, isCorrelated: true, ancestorIsEqual: false), path)
        return Outcome(
            errors: walk.errors, warnings: walk.warnings, remainingBudget: walk.budget)
    }
}
