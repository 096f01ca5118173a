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
