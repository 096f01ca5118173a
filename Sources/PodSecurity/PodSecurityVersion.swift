/// A version of the Pod Security Standards: `v1.30`, or `latest`, which is newer than all others.
public struct PodSecurityVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let minor: Int

    /// The newest one, whatever that is.
    public static let latest = PodSecurityVersion(minor: Int.max)

    /// The version of Kubernetes 1.`minor`.
    public init(minor: Int) {
        self.minor = minor
    }

    /// Reads `latest` or `v1.` and a number without leading zeros; nil where `text` is neither.
    public init?(_ text: String) {
        if text == "latest" {
            self = .latest
            return
        }
        let digits = text.dropFirst(3)
        guard text.hasPrefix("v1."), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            digits == "0" || digits.first != "0", let minor = Int(digits), minor < Int.max
        else { return nil }
        self.minor = minor
    }

    /// Whether this is `latest`.
    public var isLatest: Bool { minor == Int.max }

    /// As it is written in labels.
    public var description: String { isLatest ? "latest" : "v1.\(minor)" }

    /// The order of releases.
    public static func < (left: PodSecurityVersion, right: PodSecurityVersion) -> Bool {
        left.minor < right.minor
    }
}
