import AgentProtocol
import Crypto
import HTTPTypes
import Hummingbird
import KubernetesCore
import Logging
import NIOCore
import ServiceLifecycle

/// A gateway in this process, on the loopback, that hands out what a test says.
actor FakeGateway {
    private(set) var orders: [LeaseID: SyncReply.Order] = [:]
    private(set) var finished: [LeaseID: LeaseReport] = [:]
    private(set) var latest: SyncRequest?
    private(set) var tokens: Set<String> = []
    private var checkpoints: [UID: (sequence: Int, digest: String, bytes: [UInt8])] = [:]
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Whether finished reports are stored as they come.
    private var stores = true
    private var failing = false
    /// How many calls were answered that it cannot be done now.
    private(set) var failures = 0
    /// Is called whenever a checkpoint is asked for.
    private var onRestore: @Sendable () throws -> Void = {}
    private var server: (group: ServiceGroup, end: Task<Void, any Error>)?
    private var isStopped = false
    private(set) var port = 0

    /// Starts on `port`, or on a free one.
    func start(port wanted: Int = 0) async throws {
        let router = Router()
        router.post("/v1/sync") { request, _ in
            let body = try await request.body.collect(upTo: 8 << 20)
            return try await self.sync(Array(body.readableBytesView), request.headers)
        }
        router.put("/v1/checkpoints/{uid}/{attempt}/{sequence}") { request, context in
            let body = try await request.body.collect(upTo: 8 << 20)
            return try await self.put(
                Array(body.readableBytesView), uid: try context.parameters.require("uid"),
                sequence: try context.parameters.require("sequence", as: Int.self))
        }
        router.get("/v1/checkpoints/{uid}/{attempt}/{sequence}") { _, context in
            try await self.get(uid: try context.parameters.require("uid"))
        }
        let (ports, tell) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: wanted)),
            onServerRunning: { tell.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "gateway", factory: { _ in SwiftLogNoOpLogHandler() }))
        let group = ServiceGroup(
            services: [application],
            logger: Logger(label: "gateway", factory: { _ in SwiftLogNoOpLogHandler() }))
        server = (group, Task { try await group.run() })
        for await found in ports {
            port = found
            break
        }
    }

    func stop() async {
        isStopped = true
        wake()
        await server?.group.triggerGracefulShutdown()
        wake()
        try? await server?.end.value
    }

    func give(_ id: LeaseID, _ spec: LeaseSpec, desired: DesiredState = .run) {
        orders[id] = SyncReply.Order(id, spec: spec, desired: desired)
        wake()
    }

    func want(_ desired: DesiredState, of id: LeaseID) {
        orders[id]?.desired = desired
        wake()
    }

    func take(_ id: LeaseID) {
        orders[id] = nil
        wake()
    }

    func keepReports() { stores = false }

    func store() {
        stores = true
        wake()
    }

    func fail(_ failing: Bool) { self.failing = failing }

    func beforeRestores(_ act: @escaping @Sendable () throws -> Void) { onRestore = act }

    func damage(_ uid: UID) { checkpoints[uid]?.bytes.append(0) }

    func checkpoint(_ uid: UID) -> (sequence: Int, digest: String, bytes: [UInt8])? {
        checkpoints[uid]
    }

    /// Waits until a request shows what the test waits for; a busy machine may take its time.
    func until(_ holds: (FakeGateway) -> Bool) async {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(120)
        while !holds(self), clock.now < end {
            let alarm = Task {
                try? await Task.sleep(for: .seconds(1))
                self.wake()
            }
            await withCheckedContinuation { waiting.append($0) }
            alarm.cancel()
        }
    }

    /// The report that `id` is over.
    func report(of id: LeaseID) async -> LeaseReport? {
        await until { $0.assumeIsolated { $0.finished[id] != nil } }
        return finished[id]
    }

    private func wake() {
        let sleepers = waiting
        waiting = []
        for sleeper in sleepers { sleeper.resume() }
    }

    private func sync(_ body: [UInt8], _ headers: HTTPFields) async throws -> Response {
        guard !failing else {
            failures += 1
            wake()
            return Response(status: .serviceUnavailable)
        }
        let request = try SyncRequest(parsing: body)
        tokens.insert(headers[.authorization] ?? "")
        latest = request
        for report in request.reports where report.state == .finished {
            finished[report.id] = report
            if stores { orders[report.id] = nil }
        }
        wake()
        let clock = ContinuousClock()
        let end = clock.now + .seconds(request.waitSeconds)
        var reply = reply(to: request)
        while !reply.isNews(for: request), clock.now < end, !isStopped,
            latest?.sequence == request.sequence
        {
            await withCheckedContinuation { waiting.append($0) }
            if Task.isCancelled { break }
            reply = self.reply(to: request)
        }
        return Response(
            status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: reply.json.encoded())))
    }

    private func reply(to request: SyncRequest) -> SyncReply {
        let stored = request.reports.filter { $0.state == .finished && orders[$0.id] == nil }
        return SyncReply(
            to: request, leases: orders.values.sorted { $0.id < $1.id }, stored: stored.map(\.id))
    }

    private func put(_ bytes: [UInt8], uid: String, sequence: Int) throws -> Response {
        if let known = checkpoints[UID(uid)], known.sequence >= sequence {
            var response = Response(status: .conflict)
            response.headers[Self.sequenceName] = String(known.sequence)
            return response
        }
        let hex = SHA256.hash(data: bytes).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        checkpoints[UID(uid)] = (sequence, "sha256:" + hex.joined(), bytes)
        wake()
        return Response(status: .ok)
    }

    private func get(uid: String) throws -> Response {
        try onRestore()
        guard let known = checkpoints[UID(uid)] else { return Response(status: .notFound) }
        var response = Response(
            status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: known.bytes)))
        response.headers[Self.sequenceName] = String(known.sequence)
        response.headers[Self.digestName] = known.digest
        return response
    }

    private static let sequenceName = HTTPField.Name("swiftlet-checkpoint-sequence") ?? .eTag
    private static let digestName = HTTPField.Name("swiftlet-checkpoint-digest") ?? .eTag
}
