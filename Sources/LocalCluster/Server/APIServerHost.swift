import APIServerModel
import KubernetesCore
import Locking
import Logging

/// Keeps the one `APIServer` value of a local cluster: serialises requests, lets the model's
/// controllers run when they are due, and hands watch frames to their connections.
///
/// Under a lock, and not an actor: most requests take less time than a change of threads does, so
/// whoever has one, above all an event loop, carries it through by himself.
///
/// Where there is a journal, nobody is told anything, by an answer or by a watch, that is not safe
/// on the disk: what has been seen once is never taken back.
final class APIServerHost: Sendable {
    /// What a request is answered with.
    enum Answer: Sendable {
        case whole(status: Int, headers: [(String, String)], body: [UInt8])
        case stream(headers: [(String, String)], FrameChannel, WatchID)
        case podLogs(PodLogRequest)
        /// The change could not be stored; whether it ever will have been is not known.
        case notStored
        /// More watches than the server keeps.
        case tooMany
    }

    /// Most watches at once.
    static let watchesMax = 20_000

    private struct State {
        var server: APIServer
        var channels: [WatchID: FrameChannel] = [:]
        var tickDue: Timestamp?
    }

    private let state: Mutex<State>
    private let alarm = Latch()
    private let writer: JournalWriter?
    private let log: Logger

    init(server: APIServer, writer: JournalWriter? = nil, log: Logger) {
        state = Mutex(State(server: server))
        self.writer = writer
        self.log = log
    }

    /// Answers one request. Where what it changed is not safe yet, the answer is nil, and `later`
    /// is called with it, once, perhaps before this returns and on whatever thread.
    func answer(
        _ request: ServerRequest, later: @escaping @Sendable (Answer) -> Void
    ) -> Answer? {
        let (answer, number) = state.withLock { state -> (Answer, UInt64) in
            let answer = Self.answer(request, &state)
            return (answer, settle(&state))
        }
        guard let writer, !writer.isSafe(number) else { return answer }
        writer.whenSafe(number) { isSafe in later(isSafe ? answer : .notStored) }
        return nil
    }

    /// Answers one request, once what it changed is safe.
    func answer(_ request: ServerRequest) async -> Answer {
        await withCheckedContinuation { continuation in
            let answer = answer(request) { continuation.resume(returning: $0) }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private static func answer(_ request: ServerRequest, _ state: inout State) -> Answer {
        switch state.server.handle(request, at: WallClock.time) {
        case .response(let status, let headers, let body):
            return .whole(status: status, headers: headers, body: body)
        case .watch(let watch, let headers):
            guard state.channels.count < watchesMax else {
                state.server.cancelWatch(watch)
                return .tooMany
            }
            let channel = FrameChannel()
            state.channels[watch] = channel
            return .stream(headers: headers, channel, watch)
        case .podLogs(let request): return .podLogs(request)
        }
    }

    /// The client of a watch has gone.
    func abandon(_ watch: WatchID) {
        state.withLock { Self.forget(watch, &$0) }
    }

    private static func forget(_ watch: WatchID, _ state: inout State) {
        state.channels.removeValue(forKey: watch)
        state.server.cancelWatch(watch)
    }

    /// How many watches there are.
    var watchCount: Int { state.withLock { $0.channels.count } }

    /// Lets time pass for the model until the task is cancelled, then ends every watch.
    func run() async {
        while !Task.isCancelled {
            let due = state.withLock { state -> Timestamp? in
                settle(&state)
                return state.tickDue
            }
            let wait = due.map { $0 - WallClock.time } ?? .seconds(3_600)
            await alarm.wait(upTo: max(.milliseconds(1), wait))
        }
        let channels = state.withLock { state -> [FrameChannel] in
            defer { state.channels.removeAll() }
            return Array(state.channels.values)
        }
        for channel in channels { channel.end() }
    }

    /// Runs the model's controllers and delivers what the watches have to send, once what led to it
    /// is safe. Returns what to wait for.
    @discardableResult
    private func settle(_ state: inout State) -> UInt64 {
        for note in state.server.takeAuditNotes() { log.info("audit: \(note)") }
        let before = state.tickDue
        state.tickDue = state.server.tick(at: WallClock.time)
        var sends: [(channel: FrameChannel, output: WatchOutput)] = []
        for output in state.server.takeFrames() {
            guard let channel = state.channels[output.watch], channel.isOpen else {
                Self.forget(output.watch, &state)
                continue
            }
            sends.append((channel, output))
            if output.ended { Self.forget(output.watch, &state) }
        }
        if let due = state.tickDue, due < before ?? Timestamp(nanoseconds: .max) {
            alarm.signal()
        }
        guard let writer else {
            deliver(sends, log)
            return 0
        }
        let snapshot = writer.wantsSnapshot ? state.server.snapshot : nil
        let batch = state.server.takeJournal()
        guard !sends.isEmpty else { return writer.submit(batch, snapshot: snapshot) }
        return writer.submit(batch, snapshot: snapshot) { [sends, log] in deliver(sends, log) }
    }
}

/// Hands frames to their connections. A watch that falls too far behind is ended there, and
/// forgotten when its connection has noticed or the next frame comes for it.
private func deliver(_ sends: [(channel: FrameChannel, output: WatchOutput)], _ log: Logger) {
    for (channel, output) in sends {
        if !channel.send(output.frames) { log.info("a watch fell behind and was ended") }
        if output.ended { channel.end() }
    }
}
