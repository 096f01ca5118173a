import FoundationEssentials
public import KubernetesCore

/// Brings a gateway from one certificate to the next without losing an agent: agents are given the
/// new roots first, and the certificate is shown once they have had time to hear of them. The old
/// roots are given for a while longer.
public struct CertificateRollover: Sendable {
    /// How long agents are given roots before a certificate counts on them.
    public static let lead = Duration.seconds(Int64(AuthorityBook.lead))
    /// How long agents are given roots that nothing counts on any more.
    static let retention = Duration.seconds(3_600)

    /// What has to be done now.
    public struct Step: Sendable {
        /// The roots that agents are to be given, in PEM; nil where they are as they were.
        public var roots: String?
        /// The identity that is to be shown; nil where it is as it was.
        public var shown: GatewayIdentity?
    }

    /// Roots that agents are given.
    private struct Root {
        let pem: String
        /// Since when; nil for those that they have had from the start.
        let since: Timestamp?
        /// Until when; nil for those that are counted on.
        var until: Timestamp?
    }

    /// The identity that is shown.
    public private(set) var shown: GatewayIdentity
    /// The identity that is to be shown.
    private var wanted: GatewayIdentity
    private var roots: [Root]

    /// A gateway that shows `identity`, whose roots agents have.
    public init(_ identity: GatewayIdentity) {
        shown = identity
        wanted = identity
        roots = identity.roots.map { Root(pem: $0, since: nil, until: nil) }
    }

    /// The roots that agents are given, in PEM.
    public var given: String { roots.map(\.pem).joined(separator: "\n") }

    /// Takes in what should be shown, the same as before included, and says what is due at `now`.
    public mutating func step(to identity: GatewayIdentity?, at now: Timestamp) -> Step {
        var step = Step()
        let before = given
        if let identity { wanted = identity }
        for pem in wanted.roots where !roots.contains(where: { $0.pem == pem }) {
            roots.append(Root(pem: pem, since: now, until: nil))
        }
        if wanted.certificatePEM != shown.certificatePEM, isKnown(wanted, at: now) {
            shown = wanted
            step.shown = wanted
        }
        let needed = Set(wanted.roots).union(shown.roots)
        for index in roots.indices {
            let isNeeded = needed.contains(roots[index].pem)
            roots[index].until =
                isNeeded ? nil : roots[index].until ?? now + CertificateRollover.retention
        }
        roots.removeAll { root in root.until.map { $0 <= now } ?? false }
        if given != before { step.roots = given }
        return step
    }

    /// Whether agents have had a root for long enough that vouches for the identity.
    private func isKnown(_ identity: GatewayIdentity, at now: Timestamp) -> Bool {
        let known = roots.filter { root in
            root.since.map { $0 + CertificateRollover.lead <= now } ?? true
        }
        return GivenCertificate.vouch(
            known.map(\.pem), for: identity.certificatePEM,
            at: Date(timeIntervalSince1970: Double(now.seconds)))
    }
}
