import KubernetesClient
import KubernetesCore
import KubernetesRuntime
import Locking

/// As much of an API server as the runtime needs: objects by path, versions, watches, and faults on
/// demand.
final class FakeServer: KubernetesReading, KubernetesWriting {
    /// What happens to the next request of a verb.
    enum Fault: Sendable {
        /// It is refused with this status.
        case refuse(APIStatus)
        /// It gets no answer and has no effect.
        case lose
        /// It is carried out, and the answer is lost.
        case loseAnswer
        /// It hangs until its caller gives up, for at most its limit.
        case hang
    }

    struct Event: Sendable {
        let version: Int
        let path: String
        let word: String
        let object: JSONValue
    }

    struct State {
        var objects: [String: JSONValue] = [:]
        var version = 100
        var history: [Event] = []
        var oldest = 0
        var log: [String] = []
        var faults: [RequestSummary.Verb: [Fault]] = [:]
        var watchers: [Signal] = []
        var cuts = 0
        var running = 0
        var runningMax = 0
    }

    private let state = Mutex(State())
    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    // MARK: - For tests

    /// What was asked, as `verb path`, writes only.
    var log: [String] { state.withLock { $0.log } }
    var runningMax: Int { state.withLock { $0.runningMax } }

    func object(_ path: String) -> JSONValue? { state.withLock { $0.objects[path] } }
    func paths(_ prefix: String) -> [String] {
        state.withLock { $0.objects.keys.filter { $0.hasPrefix(prefix) }.sorted() }
    }

    func fail(_ verb: RequestSummary.Verb, _ faults: Fault...) {
        state.withLock { $0.faults[verb, default: []] += faults }
    }

    /// Puts an object in as somebody else would.
    func put(_ object: JSONValue, at path: String) {
        let watchers = state.withLock { state in
            _ = FakeServer.store(object, path, &state)
            return state.watchers
        }
        for watcher in watchers { watcher.raise() }
    }

    /// Ends all watches; with `forgetting`, the history before now is gone too.
    func cutWatches(forgetting: Bool = false) {
        let watchers = state.withLock { state in
            state.cuts += 1
            if forgetting { state.oldest = state.version }
            return state.watchers
        }
        for watcher in watchers { watcher.raise() }
    }

    // MARK: - Reading

    func get<Object: KubeObject>(
        _ key: Key<Object>, within limit: Duration
    ) async throws(APIError) -> Object {
        let request = APIRequest.get(
            ObjectRef(type: Object.type, namespace: key.namespace, name: key.name))
        try await begin(request, limit)
        guard let object = state.withLock({ $0.objects[request.path] }) else {
            throw FakeServer.error(request, 404, "NotFound")
        }
        return try FakeServer.read(object, request)
    }

    func metadata(
        of object: ObjectRef, within limit: Duration
    ) async throws(APIError) -> ObjectMeta {
        let request = APIRequest.get(object)
        try await begin(request, limit)
        guard let found = state.withLock({ $0.objects[request.path] }) else {
            throw FakeServer.error(request, 404, "NotFound")
        }
        let whole: AnyObjectReading = try FakeServer.read(found, request)
        return whole.metadata
    }

    func list<Object: KubeObject>(
        _ type: Object.Type, in selection: Selection, _ query: ListQuery
    ) async throws(APIError) -> ListPage<Object> {
        let request = APIRequest.list(Object.type, in: selection, query)
        try await begin(request, .seconds(30))
        let (objects, version) = state.withLock { state in
            (FakeServer.all(Object.type, state), state.version)
        }
        var items: [Object] = []
        for object in objects { items.append(try FakeServer.read(object, request)) }
        return ListPage(items: items, resourceVersion: ResourceVersion(String(version)))
    }

    func follow<Object: KubeObject>(
        _ type: Object.Type, in selection: Selection, _ query: WatchQuery,
        deliver: @escaping @Sendable ([WatchEvent<Object>]) async -> Bool
    ) async throws(APIError) {
        let request = APIRequest.watch(Object.type, in: selection, query)
        try await begin(request, .seconds(600))
        if query.sendInitialEvents { throw FakeServer.error(request, 422, "Invalid") }
        let signal = Signal()
        let cuts = state.withLock { state in
            state.watchers.append(signal)
            return state.cuts
        }
        var seen = Int(query.resourceVersion.text) ?? 0
        while !Task.isCancelled {
            let (events, isCut, oldest) = state.withLock { state in
                (
                    state.history.filter {
                        $0.version > seen && FakeServer.isOf(Object.type, $0.path)
                    }, state.cuts != cuts, state.oldest
                )
            }
            if isCut { return }
            if oldest > seen { throw FakeServer.error(request, 410, "Expired") }
            if !events.isEmpty {
                seen = events.last?.version ?? seen
                var batch: [WatchEvent<Object>] = []
                for event in events { batch.append(try FakeServer.event(event, request)) }
                guard await deliver(batch) else { return }
            } else {
                await signal.wait()
            }
        }
    }

    // MARK: - Writing

    func write(
        _ request: APIRequest, within limit: Duration?
    ) async throws(APIError) -> WriteReceipt {
        // The time is read before the test can see that the request is there: however fast it then
        // moves the clock on, a request that hangs ends when its limit has passed.
        let begun = time.now.instant
        state.withLock { state in
            state.log.append("\(request.verb.rawValue) \(request.path)")
            state.running += 1
            state.runningMax = max(state.runningMax, state.running)
        }
        defer { state.withLock { $0.running -= 1 } }
        let losesAnswer = try await begin(request, limit ?? .seconds(30), since: begun)
        let result = state.withLock { FakeServer.carryOut(request, &$0) }
        for watcher in state.withLock({ $0.watchers }) { watcher.raise() }
        if losesAnswer {
            throw APIError(request.summary, TransportError(.broken, endpoint: "fake", "cut"))
        }
        switch result {
        case .success(let object):
            let metadata = object["metadata"]
            return WriteReceipt(
                namespace: metadata?["namespace"]?.string ?? "",
                name: metadata?["name"]?.string ?? "",
                uid: UID(metadata?["uid"]?.string ?? ""),
                resourceVersion: ResourceVersion(metadata?["resourceVersion"]?.string ?? ""))
        case .failure(let status): throw APIError(request.summary, status)
        }
    }

    /// Takes the next fault; true where the request is to be carried out without an answer.
    @discardableResult
    private func begin(
        _ request: APIRequest, _ limit: Duration, since begun: Instant? = nil
    ) async throws(APIError) -> Bool {
        let begun = begun ?? time.now.instant
        let fault = state.withLock { state -> Fault? in
            guard let first = state.faults[request.verb]?.first else { return nil }
            state.faults[request.verb]?.removeFirst()
            return first
        }
        switch fault {
        case nil: return false
        case .refuse(let status): throw APIError(request.summary, status)
        case .lose:
            throw APIError(request.summary, TransportError(.refused, endpoint: "fake", "no"))
        case .loseAnswer: return true
        case .hang:
            await time.sleep(until: begun + limit)
            throw APIError(request.summary, TransportError(.timeout, endpoint: "fake", "late"))
        }
    }
}

/// The metadata of whatever it reads.
struct AnyObjectReading: KubeObject {
    static let type = ResourceType(group: "", version: "v1", kind: "", plural: "")
    var metadata: ObjectMeta
    init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: node.required("metadata"))
    }
}
