import CEL
import KubernetesCore

/// What a `ValidatingPolicy` or a `NamespacedValidatingPolicy` says.
struct ValidatingForm: Sendable {
    /// What is judged.
    enum Mode: Sendable {
        case kubernetes
        case json
    }

    /// The policy as it is written, or the form of it for pod controllers.
    struct Variant: Sendable {
        let constraints: MatchConstraints?
        let conditions: [ExpressionSet.Condition]
        let expressions: ExpressionSet
    }

    let mode: Mode
    let action: PolicyResult.Action
    /// Whether what cannot be evaluated only reports.
    let ignoresFailures: Bool
    /// The only namespace in which the policy holds; `nil` for all.
    let namespace: String?
    /// Conditions of the webhook: where one is false the policy does not hear of the request.
    private let filters: [ExpressionSet.Condition]
    private let filterSet: ExpressionSet
    let plain: Variant
    private let controllers: [Variant]

    private static let specFields: Set<String> = [
        "matchConstraints", "matchConditions", "validations", "variables", "auditAnnotations",
        "failurePolicy", "validationActions", "webhookConfiguration", "evaluation", "autogen",
    ]

    init(_ root: Fields, namespace: String?) throws(PolicyProblem) {
        guard let spec = try root.fields("spec", known: Self.specFields),
            let json = root.value("spec")
        else { throw root.problem("spec", "must be given") }
        self.namespace = namespace
        let evaluation = try spec.fields(
            "evaluation", known: ["mode", "admission", "background"])
        let mode: Mode =
            try evaluation?.choice("mode", of: ["Kubernetes", "JSON"]) == "JSON"
            ? .json : .kubernetes
        self.mode = mode
        let isAdmitting =
            try evaluation?.fields("admission", known: ["enabled"])?.bool("enabled") ?? true
        _ = try evaluation?.fields("background", known: ["enabled"])?.bool("enabled")
        let asked =
            try spec.validationActions("validationActions", areExclusive: false) ?? .enforce
        // What is not to hold at admission cannot forbid anything, but it can be reported.
        action = isAdmitting ? asked : .audit
        ignoresFailures = try spec.choice("failurePolicy", of: ["Fail", "Ignore"]) == "Ignore"
        try Self.checkAutogen(spec)
        let webhook = try spec.fields(
            "webhookConfiguration", known: ["timeoutSeconds", "matchConditions"])
        var filterCompiler = ExpressionCompiler(.admission(hasParams: false))
        var filters: [ExpressionSet.Condition] = []
        if mode == .kubernetes, let webhook {
            filters = try filterCompiler.conditions("matchConditions", of: webhook)
        }
        self.filters = filters
        filterSet = filterCompiler.result
        let dialect: ExpressionDialect =
            mode == .json ? .json : .kyverno(namespaced: namespace != nil)
        plain = try Self.variant(spec, dialect)
        var controllers: [Variant] = []
        if mode == .kubernetes {
            for form in PodControllerForms.forms(of: json) {
                var place = spec.place
                place.rule = "autogen-\(form.name)"
                let fields = try Fields(
                    form.spec, at: "spec", in: place, known: Self.specFields)
                controllers.append(try Self.variant(fields, dialect))
            }
        }
        self.controllers = controllers
    }

    private static func checkAutogen(_ spec: Fields) throws(PolicyProblem) {
        let known: Set<String> = ["podControllers", "validatingAdmissionPolicy"]
        guard let autogen = try spec.fields("autogen", known: known) else { return }
        _ = try autogen.fields("podControllers", known: ["controllers"])?.strings("controllers")
        _ = try autogen.fields("validatingAdmissionPolicy", known: ["enabled"])?.bool("enabled")
    }

    private static func variant(
        _ spec: Fields, _ dialect: ExpressionDialect
    ) throws(PolicyProblem) -> Variant {
        var compiler = ExpressionCompiler(dialect)
        let conditions = try compiler.conditions("matchConditions", of: spec)
        try compiler.variables("variables", of: spec)
        try compiler.validations("validations", of: spec)
        try compiler.annotations("auditAnnotations", of: spec)
        guard !compiler.result.validations.isEmpty || !compiler.result.annotations.isEmpty else {
            throw spec.problem("validations", "must list at least one validation")
        }
        return Variant(
            constraints: try spec.constraints("matchConstraints"), conditions: conditions,
            expressions: compiler.result)
    }

    /// The name without the namespace, as exceptions write it.
    func plainName(_ name: String) -> String {
        namespace == nil ? name : String(name.drop { $0 != "/" }.dropFirst())
    }

    // MARK: Evaluation

    func evaluate(
        _ policy: ExpressionPolicy, _ view: RequestView, _ surroundings: PolicySurroundings
    ) -> [PolicyResult] {
        guard mode == .kubernetes else { return [] }
        if let namespace, view.namespace != namespace || view.isNamespace { return [] }
        var results: [PolicyResult] = []
        for variant in [plain] + controllers {
            guard let constraints = variant.constraints else { continue }
            do throws(MatchConstraints.Unknown) {
                guard try constraints.matches(view) else { continue }
            } catch {
                results.append(
                    failure(policy, "failed to execute matching: \(error.reason)"))
                continue
            }
            if let result = judge(variant, policy, view, surroundings) { results.append(result) }
        }
        return results
    }

    /// A verdict that could not be reached.
    private func failure(
        _ policy: ExpressionPolicy, _ message: String, rule: String? = nil
    ) -> PolicyResult {
        policy.result(.error, ignoresFailures ? .audit : action, message, rule: rule)
    }

    /// The verdict of one variant; `nil` where the webhook's conditions keep the request from it.
    func judge(
        _ variant: Variant, _ policy: ExpressionPolicy, _ view: RequestView,
        _ surroundings: PolicySurroundings
    ) -> PolicyResult? {
        if !filters.isEmpty {
            let filter = ExpressionScope(
                filterSet, view, surroundings, budget: ExpressionBudget.conditions)
            switch ExpressionEvaluation.conditions(filters, in: filter) {
            case .met: break
            case .unmet: return nil
            case .failed(let message):
                return failure(
                    policy, "failed to evaluate the webhook's conditions: \(message)")
            }
        }
        var scope = ExpressionScope(variant.expressions, view, surroundings)
        if !policy.exceptions.isEmpty {
            switch exempt(variant, policy, view, surroundings) {
            case .exempted(let result), .failed(let result): return result
            case .judged(let made): scope = made
            }
        }
        switch ExpressionEvaluation.conditions(variant.conditions, in: scope) {
        case .met: return verdict(policy, ExpressionEvaluation(scope: scope))
        case .unmet(let name):
            return policy.result(.skip, action, "the match condition \"\(name)\" is not met")
        case .failed(let message):
            if ignoresFailures { return policy.result(.skip, action, message) }
            return failure(policy, "failed to load context: \(message)")
        }
    }

    private enum Exemption {
        case exempted(PolicyResult)
        case failed(PolicyResult)
        case judged(ExpressionScope)
    }

    private func exempt(
        _ variant: Variant, _ policy: ExpressionPolicy, _ view: RequestView,
        _ surroundings: PolicySurroundings
    ) -> Exemption {
        var full: [ExpressionException] = []
        var images: [String] = []
        var values: [String] = []
        var fault: String?
        let conditions = ExpressionScope(
            variant.expressions, view, surroundings, budget: ExpressionBudget.conditions)
        for exception in policy.exceptions {
            if let expires = exception.expires, expires <= surroundings.now { continue }
            switch ExpressionEvaluation.conditions(exception.conditions, in: conditions) {
            case .met where exception.isFull: full.append(exception)
            case .met:
                images += exception.images
                values += exception.values
            case .unmet: continue
            case .failed(let message):
                if !ignoresFailures {
                    fault = fault ?? "policy exception \(exception.name): \(message)"
                }
            }
        }
        if let first = full.first {
            let deciding =
                full.filter { $0.priority > 0 }.max { $0.priority < $1.priority } ?? first
            let names = full.map(\.name).joined(separator: ", ")
            return .exempted(
                policy.result(
                    deciding.reportsPass ? .pass : .skip, action,
                    "rule is \(deciding.reportsPass ? "passed" : "skipped") due to policy "
                        + "exception: \(names)", rule: "exception"))
        }
        if let fault { return .failed(failure(policy, fault)) }
        return .judged(
            ExpressionScope(
                variant.expressions, view, surroundings,
                exceptions: ["allowedImages": .strings(images), "allowedValues": .strings(values)]))
    }

    /// The first validation that is violated or cannot be evaluated decides.
    private func verdict(
        _ policy: ExpressionPolicy, _ evaluation: ExpressionEvaluation
    ) -> PolicyResult {
        var violated: (message: String, place: String)?
        for (index, validation) in evaluation.scope.set.validations.enumerated() {
            switch evaluation.holds(validation) {
            case .holds: continue
            case .violated:
                violated = (
                    evaluation.kyvernoMessage(validation, index: index), validation.place
                )
            case .failed(let message):
                return failure(policy, "error: \(message)", rule: validation.place)
            }
            break
        }
        switch evaluation.annotations() {
        case .failed(let message): return failure(policy, message)
        case .made(let annotations):
            guard let violated else {
                return policy.result(.pass, action, "success", annotations: annotations)
            }
            return policy.result(
                .fail, action, violated.message, rule: violated.place, annotations: annotations)
        }
    }
}
