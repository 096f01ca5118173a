/// A level of the Pod Security Standards, from the loosest to the strictest.
///
/// Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
public enum PodSecurityLevel: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Everything is allowed.
    case privileged
    /// Known ways to gain privileges are forbidden.
    case baseline
    /// Hardened as far as common practice goes.
    case restricted

    /// Whether `left` forbids less than `right`.
    public static func < (left: PodSecurityLevel, right: PodSecurityLevel) -> Bool {
        left.strictness < right.strictness
    }

    private var strictness: Int {
        switch self {
        case .privileged: 0
        case .baseline: 1
        case .restricted: 2
        }
    }
}
