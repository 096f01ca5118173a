public import KubernetesCore
public import PodSecurity

/// Why a podSecurity rule, or an exception from one, cannot be used.
public struct PodSecurityRuleProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the document, as in `validate.podSecurity.exclude[0].controlName`.
    public let path: String
    /// What is wrong and what would be right.
    public let reason: String

    /// A problem at `path`.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The whole of it in one line.
    public var description: String { "at \(path): \(reason)" }
}

/// A podSecurity rule of a Kyverno policy: a level of the Pod Security Standards with exclusions.
///
/// Source: https://kyverno.io/docs/policy-types/cluster-policy/validate/#pod-security, with the
/// behaviour of Kyverno 1.18 where the page says nothing.
public struct PodSecurityRule: Sendable {
    /// The version of the standards that Kyverno knows: what Kubernetes changed later is not held
    /// against anybody.
    static let knownVersion = PodSecurityVersion(minor: 34)

    private let profile: PodSecurityProfile
    private let version: String
    private let exclusions: [PodSecurityExclusion]

    /// Reads the value of `podSecurity`, which stands at `path` of the policy.
    public init(reading value: JSONValue, at path: String) throws(PodSecurityRuleProblem) {
        func problem(_ name: String, _ reason: String) -> PodSecurityRuleProblem {
            PodSecurityRuleProblem(path: name.isEmpty ? path : path + "." + name, reason: reason)
        }
        guard let members = value.object else { throw problem("", "must be an object") }
        if let unknown = members.keys.first(where: {
            !["level", "version", "exclude"].contains($0)
        }) {
            throw problem(unknown, "unknown field")
        }
        guard let level = members["level"]?.string.flatMap(PodSecurityLevel.init(rawValue:)) else {
            throw problem("level", "must be one of privileged, baseline, restricted")
        }
        version = members["version"]?.string ?? ""
        guard let known = PodSecurityVersion(version.isEmpty ? "latest" : version) else {
            throw problem("version", "must be \"latest\" or \"v1.x\"")
        }
        profile = PodSecurityProfile(level, known)
        exclusions = try PodSecurityExclusion.list(
            reading: members["exclude"], at: path + ".exclude")
    }

    /// The kinds that the rule can judge.
    public static let kinds: Set<String> = [
        "Pod", "DaemonSet", "Deployment", "Job", "StatefulSet", "ReplicaSet",
        "ReplicationController", "CronJob",
    ]

    /// What an object breaks, its fields named as they stand in the object. Nil where the object's
    /// kind is none that the rule can judge; Kyverno makes that an error of the rule.
    ///
    /// `exceptions` are those of the policy exceptions that match; with them it is as if the rule
    /// excluded more.
    public func violations(
        in object: JSONValue, excluding exceptions: [PodSecurityExclusion] = []
    ) -> [PodSecurityViolation]? {
        let kind = object["kind"]?.string ?? ""
        guard PodSecurityRule.kinds.contains(kind),
            let place = PodSecuritySubject.templatePaths[kind]
        else { return nil }
        // Of a CronJob the metadata of its jobs count, not those of their pods.
        let metadataPath = kind == "CronJob" ? ["spec", "jobTemplate"] : place
        let pod = PodSecurityTarget(
            metadata: object[path: metadataPath + ["metadata"]] ?? [:],
            spec: object[path: place + ["spec"]] ?? [:])
        var violations = judge(pod.subject)
        for exclusion in exclusions + exceptions where !violations.isEmpty {
            violations = exclusion.apply(to: violations, of: pod, judge)
        }
        return place.isEmpty ? violations : violations.map { below(place, $0) }
    }

    private func judge(_ pod: PodSecuritySubject) -> [PodSecurityViolation] {
        PodSecurityStandards.violationsOfEachControl(
            of: profile, in: pod, newest: PodSecurityRule.knownVersion)
    }

    /// A violation with its fields named from the object that holds the template.
    private func below(
        _ place: [String], _ violation: PodSecurityViolation
    ) -> PodSecurityViolation {
        var moved = violation
        moved.fields = violation.fields.map { fault in
            guard fault.path.hasPrefix("spec.") else { return fault }
            return FieldError(
                fault.kind, path: place.joined(separator: ".") + "." + fault.path,
                badValue: fault.badValue, detail: fault.detail)
        }
        return moved
    }

    /// The text of a rule's result, in Kyverno's words.
    public func text(rule: String, _ violations: [PodSecurityViolation]) -> String {
        guard !violations.isEmpty else { return "Validation rule '\(rule)' passed." }
        let list = violations.map { violation in
            let fields = violation.fields.map(PodSecurityRule.text).joined(separator: ", ")
            return "(Forbidden reason: \(violation.reason), field error list: [\(fields)])"
        }
        return "Validation rule '\(rule)' failed. It violates PodSecurity "
            + "\"\(profile.level.rawValue):\(version)\": " + list.joined()
    }

    private static func text(_ fault: FieldError) -> String {
        guard fault.kind == .forbidden, let value = fault.badValue, value != "" else {
            return fault.message
        }
        return "\(fault.path) is forbidden, forbidden values found: \(GoFormat.plain(value))"
    }
}
