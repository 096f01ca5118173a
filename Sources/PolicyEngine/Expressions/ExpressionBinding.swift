public import KubernetesCore

/// A `ValidatingAdmissionPolicyBinding`: where a policy holds, with which parameters, and what its
/// verdicts mean there.
public struct ExpressionBinding: Sendable {
    /// The binding's name.
    public let name: String
    /// The name of the policy that it binds.
    public let policyName: String
    let action: PolicyResult.Action
    let resources: MatchConstraints?
    let parameters: ParameterReference?

    /// Whether `object` is a binding that this can read.
    public static func recognizes(_ object: JSONValue) -> Bool {
        object["kind"]?.string == "ValidatingAdmissionPolicyBinding"
            && (object["apiVersion"]?.string ?? "").hasPrefix("admissionregistration.k8s.io/")
    }

    /// Reads a binding of `admissionregistration.k8s.io/v1` or `v1beta1`.
    ///
    /// Unknown fields and versions, actions that exclude each other and references that name
    /// nothing are refused.
    public init(_ document: PolicyDocument) throws(PolicyProblem) {
        let object = document.object
        let name = object["metadata"]?["name"]?.string ?? ""
        let place = PolicyPlace(source: document.source, policy: name)
        let versions = ["v1", "v1beta1"].map { "admissionregistration.k8s.io/" + $0 }
        let root = try Fields(
            object, at: "", in: place, known: ["apiVersion", "kind", "metadata", "spec"])
        guard versions.contains(try root.requiredString("apiVersion")) else {
            throw root.problem(
                "apiVersion", "is none of: \(versions.joined(separator: ", "))")
        }
        guard !name.isEmpty else { throw place.problem("metadata.name", "must be given") }
        let known: Set<String> = ["policyName", "paramRef", "matchResources", "validationActions"]
        guard let spec = try root.fields("spec", known: known) else {
            throw root.problem("spec", "must be given")
        }
        self.name = name
        policyName = try spec.requiredString("policyName")
        resources = try spec.constraints("matchResources")
        parameters = try ParameterReference("paramRef", of: spec)
        guard let action = try spec.validationActions("validationActions", areExclusive: true)
        else {
            throw spec.problem(
                "validationActions", "must list at least one of Deny, Warn and Audit")
        }
        self.action = action
    }
}

extension Fields {
    /// What the list `key` of `Deny`, `Warn` and `Audit` comes to; `nil` where it is empty. With
    /// `areExclusive`, `Deny` and `Warn` exclude each other, as Kubernetes has it.
    func validationActions(
        _ key: String, areExclusive: Bool
    ) throws(PolicyProblem) -> PolicyResult.Action? {
        let actions = try strings(key)
        let known = ["Deny", "Warn", "Audit"]
        for (index, action) in actions.enumerated() {
            guard known.contains(action) else {
                throw problem(key, "\"\(action)\" is none of: \(known.joined(separator: ", "))")
            }
            if actions[..<index].contains(action) {
                throw problem(key, "\"\(action)\" is given twice")
            }
        }
        if areExclusive, actions.contains("Deny"), actions.contains("Warn") {
            throw problem(key, "Deny and Warn exclude each other: a denial is told anyway")
        }
        if actions.contains("Deny") { return .enforce }
        if actions.contains("Warn") { return .warn }
        return actions.isEmpty ? nil : .audit
    }
}
