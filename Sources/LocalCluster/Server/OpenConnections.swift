import Locking
import NIOCore

/// The connections of a server, so that they end with it.
final class OpenConnections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var isEnding = false
    }

    private let state = Mutex(State())

    /// Takes a connection in until it closes; closes it where the server is ending.
    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isEnding = state.withLock { state -> Bool in
            state.open[id] = channel
            return state.isEnding
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.open[id] = nil }
        }
        if isEnding { channel.close(promise: nil) }
    }

    /// Lets every connection end what it is at, at most for `time`, and returns when all are
    /// closed.
    func end(within time: TimeAmount) async throws {
        let channels = state.withLock { state -> [any Channel] in
            state.isEnding = true
            return Array(state.open.values)
        }
        for channel in channels {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            let late = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in late.cancel() }
        }
        for channel in channels { try await channel.closeFuture.get() }
    }
}
