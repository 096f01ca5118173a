public import KubernetesCore

/// Pod security admission: whether a pod, or a kind that makes pods, may be stored in a namespace.
///
/// Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/, with the texts of
/// kube-apiserver 1.36.
public struct PodSecurityAdmission: Hashable, Sendable {
    /// What a namespace demands that has no labels.
    public var defaults: NamespacePodSecurity
    /// Namespaces in which nothing is looked at.
    public var exemptNamespaces: Set<String>
    /// Users whose requests are not looked at, by name.
    public var exemptUsers: Set<String>
    /// Runtime classes whose pods are not looked at.
    public var exemptRuntimeClasses: Set<String>
    /// The version of the server: what is newer counts as that.
    public var newest: PodSecurityVersion

    /// Admission without exemptions, by the rules of `newest`.
    public init(
        defaults: NamespacePodSecurity = NamespacePodSecurity(),
        exemptNamespaces: Set<String> = [], exemptUsers: Set<String> = [],
        exemptRuntimeClasses: Set<String> = [],
        newest: PodSecurityVersion = PodSecurityStandards.newestVersion
    ) {
        self.defaults = defaults
        self.exemptNamespaces = exemptNamespaces
        self.exemptUsers = exemptUsers
        self.exemptRuntimeClasses = exemptRuntimeClasses
        self.newest = newest
    }

    /// An object that somebody wants to store.
    public struct Request: Sendable {
        /// The object's kind.
        public var kind: String
        /// The object as it would be stored.
        public var object: JSONValue
        /// The object as it is; nil for a new one.
        public var old: JSONValue?
        /// The subresource; empty for the object itself.
        public var subresource: String
        /// The namespace's name.
        public var namespace: String
        /// The namespace's labels.
        public var labels: JSONObject
        /// Who asks.
        public var user: String

        /// A request to store `object`.
        public init(
            kind: String, object: JSONValue, old: JSONValue? = nil, subresource: String = "",
            namespace: String, labels: JSONObject, user: String
        ) {
            self.kind = kind
            self.object = object
            self.old = old
            self.subresource = subresource
            self.namespace = namespace
            self.labels = labels
            self.user = user
        }
    }

    private static let ignoredSubresources: Set<String> = [
        "exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status",
    ]

    /// What admission says to a request. A pod can be refused; kinds that make pods never are, so
    /// that the level can be raised step by step: for them there are only warnings and notes.
    public func decide(_ request: Request) -> PodSecurityDecision {
        let isPod = request.kind == "Pod"
        guard PodSecuritySubject.templatePaths[request.kind] != nil else { return .init() }
        let isIgnored =
            isPod
            ? PodSecurityAdmission.ignoredSubresources.contains(request.subresource)
            : !request.subresource.isEmpty
        guard !isIgnored else { return .init() }
        if exemptNamespaces.contains(request.namespace) { return exemption("namespace") }
        if exemptUsers.contains(request.user) { return exemption("user") }
        let (policy, errors) = NamespacePodSecurity.reading(
            labels: request.labels, over: defaults)
        let levels =
            [policy.audit.level, policy.warn.level] + (isPod ? [policy.enforce.level] : [])
        if errors.isEmpty, levels.allSatisfy({ $0 == .privileged }) {
            var decision = PodSecurityDecision()
            if isPod { decision.note("enforce-policy", policy.enforce.description) }
            return decision
        }
        if isPod, let old = request.old,
            !PodSecurityAdmission.isSignificant(request.object, over: old)
        {
            return .init()
        }
        guard let pod = PodSecuritySubject(of: request.object, kind: request.kind) else {
            return .init()
        }
        return decide(pod, policy, errors, isEnforced: isPod)
    }

    private func exemption(_ reason: String) -> PodSecurityDecision {
        var decision = PodSecurityDecision()
        decision.note("exempt", reason)
        return decision
    }

    private func isExempt(_ spec: JSONValue) -> Bool {
        spec["runtimeClassName"]?.string.map(exemptRuntimeClasses.contains) ?? false
    }

    private func decide(
        _ pod: PodSecuritySubject, _ policy: NamespacePodSecurity, _ errors: [FieldError],
        isEnforced: Bool
    ) -> PodSecurityDecision {
        if isExempt(pod.spec) { return exemption("runtimeClass") }
        var decision = PodSecurityDecision()
        if !errors.isEmpty {
            let list = errors.map(\.message).joined(separator: ", ")
            decision.note(
                "error", "Failed to parse policy: " + (errors.count == 1 ? list : "[\(list)]"))
        }
        func violations(_ profile: PodSecurityProfile) -> [PodSecurityViolation] {
            PodSecurityStandards.violations(of: profile, in: pod, newest: newest)
        }
        if isEnforced {
            decision.note("enforce-policy", policy.enforce.description)
            let broken = violations(policy.enforce)
            if !broken.isEmpty {
                decision.refusal =
                    "violates PodSecurity \"\(policy.enforce)\": \(broken.details)"
            }
        }
        let noted = violations(policy.audit)
        if !noted.isEmpty {
            decision.note(
                "audit-violations",
                "would violate PodSecurity \"\(policy.audit)\": \(noted.details)")
        }
        if decision.refusal == nil {
            let doubtful = violations(policy.warn)
            if !doubtful.isEmpty {
                decision.warnings.append(
                    "would violate PodSecurity \"\(policy.warn)\": \(doubtful.details)")
            }
        }
        return decision
    }

    /// Whether an update of a pod changes anything that the standards look at: images, the
    /// annotations of seccomp, ephemeral containers. All else of a pod cannot be changed.
    static func isSignificant(_ pod: JSONValue, over old: JSONValue) -> Bool {
        func containers(_ pod: JSONValue, _ list: String) -> [JSONValue] {
            pod[path: ["spec", list]]?.array ?? []
        }
        func annotation(_ pod: JSONValue, _ key: String) -> JSONValue? {
            pod[path: ["metadata", "annotations", key]]
        }
        func isChanged(_ key: String) -> Bool { annotation(pod, key) != annotation(old, key) }
        func isChanged(_ container: JSONValue, _ before: JSONValue) -> Bool {
            container["image"] != before["image"]
                || isChanged(
                    "container.seccomp.security.alpha.kubernetes.io/"
                        + (container["name"]?.string ?? ""))
        }
        if isChanged("seccomp.security.alpha.kubernetes.io/pod") { return true }
        for list in ["containers", "initContainers"] {
            let (now, before) = (containers(pod, list), containers(old, list))
            if now.count != before.count || zip(now, before).contains(where: isChanged) {
                return true
            }
        }
        let before = containers(old, "ephemeralContainers")
        return containers(pod, "ephemeralContainers").contains { container in
            guard let same = before.first(where: { $0["name"] == container["name"] }) else {
                return true
            }
            return isChanged(container, same)
        }
    }
}
