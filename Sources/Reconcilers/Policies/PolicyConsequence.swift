import KubernetesCore
import PolicyEngine

/// What it means for agents that a policy could not be loaded.
///
/// What would be enforced on pods and cannot be judged forbids them, as Kyverno and Kubernetes do
/// by their `failurePolicy`; with `failurePolicy: Ignore`, or where it would only audit, it is said
/// and nothing more. Single rules of the cluster's own policies that need more than a judgement
/// (signatures, generated objects) are left to the cluster, which holds everyone to them itself.
struct PolicyConsequence {
    private let own: [PolicyDocument]
    private let cluster: [PolicyDocument]

    init(_ sources: PolicyLibrary.Sources) {
        own = sources.own
        cluster = sources.cluster
    }

    /// The kinds of the groups of policies that say nothing about what a pod may be.
    private static let others: Set<String> = [
        "CleanupPolicy", "ClusterCleanupPolicy", "DeletingPolicy", "NamespacedDeletingPolicy",
        "GeneratingPolicy", "NamespacedGeneratingPolicy", "MutatingPolicy",
        "NamespacedMutatingPolicy", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "GlobalContextEntry",
        "UpdateRequest",
    ]

    private static let groups = [
        "kyverno.io/", "policies.kyverno.io/", "admissionregistration.k8s.io/",
    ]

    /// What it means for agents that `problem` is there.
    func effect(of problem: PolicyProblem) -> PolicyFault.Effect {
        let isOwn = own.contains { $0.isMeant(by: problem) }
        guard let found = (own + cluster).first(where: { $0.isMeant(by: problem) }) else {
            return .forbids
        }
        let object = found.object
        let effect = effect(of: problem, in: object, kind: object["kind"]?.string ?? "")
        return problem.extent == .rule && !isOwn && effect == .forbids ? .reported : effect
    }

    private func effect(
        of problem: PolicyProblem, in object: JSONValue, kind: String
    ) -> PolicyFault.Effect {
        switch kind {
        case "ClusterPolicy", "Policy": return kyverno(object, rule: rule(of: problem))
        case "ValidatingPolicy", "NamespacedValidatingPolicy", "ImageValidatingPolicy",
            "NamespacedImageValidatingPolicy":
            return validating(object)
        case "ValidatingAdmissionPolicy": return admission(object)
        case "ValidatingAdmissionPolicyBinding":
            return PolicyConsequence.denies(object) ? .forbids : .reported
        // Without an exception more is forbidden, not less.
        case "PolicyException": return .reported
        default:
            let version = object["apiVersion"]?.string ?? ""
            let isPolicy = PolicyConsequence.groups.contains { version.hasPrefix($0) }
            return isPolicy && !PolicyConsequence.others.contains(kind) ? .forbids : .unrelated
        }
    }

    private func rule(of problem: PolicyProblem) -> String? {
        problem.extent == .rule ? problem.rule : nil
    }

    // MARK: - Kyverno's first kinds

    private func kyverno(_ object: JSONValue, rule name: String?) -> PolicyFault.Effect {
        let spec = object["spec"]
        let failure =
            spec?[path: ["webhookConfiguration", "failurePolicy"]] ?? spec?["failurePolicy"]
        if spec?["admission"] == false { return .unrelated }
        guard let rules = spec?["rules"]?.array else { return .forbids }
        let meant = rules.filter { rule in
            (name == nil || rule["name"]?.string == name) && judges(rule) && mayMeanPods(rule)
        }
        if meant.isEmpty { return .unrelated }
        return failure != "Ignore" && meant.contains { enforces($0, spec) } ? .forbids : .reported
    }

    private func judges(_ rule: JSONValue) -> Bool {
        rule["generate"] == nil && rule["mutate"] == nil
    }

    private func enforces(_ rule: JSONValue, _ spec: JSONValue?) -> Bool {
        func isEnforce(_ value: JSONValue?) -> Bool { value?.string?.lowercased() == "enforce" }
        let validate = rule["validate"]
        let images = rule["verifyImages"]?.array ?? []
        let own = [validate?["failureAction"]] + images.map { $0["failureAction"] }
        let overrides =
            (validate?["failureActionOverrides"]?.array ?? [])
            + (spec?["validationFailureActionOverrides"]?.array ?? [])
        if own.contains(where: isEnforce) { return true }
        if overrides.contains(where: { isEnforce($0["action"]) }) { return true }
        return own.allSatisfy { $0 == nil } && isEnforce(spec?["validationFailureAction"])
    }

    /// Whether the rule's `match` may mean pods; where that cannot be told, it may.
    private func mayMeanPods(_ rule: JSONValue) -> Bool {
        guard let match = rule["match"]?.object else { return true }
        var blocks: [JSONValue] = [.object(match)]
        blocks += match["any"]?.array ?? []
        blocks += match["all"]?.array ?? []
        let kinds = blocks.flatMap { $0[path: ["resources", "kinds"]]?.array ?? [] }
        guard !kinds.isEmpty else { return true }
        return kinds.contains { kind in
            guard let text = kind.string else { return true }
            let name = text.split(separator: "/").last.map(String.init) ?? text
            return name.contains("*") || name.contains("?") || name == "Pod"
        }
    }

    // MARK: - Policies of expressions

    private func validating(_ object: JSONValue) -> PolicyFault.Effect {
        let spec = object["spec"]
        guard concernsPods(spec?["matchConstraints"]) else { return .unrelated }
        if spec?["failurePolicy"] == "Ignore" { return .reported }
        if spec?[path: ["evaluation", "admission", "enabled"]] == false { return .reported }
        return PolicyConsequence.denies(object) ? .forbids : .reported
    }

    private func admission(_ object: JSONValue) -> PolicyFault.Effect {
        let spec = object["spec"]
        guard concernsPods(spec?["matchConstraints"]) else { return .unrelated }
        if spec?["failurePolicy"] == "Ignore" { return .reported }
        let name = object[path: ["metadata", "name"]]?.string
        let isBound = (own + cluster).contains { document in
            document.object["kind"] == "ValidatingAdmissionPolicyBinding"
                && document.object[path: ["spec", "policyName"]]?.string == name
                && PolicyConsequence.denies(document.object)
        }
        return isBound ? .forbids : .unrelated
    }

    /// Whether what the policy or binding forbids is refused; where it does not say, it is.
    private static func denies(_ object: JSONValue) -> Bool {
        object[path: ["spec", "validationActions"]]?.array?.contains("Deny") ?? true
    }

    private func concernsPods(_ constraints: JSONValue?) -> Bool {
        guard let rules = constraints?["resourceRules"]?.array else { return true }
        return rules.contains { rule in
            guard let resources = rule["resources"]?.array else { return true }
            return resources.contains { ["pods", "*", "*/*"].contains($0.string ?? "*") }
        }
    }
}

extension PolicyDocument {
    /// Whether `problem` is about this document.
    fileprivate func isMeant(by problem: PolicyProblem) -> Bool {
        guard source == problem.source else { return false }
        let name = object[path: ["metadata", "name"]]?.string ?? ""
        return problem.policy == name || problem.policy.hasSuffix("/" + name)
    }
}
