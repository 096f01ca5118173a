public import KubernetesCore

/// What a namespace demands of its pods, as its labels say it.
public struct NamespacePodSecurity: Hashable, Sendable {
    /// What is refused.
    public var enforce: PodSecurityProfile
    /// What is noted for those who read the audit log.
    public var audit: PodSecurityProfile
    /// What whoever asks is warned about.
    public var warn: PodSecurityProfile

    /// A namespace by its three profiles.
    public init(
        enforce: PodSecurityProfile = PodSecurityProfile(.privileged),
        audit: PodSecurityProfile = PodSecurityProfile(.privileged),
        warn: PodSecurityProfile = PodSecurityProfile(.privileged)
    ) {
        self.enforce = enforce
        self.audit = audit
        self.warn = warn
    }

    /// What all labels and annotations of pod security begin with.
    public static let prefix = "pod-security.kubernetes.io/"

    /// Reads labels over `defaults`, and what is wrong with them. A level that is none counts as
    /// `restricted` where it is enforced and as `privileged` else; a version that is none counts as
    /// `latest`.
    public static func reading(
        labels: JSONObject, over defaults: NamespacePodSecurity = NamespacePodSecurity()
    ) -> (NamespacePodSecurity, [FieldError]) {
        var result = defaults
        var errors: [FieldError] = []
        func read(_ mode: String, _ profile: inout PodSecurityProfile) {
            if let text = labels[prefix + mode]?.string {
                let level = PodSecurityLevel(rawValue: text)
                profile.level = level ?? (mode == "enforce" ? .restricted : .privileged)
                if level == nil {
                    let known = PodSecurityLevel.allCases.map(\.rawValue).joined(separator: ", ")
                    errors.append(fault(mode, text, "must be one of \(known)"))
                }
            }
            if let text = labels[prefix + mode + "-version"]?.string {
                let version = PodSecurityVersion(text)
                profile.version = version ?? .latest
                if version == nil {
                    errors.append(
                        fault(mode + "-version", text, "must be \"latest\" or \"v1.x\""))
                }
            }
        }
        read("enforce", &result.enforce)
        read("audit", &result.audit)
        read("warn", &result.warn)
        return (result, errors)
    }

    private static func fault(_ name: String, _ text: String, _ why: String) -> FieldError {
        .invalid(FieldPath("metadata.labels").key(prefix + name), .string(text), why)
    }
}
