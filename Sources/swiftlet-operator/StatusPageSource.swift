import AgentGateway
import Console
import ControlLoop
import KubernetesCore
import KubernetesRuntime
import Locking
import SwiftletAPI

/// The status page from the operator's cache. It decides nothing: `StatusPage` does.
///
/// One document is made at a time, and each is kept for a second and for ten times as long as it
/// took to make: however many people look, and however much there is to see, looking takes a tenth
/// of one core at most for each document.
actor StatusPageSource {
    private struct Kept {
        let document: MetricsListener.Document
        let until: ContinuousClock.Instant
    }

    /// Most documents that are kept.
    private static let keptMax = 16

    private let cache: ClusterCache
    private let leadership: LeadershipState
    private nonisolated let ended = Mutex(EndedTasks())
    private var kept: [StatusPage.Document: Kept] = [:]

    init(cache: ClusterCache, leadership: LeadershipState) {
        self.cache = cache
        self.leadership = leadership
    }

    /// Notes from now on which tasks end.
    func follow() async {
        await cache.observe(BackgroundTask.self) { [self] changes, _ in
            ended.withLock { $0.take(changes) }
        }
    }

    /// What is at `path` below the page's root.
    func document(path: String, name: String?) -> MetricsListener.Document {
        guard let document = StatusPage.Document(path: path, name: name) else {
            return Self.sent(StatusPage.missing)
        }
        if case .file(let asset) = document { return Self.sent(StatusPage.reply(asset)) }
        let begun = ContinuousClock.now
        if let kept = kept[document], begun < kept.until { return kept.document }
        let subject = StatusPage.Subject(
            view: cache.snapshot, ended: ended.withLock { $0 }, standing: standing,
            time: SystemTime().now.time)
        let made = Self.sent(StatusPage(subject).reply(document))
        let done = ContinuousClock.now
        kept = kept.filter { $0.value.until > done }
        if kept.count < Self.keptMax {
            kept[document] = Kept(
                document: made, until: done + max(.seconds(1), (done - begun) * 10))
        }
        return made
    }

    private var standing: Standing {
        leadership.current == nil ? .follows(leader: leadership.holder) : .leads
    }

    private static func sent(_ reply: PageReply) -> MetricsListener.Document {
        MetricsListener.Document(status: reply.status, fields: reply.fields, body: reply.body)
    }
}
