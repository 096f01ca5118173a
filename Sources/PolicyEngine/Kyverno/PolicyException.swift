import KubernetesCore

/// A `PolicyException` of Kyverno: objects that rules of policies do not hold for.
struct PolicyException: Sendable {
    /// Namespace and name.
    let fullName: String
    private let targets: [Target]
    private let match: MatchBlock
    private let conditions: ConditionBlock?
    /// Controls of pod security that are let off; empty: the whole rule is.
    let podSecurity: [PodSecurityExclusion]

    private struct Target: Sendable {
        let policy: String
        let rules: [Wildcard]
    }

    private static let versions: Set<String> = ["kyverno.io/v2", "kyverno.io/v2beta1"]

    /// Whether `object` is an exception that this can read.
    static func recognizes(_ object: JSONValue) -> Bool {
        object["kind"]?.string == "PolicyException"
            && (object["apiVersion"]?.string ?? "").hasPrefix("kyverno.io/")
    }

    /// Reads an exception.
    init(_ document: PolicyDocument) throws(PolicyProblem) {
        let metadata = document.object["metadata"]
        let name = metadata?["name"]?.string ?? ""
        let namespace = metadata?["namespace"]?.string ?? ""
        fullName = namespace.isEmpty ? name : namespace + "/" + name
        let place = PolicyPlace(source: document.source, policy: fullName)
        let root = try Fields(
            document.object, at: "", in: place,
            known: ["apiVersion", "kind", "metadata", "spec", "status"])
        guard PolicyException.versions.contains(try root.requiredString("apiVersion")) else {
            throw root.problem("apiVersion", "is none of Kyverno's versions of this kind")
        }
        guard !name.isEmpty else { throw root.problem("metadata.name", "must be given") }
        guard
            let spec = try root.fields(
                "spec", known: ["exceptions", "match", "conditions", "podSecurity", "background"])
        else { throw root.problem("spec", "must be given") }
        _ = try spec.bool("background")
        guard let matching = try spec.fields("match", known: MatchBlock.known),
            let match = try MatchBlock(matching, allowsBareFilter: false)
        else { throw spec.problem("match", "must say which objects the exception is for") }
        self.match = match
        conditions = try ConditionBlock(spec, "conditions", allowsList: false)
        var targets: [Target] = []
        for (index, value) in try spec.list("exceptions").enumerated() {
            let target = try Fields(
                value, at: "spec.exceptions[\(index)]", in: place,
                known: ["policyName", "ruleNames"])
            targets.append(
                Target(
                    policy: try target.requiredString("policyName"),
                    rules: try target.strings("ruleNames").map(Wildcard.init)))
        }
        guard !targets.isEmpty else { throw spec.problem("exceptions", "must name a policy") }
        self.targets = targets
        do throws(PodSecurityRuleProblem) {
            podSecurity = try PodSecurityExclusion.list(
                reading: spec.value("podSecurity"), at: spec.child("podSecurity"))
        } catch {
            throw place.problem(error.path, error.reason)
        }
    }

    /// Whether the exception is about a rule.
    func names(_ rule: String, of policy: ClusterPolicy) -> Bool {
        targets.contains { target in
            target.policy == policy.fullName && target.rules.contains { $0.matches(rule) }
        }
    }

    /// Whether the exception is for the object that is judged. Conditions that cannot be evaluated
    /// make no exception.
    func applies(_ evaluation: RuleEvaluation, _ context: inout EvaluationContext) -> Bool {
        let request = evaluation.request
        let object = request.object.isNull ? request.oldObject : request.object
        guard let subject = MatchSubject(object, of: request), match.matches(subject) else {
            return false
        }
        guard let conditions else { return true }
        return (try? conditions.verdict(in: &context).holds) ?? false
    }
}

/// All exceptions of a policy set.
struct ExceptionList: Sendable {
    private let exceptions: [PolicyException]

    init(_ exceptions: [PolicyException]) { self.exceptions = exceptions }

    /// The exceptions that are for the rule and the object.
    func matching(
        _ evaluation: RuleEvaluation, _ context: inout EvaluationContext
    ) -> [PolicyException] {
        var result: [PolicyException] = []
        for exception in exceptions
        where exception.names(evaluation.rule.name, of: evaluation.policy) {
            if exception.applies(evaluation, &context) { result.append(exception) }
        }
        return result
    }
}
