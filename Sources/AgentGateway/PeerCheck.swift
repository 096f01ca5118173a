import KubernetesCore
import Locking
import Reconcilers

/// Looks whether agents' tokens come from their pods, writes down where they do not, and refuses
/// them where that is wanted.
final class PeerCheck: Sendable {
    private let binds: Bool
    private let audit: @Sendable (JSONValue) -> Void
    private let sightings = Mutex(Sightings<UID>())

    /// - Parameter binds: whether tokens are taken from their own pods alone.
    init(binds: Bool, audit: @escaping @Sendable (JSONValue) -> Void) {
        self.binds = binds
        self.audit = audit
    }

    /// Throws where the token of `pod` came from another address, and that is not wanted.
    func check(_ pod: PodView, from peer: String?) throws {
        let verdict = PeerBinding.verdict(pod: pod.addresses, peer: peer, binds: binds)
        guard case .elsewhere(let isRefused) = verdict else { return }
        if sightings.withLock({ $0.take(pod.metadata.uid, at: .now) }) {
            audit(
                AuditTrail.record(
                    ofTokenOf: pod, from: peer, isRefused: isRefused,
                    minute: SystemTime.now.seconds / 60))
        }
        guard isRefused else { return }
        throw Refusal.forbidden(
            "the token of \(pod.key) is taken from the pod's own address alone, and this call came "
                + "from \(peer ?? "nowhere"); the operator runs with --bind-agent-address")
    }
}
