import Locking
import Reconcilers

/// Tells the cache since when agents are answered.
///
/// Silence of agents counts from then on. A process that has just come to lead has heard nothing
/// from them through no fault of theirs, so what it knew from an earlier time must not stand.
final class PresenceWatch: Sendable {
    private let sessions: any AgentSessions
    private let onSilence: @Sendable () -> Void
    private let listening = Mutex(false)

    /// How often it is looked at. A lease that is not renewed ends by the passing of time alone, of
    /// which nobody tells; so this is looked at, not waited for, far more often than leaders
    /// change.
    private static let interval = Duration.milliseconds(200)

    /// - Parameter onSilence: is called when agents were answered and are not any more.
    init(sessions: any AgentSessions, onSilence: @escaping @Sendable () -> Void) {
        self.sessions = sessions
        self.onSilence = onSilence
    }

    /// Whether agents can connect.
    var isListening: Bool {
        get { listening.withLock { $0 } }
        set { listening.withLock { $0 = newValue } }
    }

    /// Follows until the task is cancelled.
    func follow() async {
        var isAnswering = false
        await sessions.publish(GatewayPresence(answeringSince: nil))
        while !Task.isCancelled {
            let answersNow = isListening ? await sessions.view() != nil : false
            if answersNow != isAnswering {
                isAnswering = answersNow
                if !answersNow { onSilence() }
                await sessions.publish(
                    GatewayPresence(answeringFrom: answersNow ? SystemTime.moment : nil))
            }
            // Cancelled while it sleeps, the loop ends.
            try? await Task.sleep(for: Self.interval)
        }
    }
}
