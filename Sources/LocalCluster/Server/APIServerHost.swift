import APIServerModel
import KubernetesCore
import Logging

/// Keeps the one `APIServer` value of a local cluster: serialises requests, lets the model's
/// controllers run when they are due, and hands watch frames to their connections.
///
/// Where there is a journal, nobody is told anything, by an answer or by a watch, that is not safe
/// on the disk: what has been seen once is never taken back.
actor APIServerHost {
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

    private var server: APIServer
    private var channels: [WatchID: FrameChannel] = [:]
    private var tickDue: Timestamp?
    private let alarm = Latch()
    private let writer: JournalWriter?
    private let log: Logger

    init(server: APIServer, writer: JournalWriter? = nil, log: Logger) {
        self.server = server
        self.writer = writer
        self.log = log
    }

    /// Answers one request.
    func answer(_ request: ServerRequest) async -> Answer {
        let reply = server.handle(request, at: WallClock.time)
        let answer: Answer
        switch reply {
        case .response(let status, let headers, let body):
            answer = .whole(status: status, headers: headers, body: body)
        case .watch(let watch, let headers):
            if channels.count < Self.watchesMax {
                let channel = FrameChannel()
                channels[watch] = channel
                answer = .stream(headers: headers, channel, watch)
            } else {
                server.cancelWatch(watch)
                answer = .tooMany
            }
        case .podLogs(let request):
            answer = .podLogs(request)
        }
        let number = settle()
        guard let writer, !writer.isSafe(number) else { return answer }
        return await writer.wait(for: number) ? answer : .notStored
    }

    /// The client of a watch has gone.
    func abandon(_ watch: WatchID) {
        channels.removeValue(forKey: watch)
        server.cancelWatch(watch)
    }

    /// How many watches there are.
    var watchCount: Int { channels.count }

    /// Lets time pass for the model until the task is cancelled, then ends every watch.
    func run() async {
        while !Task.isCancelled {
            settle()
            let wait = tickDue.map { $0 - WallClock.time } ?? .seconds(3_600)
            await alarm.wait(upTo: max(.milliseconds(1), wait))
        }
        for channel in channels.values { channel.end() }
        channels.removeAll()
    }

    /// Runs the model's controllers and delivers what the watches have to send, once what led to it
    /// is safe. Returns what to wait for.
    @discardableResult
    private func settle() -> UInt64 {
        for note in server.takeAuditNotes() { log.info("audit: \(note)") }
        let before = tickDue
        tickDue = server.tick(at: WallClock.time)
        var sends: [(channel: FrameChannel, output: WatchOutput)] = []
        for output in server.takeFrames() {
            guard let channel = channels[output.watch], channel.isOpen else {
                abandon(output.watch)
                continue
            }
            sends.append((channel, output))
            if output.ended { abandon(output.watch) }
        }
        if let due = tickDue, due < before ?? Timestamp(nanoseconds: .max) { alarm.signal() }
        guard let writer else {
            deliver(sends, log)
            return 0
        }
        let snapshot = writer.wantsSnapshot ? server.snapshot : nil
        guard !sends.isEmpty else { return writer.submit(server.takeJournal(), snapshot: snapshot) }
        return writer.submit(server.takeJournal(), snapshot: snapshot) { [sends, log] in
            deliver(sends, log)
        }
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
