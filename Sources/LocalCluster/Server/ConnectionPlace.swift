import APIServerModel
import NIOCore

/// Where a connection stands in its channel, whatever it speaks: with whom it deals there, and what
/// it has written but not sent.
///
/// Used on the connection's event loop alone. A class, because what it calls may call back.
final class ConnectionPlace {
    let service: APIService
    let watch: ConnectionGuard
    let eventLoop: any EventLoop
    /// The handler's context; nil before it is in its pipeline and after.
    var context: ChannelHandlerContext?
    private var client: UserIdentity??
    /// Whether what is written is sent when all that has come in was looked at.
    private(set) var isReading = false
    private var mustFlush = false

    init(_ service: APIService, _ watch: ConnectionGuard, eventLoop: any EventLoop) {
        self.service = service
        self.watch = watch
        self.eventLoop = eventLoop
    }

    /// Whom the client's certificate names. Found out once for each connection.
    var identity: UserIdentity? {
        if let client { return client }
        let found = context.flatMap { ClientCertificate.identity(in: $0.pipeline.syncOperations) }
        client = .some(found)
        return found
    }

    /// Whether the client takes what is written.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Something has come in; more may follow at once.
    func readingBegan() { isReading = true }

    /// All that had come in was looked at: sends what was written meanwhile.
    func readingEnded() {
        isReading = false
        guard mustFlush else { return }
        mustFlush = false
        context?.flush()
    }

    /// Sends what was written: at once, or when all that has come in was looked at.
    func flush() {
        if isReading { mustFlush = true } else { context?.flush() }
    }

    /// A promise for what is written last: the connection is closed when that is sent. Nil where
    /// the connection is gone.
    func closing() -> EventLoopPromise<Void>? {
        guard let context else { return nil }
        let sent = eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        return sent
    }
}
