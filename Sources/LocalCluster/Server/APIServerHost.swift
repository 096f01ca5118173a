import APIServerModel
import KubernetesCore
import Logging

/// Keeps the one `APIServer` value of a local cluster: serialises requests, lets the model's
/// controllers run when they are due, and hands watch frames to their connections.
actor APIServerHost {
    /// What a request is answered with.
    enum Answer: Sendable {
        case whole(status: Int, headers: [(String, String)], body: [UInt8])
        case stream(headers: [(String, String)], FrameChannel, WatchID)
        case podLogs(PodLogRequest)
    }

    private var server: APIServer
    private var channels: [WatchID: FrameChannel] = [:]
    private var tickDue: Timestamp?
    private let alarm = Latch()
    private let log: Logger

    init(server: APIServer, log: Logger) {
        self.server = server
        self.log = log
    }

    /// Answers one request.
    func answer(_ request: ServerRequest) -> Answer {
        let reply = server.handle(request, at: WallClock.time)
        let answer: Answer
        switch reply {
        case .response(let status, let headers, let body):
            answer = .whole(status: status, headers: headers, body: body)
        case .watch(let watch, let headers):
            let channel = FrameChannel()
            channels[watch] = channel
            answer = .stream(headers: headers, channel, watch)
        case .podLogs(let request):
            answer = .podLogs(request)
        }
        settle()
        return answer
    }

    /// The client of a watch has gone.
    func abandon(_ watch: WatchID) {
        channels.removeValue(forKey: watch)
        server.cancelWatch(watch)
    }

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

    /// Runs the model's controllers and delivers what the watches have to send.
    private func settle() {
        let before = tickDue
        tickDue = server.tick(at: WallClock.time)
        for output in server.takeFrames() {
            guard let channel = channels[output.watch] else {
                server.cancelWatch(output.watch)
                continue
            }
            let open = channel.send(output.frames)
            if output.ended || !open {
                if !open { log.info("a watch fell behind and was ended") }
                channel.end()
                channels.removeValue(forKey: output.watch)
                server.cancelWatch(output.watch)
            }
        }
        if let due = tickDue, due < before ?? Timestamp(nanoseconds: .max) { alarm.signal() }
    }
}
