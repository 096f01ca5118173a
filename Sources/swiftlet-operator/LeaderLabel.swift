import ControlLoop
import KubernetesClient
import KubernetesCore
import KubernetesRuntime
import Logging
import Reconcilers
import ServiceLifecycle

/// Keeps the label by which the gateway's Service selects on the pod that leads; see `LeaderMark`.
struct LeaderLabel: Service {
    /// The pod that this process runs in.
    let pod: Key<PodView>
    let client: KubernetesClient
    let applier: Applier
    let leadership: LeadershipState
    let log: Logger

    /// How often a leader looks whether the label is still where it belongs: nobody tells it that
    /// somebody took it away.
    private static let again = Duration.seconds(30)
    /// How long after a failure it looks again.
    private static let retry = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Asked for before the first look, so that no change comes between the two.
            let change = Signal()
            leadership.subscribe(change)
            while !Task.isCancelled {
                var due: Instant?
                if leadership.current != nil {
                    let pause = await mark() ? Self.again : Self.retry
                    due = SystemTime().now.instant + pause
                }
                await change.wait(until: due)
            }
        }
    }

    /// Looks where the label is and puts it where it belongs; false where that failed.
    private func mark() async -> Bool {
        do throws(APIError) {
            let own = try await client.get(pod)
            let marked = try await client.list(
                PodView.self, in: LeaderMark.selection(in: pod.namespace))
            let writes = LeaderMark.writes(own: own, marked: marked.items)
            guard !writes.isEmpty else { return true }
            let outcome = await applier.apply(
                Plan(steps: writes.map { [$0] }), root: own.reference, access: LeaderMark.access)
            if case .applied = outcome { return true }
            log.warning("the label of the leading pod could not be set: \(outcome)")
        } catch {
            log.warning("the pod \(pod) that leads could not be read: \(error)")
        }
        return false
    }
}
