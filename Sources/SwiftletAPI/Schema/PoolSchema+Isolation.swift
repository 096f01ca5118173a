import KubernetesCore

extension PoolSchema {
    static let isolation: StructuralSchema = .object([
        "networkPolicy": .words(
            of: BackgroundAgentPoolSpec.Isolation.NetworkPolicy.self, default: .standard
        ).described("Default denies all but DNS, the gateway and the listed egress."),
        "egress": .array(of: egress, .atomic, maxCount: 64).described(
            "What agents may reach besides DNS and the gateway."),
        "runtimeClassName": .subdomain().described("The RuntimeClass of agents."),
        "serviceAccountName": .subdomain().described("The ServiceAccount of agents."),
    ]).described("What agents may reach and run as.").defaultingToItsDefaults()

    private static let egress: StructuralSchema = .object([
        "cidr": .string(minLength: 1, maxLength: 64).described(
            "A block of addresses, as in 10.0.0.0/8."),
        "except": .array(of: .string(minLength: 1, maxLength: 64), .atomic, maxCount: 32)
            .described("Blocks inside cidr that stay denied."),
        "namespaceSelector": .labelSelector().described("The namespaces of pods to reach."),
        "podSelector": .labelSelector().described("The pods to reach."),
        "ports": .array(
            of: .object(
                [
                    "port": .integer(in: 1...65_535).described("The port's number."),
                    "protocol": .words(
                        of: BackgroundAgentPoolSpec.Port.Transport.self, default: .tcp
                    ).described("What is spoken."),
                ], required: ["port"]), .atomic, maxCount: 32
        ).described("The ports; all where there are none."),
    ]).rule(
        "has(self.cidr) != (has(self.namespaceSelector) || has(self.podSelector))",
        "an egress rule names either cidr, or namespaceSelector and podSelector"
    ).rule(
        "!has(self.except) || has(self.cidr)", "except only makes sense beside cidr",
        fieldPath: ".except")

    static let policies: StructuralSchema = .object([
        "failureAction": .words(
            of: BackgroundAgentPoolSpec.Policies.FailureAction.self, default: .enforce
        ).described("Enforce refuses agents that break a rule; Audit reports them."),
        "mutation": .words(
            of: BackgroundAgentPoolSpec.Policies.Mutation.self, default: .nothing
        ).described("Additions lets mutate rules add to agents; nothing is changed or removed."),
        "exceptions": .array(
            of: .object(
                [
                    "policyName": .string(minLength: 1, maxLength: 253).described("The policy."),
                    "ruleNames": .array(
                        of: .string(minLength: 1, maxLength: 63), .set, maxCount: 64
                    ).described("Its rules; all where there are none."),
                ], required: ["policyName"]), .atomic, maxCount: 64
        ).described("Rules that do not count for this pool."),
    ]).described("Policies that are evaluated on every agent pod before it is created.")
        .defaultingToItsDefaults()

    static let allowedNamespaces: StructuralSchema = .object([
        "from": .words(
            of: BackgroundAgentPoolSpec.AllowedNamespaces.Source.self, default: .same
        ).described("Same, All, or Selector."),
        "selector": .labelSelector().described("The namespaces, with from: Selector."),
    ]).described("Which namespaces' tasks may use the pool.").defaultingToItsDefaults()
        .rule(
            "(self.from == 'Selector') == has(self.selector)",
            "selector belongs to from: Selector: give both or neither", fieldPath: ".selector")
}
