public import ControlLoop
public import KubernetesCore
public import PolicyEngine
public import SwiftletAPI

/// What the policies say about the agents that a pool would create: a local observation beside the
/// pool, under the pool's key.
public struct PoolVerdict: ClusterObject {
    /// What was judged. A verdict about something else than what the pool asks for now says
    /// nothing.
    public struct Subject: Hashable, Sendable {
        /// The identity of the pool that asks.
        public var pool: UID
        /// The hash of the template before policies added anything to it.
        public var revision: String
        /// What the pool says about policies.
        public var policies: BackgroundAgentPoolSpec.Policies

        /// A subject by all its fields.
        public init(
            pool: UID, revision: String, policies: BackgroundAgentPoolSpec.Policies
        ) {
            self.pool = pool
            self.revision = revision
            self.policies = policies
        }
    }

    /// What one rule says.
    public struct Finding: Hashable, Sendable {
        /// The rule's own verdict.
        public var result: PolicyResult
        /// Whether no agent may be created because of it.
        public var forbids: Bool

        /// A finding by both fields.
        public init(_ result: PolicyResult, forbids: Bool) {
            self.result = result
            self.forbids = forbids
        }
    }

    /// Findings that a verdict keeps; those that forbid come first.
    static let findingsMax = 200

    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "PoolVerdict",
        plural: "poolverdicts")
    /// The pool's namespace and name.
    public var metadata: ObjectMeta
    /// What was judged.
    public var subject: Subject
    /// What keeps the policies from being known; nil where they are.
    public var waiting: String?
    /// How many policies hold.
    public var policies = 0
    /// What the rules say that are for the agents.
    public var findings: [Finding] = []
    /// How many rules said something that is not among the findings.
    public var omitted = 0
    /// What could not be loaded and might be about the agents.
    public var faults: [PolicyFault] = []
    /// What mutate rules add to the agents; nil where they add nothing or are not asked.
    public var additions: PodAdditions?

    /// A verdict about the agents of `pool` that says nothing yet.
    public init(pool: Key<BackgroundAgentPool>, subject: Subject) {
        metadata = ObjectMeta(name: pool.name, namespace: pool.namespace)
        self.subject = subject
    }

    /// The verdict about `pool`.
    public static func of(
        _ pool: Key<BackgroundAgentPool>, in view: ClusterView
    ) -> PoolVerdict? {
        view[Key<PoolVerdict>(namespace: pool.namespace, name: pool.name)]
    }

    /// Whether agents may be created.
    public var allows: Bool {
        waiting == nil && !faults.contains(where: \.forbids) && !findings.contains(where: \.forbids)
    }

    /// The same verdict without texts and values that may differ each time a rule is asked.
    var gist: PoolVerdict {
        var result = self
        for index in result.findings.indices {
            result.findings[index].result.message = ""
            result.findings[index].result.path = nil
            result.findings[index].result.annotations = [:]
        }
        result.additions = nil
        return result
    }
}

/// What is added to agents besides what the pool's template says.
public struct PodAdditions: Hashable, Sendable {
    /// The whole spec of an agent.
    public var spec: JSONValue
    /// Labels beside the template's.
    public var labels: JSONObject
    /// Annotations beside the template's.
    public var annotations: JSONObject

    /// Additions by all their parts.
    public init(
        spec: JSONValue, labels: JSONObject = [:], annotations: JSONObject = [:]
    ) {
        self.spec = spec
        self.labels = labels
        self.annotations = annotations
    }
}
