import ControlLoop
import Hummingbird
import KubernetesCore
import Locking
import ModelContextProtocol
import NIOCore
import SwiftletAPI

/// One answer that stays open: waits for changes of a caller's tasks and writes what
/// `TaskSubscription` says of them.
///
/// It ends with its result when there is nothing more to tell, when it has lasted long enough,
/// when the caller may not see the tasks any more or nobody can say whether they may, and when this
/// process ends or leads no more. Without one it ends when the client leaves, or does not read.
final class SubscriptionStream: Sendable {
    private let request: Request
    private let channel: any Channel
    private let errands: TaskErrands
    private let waits: AgentWaits
    private let place: StreamPlaces.Place
    private let hasLeft = Mutex(false)

    private var limits: GatewayLimits { errands.admission.limits }

    init(
        request: Request, channel: any Channel, errands: TaskErrands, waits: AgentWaits,
        place: StreamPlaces.Place
    ) {
        self.request = request
        self.channel = channel
        self.errands = errands
        self.waits = waits
        self.place = place
    }

    /// Tells the client what the subscription comes to, until it is over.
    func tell(
        _ subscription: TaskSubscription, _ writer: inout any ResponseBodyWriter
    ) async throws {
        defer { place.give() }
        try await noticeWhenTheClientLeaves()
        try await follow(subscription, &writer)
        try await writer.finish(nil)
    }

    /// A client that closes its side of the connection does not listen any more. And no second
    /// request follows on this connection: what is noted on it here stands for this stream alone.
    private func noticeWhenTheClientLeaves() async throws {
        channel.closeFuture.whenComplete { [self] _ in
            hasLeft.withLock { $0 = true }
            waits.wake([place.uid])
        }
        try await channel.setOption(ChannelOptions.allowRemoteHalfClosure, value: false).get()
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    private func follow(
        _ subscription: TaskSubscription, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var subscription = subscription
        let begin = now
        let end = begin + limits.subscriptionTime
        var reviewed = begin
        try await write(.message(subscription.acknowledgement), &writer)
        var said = now
        while true {
            let uids = [place.uid] + subscription.handles.compactMap(\.uid)
            let look = waits.look(for: uids)
            guard !hasLeft.withLock({ $0 }) else { return }
            guard !waits.isEnding, !Task.isCancelled, now < end else { break }
            if now - reviewed >= limits.subscriptionReviewTime {
                guard await isStillLetIn(for: subscription.handles) else { break }
                reviewed = now
            }
            guard let tasks = await tasks(subscription.handles) else { break }
            let step = subscription.step(tasks, at: now)
            for message in step.messages { try await write(.message(message), &writer) }
            if !step.messages.isEmpty { said = now }
            if step.isOver { break }
            if now - said >= limits.subscriptionBeat {
                try await write(.beat, &writer)
                said = now
            }
            let next = [
                said + limits.subscriptionBeat, reviewed + limits.subscriptionReviewTime, end,
                step.due ?? end,
            ]
            await waits.wait(for: uids, after: look, atMost: (next.min() ?? end) - now)
        }
        try await write(.message(subscription.end), &writer)
    }

    private var now: Instant { SystemTime.moment.instant }

    /// Writes an event. A client that does not take it in time is left: nothing is kept for it.
    private func write(
        _ event: ServerSentEvent, _ writer: inout any ResponseBodyWriter
    ) async throws {
        let alarm = channel.eventLoop.scheduleTask(in: .init(limits.subscriptionWriteTime)) {
            [channel] in channel.close(promise: nil)
        }
        defer { alarm.cancel() }
        try await writer.write(ByteBuffer(bytes: event.bytes))
    }

    /// The tasks as they are, without those that are gone; nil where nobody can say, or where this
    /// process does not lead: the client asks whoever does.
    private func tasks(_ handles: [TaskHandle]) async -> [TaskHandle: BackgroundTask]? {
        do {
            let view = try await errands.admission.view()
            var found: [TaskHandle: BackgroundTask] = [:]
            for handle in handles {
                if let task = view[handle.key], handle.means(task) {
                    found[handle] = task
                } else if let task = try await errands.task(handle) {
                    found[handle] = task
                }
            }
            return found
        } catch {
            return nil
        }
    }

    /// Whether the token is still good, still the same caller's, and the caller may still see the
    /// tasks. Where nobody can say, no.
    private func isStillLetIn(for handles: [TaskHandle]) async -> Bool {
        do {
            guard try await errands.admission.caller(of: request) == errands.caller else {
                return false
            }
            for namespace in Set(handles.map(\.key.namespace)).sorted() {
                guard try await errands.may("get", in: namespace) else { return false }
            }
            return true
        } catch {
            return false
        }
    }
}
