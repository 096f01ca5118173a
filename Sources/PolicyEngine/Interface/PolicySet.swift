import KubernetesCore

/// Policies, compiled once, by which any number of requests are judged.
public struct PolicySet: Sendable {
    /// The most documents of a set.
    public static let documentsMax = 10_000

    /// What was refused while the policies were loaded, in the order of the documents.
    public let problems: [PolicyProblem]
    private let policies: [Policy]
    private let exceptions: ExceptionList
    private let values: OfflineValues?

    private enum Policy: Sendable {
        case kyverno(ClusterPolicy)
        case expressions(ExpressionPolicy)
    }

    /// Compiles `documents`: policies, bindings and exceptions in any order.
    ///
    /// ClusterPolicy and Policy of `kyverno.io`, ValidatingPolicy and NamespacedValidatingPolicy of
    /// `policies.kyverno.io`, ValidatingAdmissionPolicy with its bindings, and the exceptions of
    /// both groups. Anything else, and what cannot be judged, is named in `problems`.
    ///
    /// With `values` the policies are meant to be judged without a cluster: what they would load
    /// comes from `values`, or stays undefined.
    public init(_ documents: [PolicyDocument], offline values: OfflineValues? = nil) {
        var reader = Reader(isOffline: values != nil)
        for document in documents.prefix(PolicySet.documentsMax) { reader.read(document) }
        if let first = documents.dropFirst(PolicySet.documentsMax).first {
            reader.problems.append(
                PolicyProblem(
                    source: first.source, policy: "", path: "",
                    reason: "there are \(documents.count) documents; "
                        + "\(PolicySet.documentsMax) are taken"))
        }
        problems = reader.problems
        policies = reader.finished()
        exceptions = ExceptionList(reader.exceptions)
        self.values = values
    }

    /// Whether there is no policy to judge by.
    public var isEmpty: Bool { policies.isEmpty }

    /// How many policies there are to judge by.
    public var count: Int { policies.count }

    /// What the policies say about `request`: a verdict for each rule that is for it, in the order
    /// in which policies and rules were given.
    public func evaluate(
        _ request: PolicyRequest, _ surroundings: PolicySurroundings
    ) -> [PolicyResult] {
        var results: [PolicyResult] = []
        for policy in policies {
            switch policy {
            case .kyverno(let policy):
                results += policy.evaluate(request, surroundings, exceptions, values)
            case .expressions(let policy): results += policy.evaluate(request, surroundings)
            }
        }
        return results
    }

    /// What the mutate rules make of the object of `request`: rule after rule and policy after
    /// policy, each on what the one before it left. Nothing is changed where the request deletes.
    public func mutated(
        _ request: PolicyRequest, _ surroundings: PolicySurroundings,
        _ extent: PolicyMutation.Extent = .additions
    ) -> PolicyMutation {
        var request = request
        var results: [PolicyResult] = []
        var stages: [String: JSONValue] = [:]
        if request.operation == .create || request.operation == .update {
            for case .kyverno(let policy) in policies where policy.mutates {
                results += policy.mutate(&request, surroundings, exceptions, values, extent)
                stages[policy.fullName] = request.object
            }
        }
        return PolicyMutation(object: request.object, stages: stages, results: results)
    }

    /// Sorts documents by what they are.
    private struct Reader {
        let isOffline: Bool
        var problems: [PolicyProblem] = []
        var exceptions: [PolicyException] = []
        private var policies: [Policy] = []
        private var bindings: [ExpressionBinding] = []
        private var expressionExceptions: [ExpressionException] = []

        init(isOffline: Bool) { self.isOffline = isOffline }

        mutating func read(_ document: PolicyDocument) {
            let object = document.object
            do throws(PolicyProblem) {
                if ClusterPolicy.recognizes(object) {
                    let reading = ClusterPolicy.read(document, isOffline: isOffline)
                    problems += reading.problems
                    if let policy = reading.policy { policies.append(.kyverno(policy)) }
                } else if PolicyException.recognizes(object) {
                    exceptions.append(try PolicyException(document))
                } else if ExpressionPolicy.recognizes(object) {
                    var policy = try ExpressionPolicy(document)
                    policy.judgesUnbound = isOffline
                    policies.append(.expressions(policy))
                } else if ExpressionException.recognizes(object) {
                    expressionExceptions.append(try ExpressionException(document))
                } else if ExpressionBinding.recognizes(object) {
                    bindings.append(try ExpressionBinding(document))
                } else {
                    throw PolicySet.Reader.unknown(document)
                }
            } catch {
                problems.append(error)
            }
        }

        /// The policies, with what belongs to them.
        func finished() -> [Policy] {
            policies.map { policy in
                guard case .expressions(var policy) = policy else { return policy }
                policy.attach(bindings)
                policy.attach(expressionExceptions)
                return .expressions(policy)
            }
        }

        private static func unknown(_ document: PolicyDocument) -> PolicyProblem {
            let version = document.object["apiVersion"]?.string ?? ""
            let kind = document.object["kind"]?.string ?? ""
            return PolicyProblem(
                source: document.source,
                policy: document.object["metadata"]?["name"]?.string ?? "", path: "kind",
                reason: "\"\(kind)\" of \"\(version)\" is no policy that can be judged here")
        }
    }
}
