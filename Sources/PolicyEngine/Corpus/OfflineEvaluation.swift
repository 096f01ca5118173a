public import KubernetesCore

/// Policies held against objects without a cluster, as Kyverno's command line does it.
public struct OfflineEvaluation: Sendable {
    /// What one rule says about one object.
    public struct Row: Sendable {
        /// The verdict.
        public let result: PolicyResult
        /// The object's type.
        public let type: ResourceType
        /// The object's namespace; empty where it has none.
        public let namespace: String
        /// The object's name.
        public let name: String
        /// Which of the documents the object was, counted from 0.
        public let document: Int

        /// Whether a test that names `rule` means this row: the rule itself, or one that was made
        /// from it for pod controllers. A test that names no rule means every row of its policy,
        /// and policies of expressions have no rules to tell apart.
        public func isMeant(by rule: String?) -> Bool {
            guard let rule, !rule.isEmpty, isOfRule else { return true }
            return [rule, "autogen-" + rule, "autogen-cronjob-" + rule].contains(result.rule)
        }

        /// Whether the policy has rules with names of their own.
        private var isOfRule: Bool { ["ClusterPolicy", "Policy"].contains(result.kind) }

        /// The row as `swiftlet policy evaluate -o json` prints it. A policy of expressions is its
        /// own rule.
        public var json: JSONValue {
            [
                "policy": .string(result.policy),
                "rule": .string(isOfRule ? result.rule : result.policy),
                "apiVersion": .string(type.apiVersion), "kind": .string(type.kind),
                "namespace": namespace.isEmpty ? .null : .string(namespace), "name": .string(name),
                "result": .string(result.outcome.rawValue), "message": .string(result.message),
            ]
        }
    }

    /// The policies, compiled.
    public let policies: PolicySet
    private let values: OfflineValues
    private let cluster: OfflineCluster
    private let user: PolicyRequest.User

    /// Compiles `policies`; `values` and `cluster` say what a real cluster would, `user` who asks.
    public init(
        policies: [PolicyDocument], values: OfflineValues = OfflineValues(),
        cluster: OfflineCluster = OfflineCluster(),
        user: PolicyRequest.User = PolicyRequest.User(name: "")
    ) {
        self.policies = PolicySet(policies, offline: values)
        self.values = values
        self.cluster = cluster
        self.user = user
    }

    /// What became of one object.
    public struct Judgement: Sendable {
        /// The object as it was given.
        public let resource: OfflineResources.Resource
        /// The object after the rules that change it.
        public let object: JSONValue
        /// The object as each policy that changes objects left it, by the policy's name.
        public let stages: [String: JSONValue]
        /// What the rules say, those that change the object first.
        public let rows: [Row]
    }

    /// What the policies make of each of `resources`, and say about that: as creations, unless the
    /// values say otherwise.
    ///
    /// `parseYAML` reads the YAML that rules hold as text.
    public func judge(
        _ resources: OfflineResources, at now: Timestamp,
        parseYAML: (@Sendable (String) -> JSONValue?)? = nil
    ) -> [Judgement] {
        let cluster = cluster
        var surroundings = PolicySurroundings(now: now) { cluster.answer($0) }
        surroundings.parseYAML = parseYAML
        return resources.resources.map { resource in
            var request = request(for: resource)
            let mutation = policies.mutated(request, surroundings, .everything)
            request.object = mutation.object
            let metadata = resource.object["metadata"]
            let results = mutation.results + policies.evaluate(request, surroundings)
            let rows = results.map { result in
                Row(
                    result: result, type: resource.type,
                    namespace: metadata?["namespace"]?.string ?? "",
                    name: metadata?["name"]?.string ?? "", document: resource.document)
            }
            return Judgement(
                resource: resource, object: request.object, stages: mutation.stages, rows: rows)
        }
    }

    /// The request that creates `resource`, or does what the values say for all objects.
    private func request(for resource: OfflineResources.Resource) -> PolicyRequest {
        let namespace = resource.object["metadata"]?["namespace"]?.string ?? ""
        let known = values.namespaces[namespace]
        let named: JSONValue =
            namespace.isEmpty
            ? .null
            : [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": .string(namespace)],
            ]
        let subresource = values.subresources.first {
            $0.type.group == resource.type.group && $0.type.version == resource.type.version
                && $0.type.kind == resource.type.kind
        }
        let operation = values.operation ?? .create
        return PolicyRequest(
            operation, operation == .delete ? .null : resource.object,
            of: subresource?.parent ?? resource.type, subresource: subresource?.name ?? "",
            oldObject: operation == .create ? .null : resource.object, namespace: known ?? named,
            user: user)
    }
}
