public import KubernetesCore

/// A policy made of CEL expressions: Kyverno's `ValidatingPolicy` and `NamespacedValidatingPolicy`,
/// and Kubernetes' `ValidatingAdmissionPolicy`.
///
/// Reading one compiles all its expressions; evaluating it is total and bounded by Kubernetes' cost
/// limits, whatever the expressions and the objects are.
public struct ExpressionPolicy: Sendable {
    /// The policy's name; `namespace/name` where it lives in a namespace.
    public let name: String
    /// The policy's kind, as in `ValidatingPolicy`.
    public let kind: String
    /// Whether a `ValidatingAdmissionPolicy` that nothing binds is judged as if it were bound to
    /// everything with `Deny`, as Kyverno's command line does. A cluster does not.
    public var judgesUnbound = false
    let form: Form
    private(set) var bindings: [ExpressionBinding] = []
    private(set) var exceptions: [ExpressionException] = []

    enum Form: Sendable {
        case validating(ValidatingForm)
        case admission(AdmissionForm)
    }

    /// The policies that this reads, by their groups.
    static let kinds: [String: Set<String>] = [
        "policies.kyverno.io": ["ValidatingPolicy", "NamespacedValidatingPolicy"],
        "admissionregistration.k8s.io": ["ValidatingAdmissionPolicy"],
    ]

    /// Whether `object` is a policy that this can read.
    public static func recognizes(_ object: JSONValue) -> Bool {
        let group = (object["apiVersion"]?.string ?? "").split(separator: "/").first ?? ""
        return kinds[String(group)]?.contains(object["kind"]?.string ?? "") ?? false
    }

    /// Reads a policy and compiles its expressions.
    ///
    /// Unknown fields, unknown versions, expressions that do not compile or are of a wrong type and
    /// policies that are too large are refused with their place.
    public init(_ document: PolicyDocument) throws(PolicyProblem) {
        let object = document.object
        let own = object["metadata"]?["name"]?.string ?? ""
        let namespace = object["metadata"]?["namespace"]?.string ?? ""
        let kind = object["kind"]?.string ?? ""
        let isNamespaced = kind == "NamespacedValidatingPolicy"
        let name = isNamespaced && !namespace.isEmpty ? "\(namespace)/\(own)" : own
        let place = PolicyPlace(source: document.source, policy: name)
        let root = try Fields(
            object, at: "", in: place,
            known: ["apiVersion", "kind", "metadata", "spec", "status"])
        guard !own.isEmpty else { throw place.problem("metadata.name", "must be given") }
        guard !isNamespaced || !namespace.isEmpty else {
            throw place.problem("metadata.namespace", "must be given")
        }
        self.name = name
        self.kind = kind
        let isAdmission = kind == "ValidatingAdmissionPolicy"
        let versions =
            isAdmission
            ? ["v1", "v1beta1"].map { "admissionregistration.k8s.io/" + $0 }
            : ["v1", "v1beta1", "v1alpha1"].map { "policies.kyverno.io/" + $0 }
        guard Self.recognizes(object), versions.contains(try root.requiredString("apiVersion"))
        else {
            throw root.problem(
                "apiVersion", "is none of: \(versions.joined(separator: ", "))")
        }
        form =
            isAdmission
            ? .admission(try AdmissionForm(root))
            : .validating(try ValidatingForm(root, namespace: isNamespaced ? namespace : nil))
    }

    /// Takes those of `bindings` that bind this policy.
    public mutating func attach(_ bindings: [ExpressionBinding]) {
        guard case .admission = form else { return }
        self.bindings += bindings.filter { $0.policyName == name }
    }

    /// Takes those of `exceptions` that name this policy.
    public mutating func attach(_ exceptions: [ExpressionException]) {
        guard case .validating(let form) = form else { return }
        self.exceptions += exceptions.filter { $0.names(form.plainName(name), kind: kind) }
    }

    /// Judges a request; no results where the policy is not about it.
    ///
    /// A `ValidatingPolicy` gives one result, a `ValidatingAdmissionPolicy` for each binding and
    /// parameter either one that passes or skips or one for each expression that does not hold.
    /// What cannot be evaluated is an `error`; where the policy's failure policy is `Ignore` it
    /// only reports.
    public func evaluate(
        _ request: PolicyRequest, _ surroundings: PolicySurroundings
    ) -> [PolicyResult] {
        switch form {
        case .validating(let form): form.evaluate(self, RequestView(request), surroundings)
        case .admission(let form): form.evaluate(self, RequestView(request), surroundings)
        }
    }

    /// Judges a document that is no Kubernetes object, where the policy's evaluation mode is
    /// `JSON`; no results where it is not.
    public func evaluate(
        document: JSONValue, _ surroundings: PolicySurroundings
    ) -> [PolicyResult] {
        guard case .validating(let form) = form, form.mode == .json else { return [] }
        let type = ResourceType(
            group: "", version: "", kind: "", plural: "", scope: .cluster)
        let view = RequestView(PolicyRequest(.create, document, of: type))
        return form.judge(form.plain, self, view, surroundings).map { [$0] } ?? []
    }

    /// A result of this policy.
    func result(
        _ outcome: PolicyResult.Outcome, _ action: PolicyResult.Action, _ message: String,
        rule: String? = nil, annotations: [String: String] = [:]
    ) -> PolicyResult {
        PolicyResult(
            policy: name, kind: kind, rule: rule ?? name, outcome: outcome, action: action,
            message: message, annotations: annotations)
    }
}
