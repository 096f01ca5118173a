import AgentProtocol
import KubernetesCore
import Locking
import Reconcilers

/// What agents say, and what their attempts say themselves: brought together before it reaches the
/// cache, so that neither takes the other's place.
actor SessionBoard {
    /// Most agents and attempts that are remembered; far above what one cluster has.
    private static let countMax = 100_000

    private let sessions: any AgentSessions
    private var last: [UID: AgentSession] = [:]
    private var notes: [LeaseID: AttemptNote] = [:]
    /// Attempts that are over and whose notes are still here.
    private let over = Mutex<[LeaseID]>([])

    init(sessions: any AgentSessions) { self.sessions = sessions }

    /// Takes what an agent says, in place of what it said before.
    func publish(_ session: AgentSession) async {
        clearOver()
        if last.count >= Self.countMax { last.removeAll() }
        let session = session.following(last[session.metadata.uid])
        last[session.metadata.uid] = session
        await sessions.publish(session.adding(notes))
    }

    /// Takes what an attempt of the agent says itself.
    func note(
        _ id: LeaseID, of agent: UID, _ edit: @Sendable (inout AttemptNote) -> Void
    ) async {
        clearOver()
        if notes.count >= Self.countMax { notes.removeAll() }
        edit(&notes[id, default: AttemptNote()])
        guard let session = last[agent] else { return }
        await sessions.publish(session.adding(notes))
    }

    /// Forgets attempts that are over, with the next word that comes. What comes to the cache waits
    /// for nobody, and neither does this.
    nonisolated func forget(_ ids: [LeaseID]) {
        over.withLock { over in
            guard over.count < Self.countMax else { return }
            over += ids
        }
    }

    private func clearOver() {
        let ids = over.withLock { over in
            defer { over.removeAll(keepingCapacity: true) }
            return over
        }
        for id in ids { notes[id] = nil }
    }
}
