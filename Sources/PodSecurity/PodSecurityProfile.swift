/// A level of the Pod Security Standards as one version of Kubernetes defines it.
public struct PodSecurityProfile: Hashable, Sendable, CustomStringConvertible {
    /// How much is forbidden.
    public var level: PodSecurityLevel
    /// By the rules of which version.
    public var version: PodSecurityVersion

    /// A level by the rules of `version`.
    public init(_ level: PodSecurityLevel, _ version: PodSecurityVersion = .latest) {
        self.level = level
        self.version = version
    }

    /// As messages write it: `restricted:latest`.
    public var description: String { level.rawValue + ":" + version.description }
}
