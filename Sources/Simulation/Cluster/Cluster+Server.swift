import APIServerModel
import ControlLoop
import KubernetesCore

/// The server, and the way to it.
extension Cluster {
    private var rightTime: Timestamp { SimulatedClock.right.moment(at: now).time }

    // MARK: - Requests of the operator

    /// Sends a request of the operator on its way, and draws what becomes of it.
    mutating func send(
        _ request: APIRequest, within limit: Duration, _ errand: Errand, from process: ProcessID
    ) {
        let number = nextRequest
        nextRequest += 1
        let isSlow = network.happens(faults.slow)
        if isSlow { counts.count("slow request") }
        let there = isSlow ? network.seconds(1...25) : network.milliseconds(1...8)
        let back = network.milliseconds(1...8)
        let fate = drawFate(request)
        let givenUp = now + limit
        // The server gets a request before its sender gives it up, or not at all.
        let arrives = min(now + there, givenUp + .milliseconds(-1))
        requests[number] = PendingRequest(
            request: request, process: process, errand: errand, sentAt: now,
            givenUpAt: givenUp, answersAt: max(now, arrives) + back, fate: fate)
        events.add(.request(number), at: max(now, arrives))
    }

    private mutating func drawFate(_ request: APIRequest) -> RequestFate {
        guard stage == .faulty else { return .none }
        let isWrite = request.method != .get
        // Drawn always, so that one fault more does not shift all others.
        let dice = (
            network.below(1_000), network.below(1_000), network.below(1_000),
            network.below(1_000), network.below(4)
        )
        if dice.0 < faults.unreachable { return .unreachable }
        if dice.1 < faults.refused { return .refused([429, 500, 503, 504][dice.4]) }
        if dice.2 < faults.answerLost { return .answerLost }
        if isWrite, dice.3 < faults.falseConflict, request.verb != .create {
            return .falseConflict
        }
        return .none
    }

    /// A request reaches the server, or not.
    mutating func arrive(_ number: Int) {
        guard var pending = requests[number] else { return }
        let summary = pending.request.summary
        fail(checker.tries(pending, at: now))
        let replica = replicas[pending.process.replica]
        // What was sent before the way was cut is somewhere on it, and arrives.
        let isCutOff = replica.cutOffUntil > now && pending.sentAt >= replica.cutOffFrom
        switch pending.fate {
        case _ where isServerDown || isCutOff:
            pending.answer = .error(Cluster.broken(summary, .refused))
        case .unreachable:
            counts.count("request lost")
            pending.answer = .error(Cluster.broken(summary, .connectTimeout))
        case .refused(let code):
            counts.count("request refused")
            pending.answer = .error(
                APIError(
                    summary,
                    APIStatus(
                        code: code, reason: "", message: "a fault",
                        retryAfter: code == 429 ? .seconds(1) : nil)))
        case .falseConflict:
            counts.count("conflict")
            pending.answer = .error(
                APIError(
                    summary, APIStatus(code: 409, reason: "Conflict", message: "a fault")))
        case .none, .answerLost: pending.answer = carryOut(pending)
        }
        var arrives = pending.answersAt
        if arrives > pending.givenUpAt {
            arrives = pending.givenUpAt
            if case .stream(let stream)? = pending.answer { hangUp(stream) }
            pending.answer = .error(Cluster.broken(summary, .timeout))
        }
        requests[number] = pending
        events.add(.answer(number), at: max(now, arrives))
        if pending.fate == .none, pending.request.method != .get {
            crashPerhaps(pending.process)
            cutOffPerhaps(pending.process)
        }
    }

    private mutating func carryOut(_ pending: PendingRequest) -> RequestAnswer {
        let summary = pending.request.summary
        replacePerhaps(pending)
        trace.note(now, "request", summary.description, "r\(pending.process.replica)")
        let write = checker.willWrite(pending, storedTarget(of: pending), history, at: now)
        let user = UserIdentity.operatorReplica(pending.process.replica)
        let reply = server.handle(ServerRequest(pending.request.http, as: user), at: rightTime)
        if case .watch(let watch, _) = reply { open(Int(watch.number), pending) }
        settle()
        let answer = Cluster.answer(reply, to: summary)
        if let write { fail(checker.didWrite(write, answer, history, at: now)) }
        if case .stream = answer { return answer }
        if pending.fate == .answerLost {
            counts.count("answer lost")
            return .error(Cluster.broken(summary, .broken))
        }
        return answer
    }

    /// The UID of the object that a write is about to meet.
    private mutating func storedTarget(of pending: PendingRequest) -> UID? {
        guard case .action(_, _, let action) = pending.errand else { return nil }
        if case .create = action { return nil }
        let target = action.target
        let request = APIRequest.get(
            ObjectRef(type: target.type, namespace: target.namespace, name: target.name))
        let reply = server.handle(
            ServerRequest(request.http, as: .administrator), at: rightTime)
        guard case .response(200, _, let body) = reply,
            let document = try? JSONDocument(parsing: body),
            let metadata = try? ObjectMeta(reading: document.root.required("metadata"))
        else { return nil }
        return metadata.uid
    }

    /// Notes whose watch it is before its first frames are taken.
    private mutating func open(_ stream: Int, _ pending: PendingRequest) {
        guard case .informer(let index, let question) = pending.errand else { return }
        let replica = pending.process.replica
        let kind = processes[replica]?.informers[index].kind
        streams[stream] = StreamRoute(
            reader: .informer(pending.process, index, question: question),
            type: kind?.type ?? .pod, lastArrival: pending.answersAt)
        if replicas[replica].runs(pending.process) {
            replicas[replica].streams[index] = stream
        }
    }

    /// The answer, or the news that there is none, reaches who sent the request.
    mutating func deliver(_ number: Int) {
        guard let pending = requests[number] else { return }
        let id = pending.process
        if let later = pauseEnd(id) {
            events.add(.answer(number), at: later)
            return
        }
        if let later = delay(of: pending) {
            if case .stream(let stream)? = pending.answer, later >= pending.givenUpAt {
                hangUp(stream)
            }
            if later >= pending.givenUpAt {
                requests[number]?.answer = .error(
                    Cluster.broken(pending.request.summary, .timeout))
            }
            events.add(.answer(number), at: later)
            return
        }
        requests[number] = nil
        guard replicas[id.replica].runs(id), let answer = pending.answer else {
            if case .stream(let stream)? = pending.answer { hangUp(stream) }
            return
        }
        let moment = replicas[id.replica].clock.moment(at: now)
        switch answer {
        case .stream(let stream): if streams[stream] == nil { return }
        case .body(let body):
            run(
                processes[id.replica]?.take(
                    .success(body), for: pending.errand, at: moment), of: id)
        case .error(let error):
            trace.note(now, "failed", error.description, "r\(id.replica)")
            run(
                processes[id.replica]?.take(
                    .failure(error), for: pending.errand, at: moment), of: id)
        }
    }

    /// Until when an answer does not get through; nil where it does. One that would come too late
    /// is given up in time.
    private func delay(of pending: PendingRequest) -> SimulatedTime? {
        let replica = replicas[pending.process.replica]
        guard replica.cutOffUntil > now, now < pending.givenUpAt else { return nil }
        switch pending.answer {
        case .body, .stream: return min(replica.cutOffUntil, pending.givenUpAt)
        case .error, nil: return nil
        }
    }

    static func broken(_ summary: RequestSummary, _ code: TransportError.Code) -> APIError {
        APIError(summary, TransportError(code, endpoint: "10.0.0.2:6443", "a fault"))
    }

    static func answer(_ reply: ServerReply, to summary: RequestSummary) -> RequestAnswer {
        switch reply {
        case .response(let status, let headers, let body):
            var fields = HTTPFields()
            for (name, value) in headers { fields.append(name, value) }
            let head = HTTPResponseHead(status: status, fields: fields)
            return head.isSuccess ? .body(body) : .error(APIError(summary, head, body: body))
        case .watch(let watch, _): return .stream(Int(watch.number))
        case .podLogs: return .body([])
        }
    }

    // MARK: - The server itself

    /// Gives a request to the server now, and lets everyone see what came of it.
    @discardableResult
    mutating func serve(_ request: APIRequest, as user: UserIdentity) -> ServerReply {
        let reply = server.handle(ServerRequest(request.http, as: user), at: rightTime)
        settle()
        return reply
    }

    /// The server's controllers run.
    mutating func tick() {
        guard let due = serverDue, due <= now else { return }
        serverDue = nil
        settle()
    }

    private mutating func settle() {
        let due = server.tick(at: rightTime)
        send(server.takeFrames())
        guard let due else { return }
        let time = now + max(.milliseconds(1), due - rightTime)
        if let planned = serverDue, planned <= time { return }
        serverDue = time
        events.add(.serverTimer, at: time)
    }

    /// Sends pieces of watches on their way. The history sees them at once.
    private mutating func send(_ outputs: [WatchOutput]) {
        var changes: [HistoryChange] = []
        for output in outputs {
            let number = Int(output.watch.number)
            guard let route = streams[number] else { continue }
            switch route.reader {
            case .history:
                for frame in output.frames {
                    changes += history.changes(in: frame, of: route.type)
                }
                if output.ended { reopenHistory(number, route.type) }
            case .informer(let id, _, _):
                let bytes = output.frames.flatMap { $0 }
                send(bytes, ends: output.ended, through: number, route, to: id)
            }
        }
        for change in changes.sorted(by: { $0.revision < $1.revision }) { observe(change) }
    }

    private mutating func send(
        _ bytes: [UInt8], ends: Bool, through stream: Int, _ route: StreamRoute, to id: ProcessID
    ) {
        var arrival = now + network.milliseconds(1...10)
        let replica = replicas[id.replica]
        if let lag = replica.lags[route.type], lag.until > now { arrival = arrival + lag.delay }
        arrival = max(arrival, route.lastArrival, replica.cutOffUntil)
        streams[stream]?.lastArrival = arrival
        let isFaulty = stage == .faulty
        events.add(.frames(stream: stream, bytes, ends: ends), at: arrival)
        if isFaulty, !bytes.isEmpty, network.happens(faults.duplicated) {
            counts.count("events repeated")
            events.add(.frames(stream: stream, bytes, ends: false), at: arrival)
        }
        if isFaulty, network.happens(faults.cut) {
            counts.count("watch cut")
            events.add(.frames(stream: stream, [], ends: true), at: arrival)
        }
    }

    /// A piece of a watch reaches its informer.
    mutating func read(_ stream: Int, _ bytes: [UInt8], ends: Bool) {
        guard let route = streams[stream],
            case .informer(let id, let index, let question) = route.reader
        else { return }
        guard replicas[id.replica].runs(id),
            processes[id.replica]?.questions[index] == question
        else { return hangUp(stream) }
        if let later = pauseEnd(id) {
            events.add(.frames(stream: stream, bytes, ends: ends), at: later)
            return
        }
        let moment = replicas[id.replica].clock.moment(at: now)
        if !bytes.isEmpty {
            run(
                processes[id.replica]?.tell(
                    informer: index, .bytes(bytes), at: moment), of: id)
        }
        guard ends, streams[stream] != nil else { return }
        hangUp(stream)
        let error =
            bytes.isEmpty ? Cluster.broken(RequestSummary(.watch, "watch"), .broken) : nil
        run(
            processes[id.replica]?.tell(
                informer: index, .ended(error), at: moment),
            of: id)
    }

    /// Closes a watch from the reader's side.
    mutating func hangUp(_ stream: Int) {
        guard streams.removeValue(forKey: stream) != nil else { return }
        server.cancelWatch(WatchID(number: UInt64(stream)))
    }
}

extension UserIdentity {
    /// A replica of the operator.
    static func operatorReplica(_ index: Int) -> UserIdentity {
        UserIdentity(
            name: "operator-\(index)", groups: ["system:masters", "system:authenticated"])
    }
}
