public import KubernetesCore

/// A `kyverno-test.yaml`: policies, objects, and what the policies are expected to say.
///
/// Source: https://kyverno.io/docs/subprojects/kyverno-cli/reference/kyverno_test/
public struct PolicyTest: Sendable {
    /// One entry of `results`.
    public struct Expectation: Sendable {
        /// The policy's name; `namespace/name` or the name alone for one in a namespace.
        public let policy: String
        /// The rule's name; `nil` means every rule.
        public let rule: String?
        /// The kind of the objects; `nil` means any.
        public let kind: String?
        /// The namespace of the objects; `nil` means any.
        public let namespace: String?
        /// Names of objects, or `namespace/name`; empty means every object.
        public let resources: [String]
        /// The expected verdict.
        public let outcome: PolicyResult.Outcome
        /// The file of what a mutation is expected to make, relative to the test.
        public let patched: String?
    }

    /// The test's name.
    public let name: String
    /// Files or folders of policies, relative to the test.
    public let policies: [String]
    /// Files of objects.
    public let resources: [String]
    /// Files of exceptions.
    public let exceptions: [String]
    /// Files of objects that parameter references can name.
    public let parameters: [String]
    /// The file of values, where there is one.
    public let valuesFile: String?
    /// Values that the test holds itself.
    public let values: JSONValue?
    /// The file that says who asks.
    public let userFile: String?
    /// The file of what stands for the cluster.
    public let contextFile: String?
    /// What is expected.
    public let expectations: [Expectation]

    private static let known: Set<String> = [
        "apiVersion", "kind", "metadata", "name", "policies", "resources", "targetResources",
        "variables", "values", "userinfo", "exceptions", "context", "paramResources",
        "clusterResources", "jsonPayload", "results", "checks",
    ]

    /// Reads a test, found at `source`. Unknown fields are refused, and so are those of tests that
    /// need what is not there: a cluster, other payloads than objects.
    public init(reading value: JSONValue, source: String) throws(PolicyProblem) {
        let own = value["metadata"]?["name"]?.string ?? value["name"]?.string ?? ""
        let place = PolicyPlace(source: source, policy: own)
        let fields = try Fields(value, at: "", in: place, known: PolicyTest.known)
        for key in ["targetResources", "clusterResources", "jsonPayload", "checks"]
        where fields.has(key) {
            guard let list = fields.value(key)?.array, list.isEmpty else {
                throw fields.problem(key, "is not supported by this command")
            }
        }
        name = own
        policies = try fields.strings("policies")
        resources = try fields.strings("resources")
        exceptions = try fields.strings("exceptions")
        parameters = try fields.strings("paramResources")
        valuesFile = try fields.string("variables")
        values = fields.value("values")
        userFile = try fields.string("userinfo")
        contextFile = try fields.string("context")
        var expectations: [Expectation] = []
        for (index, value) in try fields.list("results").enumerated() {
            expectations.append(try PolicyTest.expectation(value, at: "results[\(index)]", place))
        }
        self.expectations = expectations
    }

    private static func expectation(
        _ value: JSONValue, at path: String, _ place: PolicyPlace
    ) throws(PolicyProblem) -> Expectation {
        let fields = try Fields(
            value, at: path, in: place,
            known: [
                "policy", "rule", "resource", "resources", "kind", "namespace", "result", "status",
                "patchedResource", "patchedResources", "generatedResource", "cloneSourceResource",
                "isValidatingPolicy", "isValidatingAdmissionPolicy",
                "isMutatingAdmissionPolicy", "isImageValidatingPolicy", "isDeletingPolicy",
                "isGeneratingPolicy", "isMutatingPolicy",
            ])
        let status = try fields.string("status")
        let word = try fields.string("result") ?? status ?? ""
        guard let outcome = PolicyResult.Outcome(rawValue: word) else {
            throw fields.problem(
                "result", "\"\(word)\" is none of: pass, fail, skip, error, warn")
        }
        var names = try fields.strings("resources")
        if names.isEmpty, let one = try fields.string("resource"), !one.isEmpty { names = [one] }
        func filled(_ key: String) throws(PolicyProblem) -> String? {
            guard let text = try fields.string(key), !text.isEmpty else { return nil }
            return text
        }
        let single = try filled("patchedResource")
        let patched = try filled("patchedResources") ?? single
        return Expectation(
            policy: try fields.requiredString("policy"), rule: try filled("rule"),
            kind: try filled("kind"), namespace: try filled("namespace"), resources: names,
            outcome: outcome, patched: patched)
    }
}
