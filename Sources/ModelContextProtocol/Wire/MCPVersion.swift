/// The versions of the protocol that one endpoint speaks, and the era that a request belongs to.
public enum MCPVersion {
    /// The versions in which every request says all about itself, newest first.
    public static let modern = ["2026-07-28"]
    /// The versions that begin with a handshake, newest first.
    public static let legacy = ["2025-11-25", "2025-06-18", "2025-03-26"]
    /// All of them, newest first: what a refused client is told.
    public static let all = modern + legacy

    /// What a request without any word about its version is taken for.
    static let assumed = "2025-03-26"

    /// The version that a handshake ends with: the client's own where it is spoken here, else the
    /// newest that has a handshake.
    static func agreed(on requested: String) -> String {
        legacy.first { $0 == requested } ?? legacy[0]
    }
}

/// Which of the two generations a request is of. They differ in their envelopes, and in how a task
/// is told of.
public enum MCPEra: Hashable, Sendable {
    /// Each request carries its version and what its client can do.
    case modern
    /// A handshake has been made at some time; the version is what a header said.
    case legacy(version: String)

    /// Whether the request is of the newer generation.
    public var isModern: Bool { self == .modern }
}
