public import KubernetesCore

/// A `PolicyException` of `policies.kyverno.io`: which objects a policy does not hold for.
public struct ExpressionException: Sendable {
    /// A policy by its name and kind.
    struct Reference: Sendable, Hashable {
        let name: String
        let kind: String
    }

    /// `namespace/name`, or the name alone.
    public let name: String
    let policies: [Reference]
    let conditions: [ExpressionSet.Condition]
    let images: [String]
    let values: [String]
    /// Whether an exempted object counts as one that passes.
    let reportsPass: Bool
    /// Which exception decides how the exemption is reported, where several match.
    let priority: Int64
    let expires: Timestamp?

    /// Whether `object` is an exception that this can read.
    public static func recognizes(_ object: JSONValue) -> Bool {
        object["kind"]?.string == "PolicyException"
            && (object["apiVersion"]?.string ?? "").hasPrefix("policies.kyverno.io/")
    }

    /// Reads an exception of `policies.kyverno.io/v1`, `v1beta1` or `v1alpha1`.
    public init(_ document: PolicyDocument) throws(PolicyProblem) {
        let metadata = document.object["metadata"]
        let own = metadata?["name"]?.string ?? ""
        let place = PolicyPlace(source: document.source, policy: own)
        let root = try Fields(
            document.object, at: "", in: place,
            known: ["apiVersion", "kind", "metadata", "spec", "status"])
        let versions = ["v1", "v1beta1", "v1alpha1"].map { "policies.kyverno.io/" + $0 }
        guard versions.contains(try root.requiredString("apiVersion")) else {
            throw root.problem(
                "apiVersion", "is none of: \(versions.joined(separator: ", "))")
        }
        guard !own.isEmpty else { throw place.problem("metadata.name", "must be given") }
        let namespace = metadata?["namespace"]?.string ?? ""
        name = namespace.isEmpty ? own : "\(namespace)/\(own)"
        let known: Set<String> = [
            "policyRefs", "matchConditions", "images", "allowedValues", "reportResult",
            "properties", "expiresAt",
        ]
        guard let spec = try root.fields("spec", known: known) else {
            throw root.problem("spec", "must be given")
        }
        var policies: [Reference] = []
        for reference in try spec.objects("policyRefs", known: ["name", "kind"]) {
            policies.append(
                Reference(
                    name: try reference.requiredString("name"),
                    kind: try reference.requiredString("kind")))
        }
        guard !policies.isEmpty else {
            throw spec.problem("policyRefs", "must list at least one policy")
        }
        self.policies = policies
        var compiler = ExpressionCompiler(.kyverno(namespaced: false))
        conditions = try compiler.conditions("matchConditions", of: spec)
        images = try spec.strings("images")
        values = try spec.strings("allowedValues")
        reportsPass = try spec.choice("reportResult", of: ["skip", "pass"]) == "pass"
        let label = metadata?["labels"]?["polex.kyverno.io/priority"]?.string ?? ""
        priority = Int64(label) ?? 0
        expires = try Self.expiry(spec)
    }

    private static func expiry(_ spec: Fields) throws(PolicyProblem) -> Timestamp? {
        guard let text = try spec.string("expiresAt") else { return nil }
        guard let time = Timestamp(text) else {
            throw spec.problem("expiresAt", "\"\(text)\" is no time in the form of RFC 3339")
        }
        return time
    }

    /// Whether this exempts from the whole policy, rather than widening what it allows.
    var isFull: Bool { images.isEmpty && values.isEmpty }

    func names(_ policy: String, kind: String) -> Bool {
        policies.contains(Reference(name: policy, kind: kind))
    }
}
