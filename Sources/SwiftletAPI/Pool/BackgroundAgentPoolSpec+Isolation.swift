public import KubernetesCore

extension BackgroundAgentPoolSpec {
    /// What becomes a ResourceQuota scoped to the background priority class.
    public struct Quota: Hashable, Sendable {
        /// Hard limits: resource name to quantity.
        public var hard: [String: String]

        /// A quota of these limits.
        public init(hard: [String: String]) { self.hard = hard }
    }

    /// What agents may reach and run as.
    public struct Isolation: Hashable, Sendable {
        /// Which NetworkPolicy the operator keeps for the pool.
        public enum NetworkPolicy: String, Hashable, Sendable, CaseIterable {
            /// All denied but DNS, the gateway and the listed egress.
            case standard = "Default"
            /// None: somebody else sees to it.
            case none = "None"
        }

        /// Which NetworkPolicy the operator keeps for the pool.
        public var networkPolicy = NetworkPolicy.standard
        /// What agents may reach besides DNS and the gateway.
        public var egress: [Egress] = []
        /// The RuntimeClass of agents; nil for the cluster's default.
        public var runtimeClassName: String?
        /// The ServiceAccount of agents; nil for the template's or the namespace's default.
        public var serviceAccountName: String?

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            networkPolicy = try node.word("networkPolicy", .standard, &faults)
            for rule in try node.list("egress") {
                egress.append(try Egress(reading: rule, &faults))
            }
            runtimeClassName = try node.text("runtimeClassName")
            serviceAccountName = try node.text("serviceAccountName")
        }
    }

    /// One destination that agents may reach.
    public struct Egress: Hashable, Sendable {
        /// A block of addresses, as in `10.0.0.0/8`; nil where selectors name pods instead.
        public var cidr: String?
        /// Blocks inside `cidr` that stay denied.
        public var except: [String] = []
        /// A label selector of namespaces, as JSON.
        public var namespaceSelector: JSONValue?
        /// A label selector of pods, as JSON.
        public var podSelector: JSONValue?
        /// The ports; empty for all.
        public var ports: [Port] = []

        /// A block of addresses, all ports.
        public init(cidr: String) { self.cidr = cidr }

        init(reading node: JSONNode, _ faults: inout [ValidationFault]) throws(JSONError) {
            let node = Optional(node)
            cidr = try node.text("cidr")
            except = try node.texts("except")
            namespaceSelector = try node.nested("namespaceSelector")?.value()
            podSelector = try node.nested("podSelector")?.value()
            for port in try node.list("ports") {
                ports.append(try Port(reading: port, &faults))
            }
        }
    }

    /// A port of a destination.
    public struct Port: Hashable, Sendable {
        /// What is spoken.
        public enum Transport: String, Hashable, Sendable, CaseIterable {
            case tcp = "TCP"
            case udp = "UDP"
            case sctp = "SCTP"
        }

        /// The number.
        public var port: Int
        /// What is spoken.
        public var `protocol`: Transport

        /// A port by number.
        public init(port: Int, protocol: Transport = .tcp) {
            self.port = port
            self.protocol = `protocol`
        }

        init(reading node: JSONNode, _ faults: inout [ValidationFault]) throws(JSONError) {
            _ = try node.required("port")
            port = try Optional(node).integer("port", 1, in: 1...65_535, &faults)
            `protocol` = try Optional(node).word("protocol", .tcp, &faults)
        }
    }

    /// Policies on agent pods.
    public struct Policies: Hashable, Sendable {
        /// What a failed rule does.
        public enum FailureAction: String, Hashable, Sendable, CaseIterable {
            /// The agent is not created.
            case enforce = "Enforce"
            /// The agent is created and the failure is reported.
            case audit = "Audit"
        }

        /// What rules that change objects do to agents.
        public enum Mutation: String, Hashable, Sendable, CaseIterable {
            /// Nothing: agents are as the template says.
            case nothing = "None"
            /// They add what is missing. A rule that would change or remove something is left out.
            case additions = "Additions"
        }

        /// What a failed rule does.
        public var failureAction = FailureAction.enforce
        /// What rules that change objects do to agents.
        public var mutation = Mutation.nothing
        /// Rules that do not count for this pool.
        public var exceptions: [PolicyException] = []

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            failureAction = try node.word("failureAction", .enforce, &faults)
            mutation = try node.word("mutation", .nothing, &faults)
            for exception in try node.list("exceptions") {
                exceptions.append(try PolicyException(reading: exception))
            }
        }
    }

    /// Rules of one policy that do not count for this pool.
    public struct PolicyException: Hashable, Sendable {
        /// The policy.
        public var policyName: String
        /// Its rules; empty for all of them.
        public var ruleNames: [String]

        /// An exception by both fields.
        public init(policyName: String, ruleNames: [String] = []) {
            self.policyName = policyName
            self.ruleNames = ruleNames
        }

        init(reading node: JSONNode) throws(JSONError) {
            policyName = try node.required("policyName").string()
            ruleNames = try Optional(node).texts("ruleNames")
        }
    }

    /// Which namespaces' tasks may use the pool.
    public struct AllowedNamespaces: Hashable, Sendable {
        /// Where tasks may come from.
        public enum Source: String, Hashable, Sendable, CaseIterable {
            case same = "Same"
            case all = "All"
            case selector = "Selector"
        }

        /// Where tasks may come from.
        public var from = Source.same
        /// The label selector of namespaces, as JSON; only with `Selector`.
        public var selector: JSONValue?

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            from = try node.word("from", .same, &faults)
            selector = try node.nested("selector")?.value()
        }
    }
}
