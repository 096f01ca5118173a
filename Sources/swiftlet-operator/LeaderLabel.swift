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

    /// How soon a new leader is noticed; far shorter than a change of leaders takes.
    private static let interval = Duration.milliseconds(250)
    /// How often a leader looks whether the label is still where it belongs.
    private static let again = Duration.seconds(30)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var dueAt = ContinuousClock.now
            var term: Int?
            while !Task.isCancelled {
                let current = leadership.current?.term
                if current != term { dueAt = .now }
                term = current
                if current != nil, dueAt <= .now {
                    dueAt = .now + (await mark() ? Self.again : .seconds(1))
                }
                // Cancelled while it sleeps, the loop ends.
                try? await Task.sleep(for: Self.interval)
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
