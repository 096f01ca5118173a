import KubernetesCore

/// Whether an agent's token comes from its pod.
enum PeerBinding {
    /// What an address says about a token.
    enum Verdict: Hashable, Sendable {
        /// It comes from its pod, or nobody can say.
        case fine
        /// It comes from somewhere else.
        case elsewhere(isRefused: Bool)
    }

    /// What the address of a call says.
    /// - Parameters:
    ///   - pod: the addresses of the pod that the token is bound to; none before it has any.
    ///   - peer: where the call comes from; nil where the connection has gone already.
    ///   - binds: whether tokens are taken from their own pods alone.
    static func verdict(pod: [String], peer: String?, binds: Bool) -> Verdict {
        let own = pod.compactMap(IPAddress.canonical)
        guard !own.isEmpty else { return .fine }
        // Who hangs up at once must not thereby come in.
        guard let peer else { return binds ? .elsewhere(isRefused: true) : .fine }
        if let address = IPAddress.canonical(peer), own.contains(address) { return .fine }
        return .elsewhere(isRefused: binds)
    }
}

/// Of which pods it was told lately that their tokens come from elsewhere: once a minute each.
struct PeerSightings {
    static let pause = Duration.seconds(60)
    /// Most pods that are told of in one minute; of further ones nothing is told until then.
    static let podsMax = 1_024

    private var last: [UID: ContinuousClock.Instant] = [:]

    /// Whether it is to be told of this pod now.
    mutating func take(_ pod: UID, at now: ContinuousClock.Instant) -> Bool {
        if let before = last[pod], now < before + Self.pause { return false }
        if last.count >= Self.podsMax {
            last = last.filter { now < $0.value + Self.pause }
            guard last.count < Self.podsMax else { return false }
        }
        last[pod] = now
        return true
    }
}
