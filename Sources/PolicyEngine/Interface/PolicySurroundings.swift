public import KubernetesCore

/// What a policy may look at besides the request: time, and objects of the cluster.
public struct PolicySurroundings: Sendable {
    /// Something that a policy asks the cluster for.
    public enum Lookup: Hashable, Sendable {
        /// A ConfigMap by namespace and name.
        case configMap(namespace: String, name: String)
        /// A GET of a path of the Kubernetes API, as in `/api/v1/namespaces/x/pods`.
        case apiCall(path: String)
        /// An object that a parameter reference names: `apiVersion`, `kind`, namespace, name.
        case object(apiVersion: String, kind: String, namespace: String, name: String)
        /// The objects of a kind whose labels a selector matches.
        case objects(apiVersion: String, kind: String, namespace: String, selector: LabelSelector)
        /// A Kyverno GlobalContextEntry by name.
        case globalContext(name: String)
        /// What a registry says about an image: an object with `image`, `resolvedImage`,
        /// `registry`, `repository`, `identifier`, `manifest` and `configData`.
        case image(reference: String)
        /// Whether somebody may do something: an object with `allowed`, `reason` and, where the
        /// authorizer failed, `error`.
        case access(AccessQuestion)
    }

    /// Whether somebody may do something, as an expression asks the authorizer.
    public struct AccessQuestion: Hashable, Sendable {
        /// Who would do it.
        public var user: String
        /// The groups of whoever would do it.
        public var groups: [String]
        /// What would be done, as in `get`.
        public var verb: String
        /// The path of a request that is about no resource; empty otherwise.
        public var path = ""
        /// The API group.
        public var group = ""
        /// The resource as paths name it; empty for a path.
        public var resource = ""
        /// The subresource; empty for the object itself.
        public var subresource = ""
        /// The namespace; empty for all.
        public var namespace = ""
        /// The object's name; empty for all.
        public var name = ""
        /// A field selector; empty for none.
        public var fieldSelector = ""
        /// A label selector; empty for none.
        public var labelSelector = ""

        /// Whether `user` may do `verb`.
        public init(user: String, groups: [String], verb: String) {
            self.user = user
            self.groups = groups
            self.verb = verb
        }
    }

    /// What the cluster answered.
    public enum Answer: Sendable, Equatable {
        case found(JSONValue)
        case notFound
        /// The cluster could not be asked, and why: the rule's verdict is an error, never a pass.
        case unavailable(String)
    }

    /// The time of the decision.
    public var now: Timestamp
    /// What makes random values of policies; the same seed gives the same verdicts.
    public var seed: UInt64
    /// Reads from a picture of the cluster. It must not block.
    public var lookup: @Sendable (Lookup) -> Answer
    /// Reads a YAML document, `nil` where it is none. Without it, functions of expressions that
    /// read YAML fail.
    public var parseYAML: (@Sendable (String) -> JSONValue?)?

    /// Surroundings at `now` in which `lookup` answers.
    public init(
        now: Timestamp, seed: UInt64 = 0,
        lookup: @escaping @Sendable (Lookup) -> Answer = { _ in
            .unavailable("no cluster to look this up in")
        }
    ) {
        self.now = now
        self.seed = seed
        self.lookup = lookup
    }
}
