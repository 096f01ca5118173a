import KubernetesCore

/// A `ClusterPolicy` or `Policy` of Kyverno, compiled.
///
/// Source: https://kyverno.io/docs/policy-types/cluster-policy/
struct ClusterPolicy: Sendable {
    /// The policy's own name.
    let name: String
    /// The name in results: `namespace/name` where the policy lives in a namespace.
    let fullName: String
    let kind: String
    /// Where the policy lives; empty where it holds everywhere.
    let namespace: String
    /// The rules for objects that are no controllers of pods, or whose rules are not made.
    private let rules: [KyvernoRule]
    /// The rules for controllers but CronJobs, those that were made behind those of the document.
    private let controllerRules: [KyvernoRule]
    private let cronJobRules: [KyvernoRule]
    private let controllers: [String]
    private let action: FailureAction
    private let emitsWarnings: Bool
    /// Whether a failure is scored; one that is not is reported as a warning.
    private let isScored: Bool
    /// Whether the first rule that passes or fails is the last one looked at.
    private let stopsAtFirst: Bool
    /// Whether a rule that cannot be evaluated keeps the object out.
    private let failsClosed: Bool
    /// Whether the policy holds when objects are admitted.
    private let isForAdmission: Bool
    private let conditions: WebhookConditions?

    /// What reading a policy gives: the policy, where it holds, and what was refused of it.
    struct Reading {
        var policy: ClusterPolicy?
        var problems: [PolicyProblem] = []
    }

    private enum ApplyRules: String, CaseIterable {
        case all = "All"
        case one = "One"
    }

    private enum FailurePolicy: String, CaseIterable {
        case ignore = "Ignore"
        case fail = "Fail"
    }

    static let versions: Set<String> = [
        "kyverno.io/v1", "kyverno.io/v2beta1", "kyverno.io/v2",
    ]
    private static let specFields: Set<String> = [
        "admission", "applyRules", "background", "emitWarning", "failurePolicy",
        "generateExisting", "generateExistingOnPolicyUpdate", "mutateExistingOnPolicyUpdate",
        "rules", "schemaValidation", "useServerSideApply", "validationFailureAction",
        "validationFailureActionOverrides", "webhookConfiguration", "webhookTimeoutSeconds",
    ]

    /// Whether `object` is a policy that this can read.
    static func recognizes(_ object: JSONValue) -> Bool {
        ["ClusterPolicy", "Policy"].contains(object["kind"]?.string ?? "")
            && (object["apiVersion"]?.string ?? "").hasPrefix("kyverno.io/")
    }

    /// Reads a policy. Offline, context entries that would leave the cluster are taken.
    static func read(_ document: PolicyDocument, isOffline: Bool) -> Reading {
        let name = document.object["metadata"]?["name"]?.string ?? ""
        let place = PolicyPlace(source: document.source, policy: name)
        var reading = Reading()
        do throws(PolicyProblem) {
            let root = try Fields(
                document.object, at: "", in: place,
                known: ["apiVersion", "kind", "metadata", "spec", "status"])
            guard versions.contains(try root.requiredString("apiVersion")) else {
                throw root.problem("apiVersion", "is none of Kyverno's versions of this kind")
            }
            guard !name.isEmpty else { throw root.problem("metadata.name", "must be given") }
            guard let spec = try root.fields("spec", known: specFields) else {
                throw root.problem("spec", "must be given")
            }
            let rules = try RuleLists(
                spec, annotations: document.object["metadata"]?["annotations"],
                isOffline: isOffline, &reading.problems)
            guard !reading.problems.contains(where: { $0.extent == .policy }) else {
                return reading
            }
            reading.policy = try ClusterPolicy(document.object, spec, rules)
        } catch {
            reading.problems.append(error)
        }
        return reading
    }

    private init(
        _ object: JSONValue, _ spec: Fields, _ lists: RuleLists
    ) throws(PolicyProblem) {
        name = spec.place.policy
        kind = object["kind"]?.string ?? ""
        let given = object["metadata"]?["namespace"]?.string ?? ""
        namespace = kind == "Policy" ? (given.isEmpty ? "default" : given) : ""
        fullName = namespace.isEmpty ? name : namespace + "/" + name
        rules = lists.plain
        controllerRules = lists.controller
        cronJobRules = lists.cronJob
        controllers = lists.controllers
        action = try FailureAction(
            spec, action: "validationFailureAction",
            overrides: "validationFailureActionOverrides")
        emitsWarnings = try spec.bool("emitWarning") ?? false
        let annotations = object["metadata"]?["annotations"]
        isScored = annotations?["policies.kyverno.io/scored"]?.string != "false"
        stopsAtFirst = try spec.word("applyRules", ApplyRules.self) == .one
        isForAdmission = try spec.bool("admission") ?? true
        for key in [
            "background", "generateExisting", "generateExistingOnPolicyUpdate",
            "mutateExistingOnPolicyUpdate", "schemaValidation", "useServerSideApply",
        ] {
            _ = try spec.bool(key)
        }
        let webhook = try spec.fields(
            "webhookConfiguration", known: ["failurePolicy", "timeoutSeconds", "matchConditions"])
        let own = try webhook?.word("failurePolicy", FailurePolicy.self)
        let general = try spec.word("failurePolicy", FailurePolicy.self)
        failsClosed = (own ?? general) != .ignore
        conditions = if let webhook { try WebhookConditions(webhook) } else { nil }
    }

    /// The rules for objects of a kind.
    func rules(for kind: String) -> [KyvernoRule] {
        guard controllers.contains(kind) else { return rules }
        return kind == "CronJob" ? cronJobRules : controllerRules
    }

    /// Whether the policy has anything to say about requests in `namespace`: a policy that lives in
    /// a namespace only about that.
    private func reaches(_ request: PolicyRequest) -> Bool {
        guard !namespace.isEmpty else { return true }
        let object = request.object.isNull ? request.oldObject : request.object
        return object["metadata"]?["namespace"]?.string == namespace
    }

    /// What the policy says about a request; nothing where no rule is for it.
    func evaluate(
        _ request: PolicyRequest, _ surroundings: PolicySurroundings, _ exceptions: ExceptionList,
        _ values: OfflineValues?
    ) -> [PolicyResult] {
        let request = values?.adapted(request, to: name) ?? request
        guard reaches(request), isForAdmission || values != nil else { return [] }
        if let conditions {
            switch conditions.verdict(request, surroundings) {
            case .met: break
            case .unmet: return []
            case .failed(let reason):
                return [result("", .error, reason, request)]
            }
        }
        var results: [PolicyResult] = []
        for rule in rules(for: request.type.kind) {
            guard case .validate(let validation) = rule.work, rule.isFor(request) else { continue }
            let evaluation = RuleEvaluation(
                policy: self, rule: rule, request: request, surroundings: surroundings,
                exceptions: exceptions, values: values)
            let action = action(for: validation, request)
            guard let outcome = evaluation.validate(validation, action) else { continue }
            var result = result(rule.name, outcome.outcome, outcome.message, request, action)
            result.path = outcome.path
            result.annotations = outcome.annotations
            results.append(result)
            if stopsAtFirst, outcome.outcome == .pass || outcome.outcome == .fail { break }
        }
        return results
    }

    /// Whether there are rules that change objects.
    var mutates: Bool {
        (rules + controllerRules + cronJobRules).contains {
            if case .mutate = $0.work { true } else { false }
        }
    }

    /// Lets the rules that change objects change that of `request`.
    func mutate(
        _ request: inout PolicyRequest, _ surroundings: PolicySurroundings,
        _ exceptions: ExceptionList, _ values: OfflineValues?, _ extent: PolicyMutation.Extent
    ) -> [PolicyResult] {
        var current = values?.adapted(request, to: name) ?? request
        guard reaches(current), isForAdmission || values != nil,
            current.operation == .create || current.operation == .update
        else { return [] }
        if let conditions, case .unmet = conditions.verdict(current, surroundings) { return [] }
        var results: [PolicyResult] = []
        for rule in rules(for: request.type.kind) {
            guard case .mutate(let mutation) = rule.work, rule.isFor(current) else { continue }
            let evaluation = RuleEvaluation(
                policy: self, rule: rule, request: current, surroundings: surroundings,
                exceptions: exceptions, values: values)
            var (object, outcome) = evaluation.mutate(mutation)
            let isAllowed =
                extent == .everything || Additions.areAll(from: current.object, to: object)
            if isAllowed {
                current.object = object
                request.object = object
            } else {
                outcome = RuleOutcome(
                    .error, "the rule would change what is there; it may only add")
            }
            results.append(
                PolicyResult(
                    policy: fullName, kind: kind, rule: rule.name, outcome: outcome.outcome,
                    action: .audit, message: outcome.message))
            if stopsAtFirst, outcome.outcome == .pass { break }
        }
        return results
    }

    /// What a failure of a rule means for the object.
    private func action(
        for validation: Validation?, _ request: PolicyRequest
    ) -> PolicyResult.Action {
        let object = request.object.isNull ? request.oldObject : request.object
        let metadata = object["metadata"]
        let isNamespace = request.type.kind == "Namespace" && request.type.group.isEmpty
        let name = metadata?[isNamespace ? "name" : "namespace"]?.string ?? ""
        let labels = request.namespace["metadata"]?["labels"]?.object ?? JSONObject()
        let action =
            validation?.action.action(namespace: name, labels: labels)
            ?? self.action.action(namespace: name, labels: labels) ?? .audit
        return action == .audit && emitsWarnings ? .warn : action
    }

    private func result(
        _ rule: String, _ outcome: PolicyResult.Outcome, _ message: String,
        _ request: PolicyRequest, _ action: PolicyResult.Action? = nil
    ) -> PolicyResult {
        var action = action ?? self.action(for: nil, request)
        // A rule that cannot be evaluated keeps the object out where its failure would, unless the
        // policy says that it shall not.
        if outcome == .error, action == .enforce, !failsClosed { action = .audit }
        return PolicyResult(
            policy: fullName, kind: kind, rule: rule,
            outcome: outcome == .fail && !isScored ? .warn : outcome, action: action,
            message: message)
    }
}
