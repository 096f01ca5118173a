import ControlLoop
import CurlTransport
import GadgetTesting
import KubernetesClient
import KubernetesCore
import Locking
import Logging
import LoopbackTesting
import Testing

@testable import KubernetesRuntime

/// One transport for all tests, as a program has one.
let sharedTransport: Result<CurlTransport, TransportError> = Result {
    () throws(TransportError) in try CurlTransport()
}

/// The runtime as an operator puts it together, against a model server behind a fault proxy: real
/// sockets, real clocks, short waits.
struct Rig: Sendable {
    let model = ModelServer()
    let proxy: FaultProxy
    let cache = ClusterCache()
    let registry = MetricsRegistry()
    let client: KubernetesClient
    let logged = LogLines()
    var watch = WatchLimits()
    var control = ControllerLimits()
    var writing = ApplierOptions()

    init() throws {
        proxy = FaultProxy(upstream: model.port)
        var configuration = ClientConfiguration(
            server: try #require(HTTPServer("http://127.0.0.1:\(proxy.port)")))
        configuration.callTimeLimit = .seconds(30)
        client = KubernetesClient(
            configuration: configuration, transport: try sharedTransport.get())
        watch.backoff = Backoff(initial: .milliseconds(20), longest: .milliseconds(200), jitter: 1)
        control.failureBackoff = Backoff(
            initial: .milliseconds(20), longest: .milliseconds(200))
        control.conflictBackoff = Backoff(initial: .milliseconds(5), longest: .milliseconds(100))
        writing.requestTimeout = .seconds(5)
    }

    var logger: Logger {
        var logger = Logger(label: "rig") { [logged] _ in LineLog(lines: logged) }
        logger.logLevel = .debug
        return logger
    }

    func applier(_ leadership: LeadershipState = .alone()) -> Applier {
        Applier(
            client: client, leadership: leadership, options: writing,
            metrics: RuntimeMetrics(registry), logger: logger)
    }

    /// Runs a controller of gadgets and its informers while `body` runs.
    func running(_ body: (Informers) async throws -> Void) async throws {
        let metrics = RuntimeMetrics(registry)
        let machine = ControllerMachine(
            GadgetReconciler(), limits: control, startedAt: SystemTime().now.time, seed: 1)
        let controller = Controller(
            machine, cache: cache, applier: applier(), leadership: .alone(), metrics: metrics,
            logger: logger)
        let informers = Informers(
            for: machine.watched, client: client, cache: cache, limits: watch, seed: 1,
            metrics: metrics, logger: logger)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await informers.run() }
            group.addTask { try await controller.run() }
            do { try await body(informers) } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    // MARK: - What is seen

    /// Waits until something is so. However slow the machine is, only what never comes fails.
    func until(
        _ what: String, within limit: Duration = .seconds(60),
        at place: SourceLocation = #_sourceLocation, _ condition: () async -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while !(await condition()) {
            guard ContinuousClock.now < end else {
                Issue.record("never: \(what); \(logged.last(12))", sourceLocation: place)
                throw Never()
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    struct Never: Error {}

    /// Whether the gadget's status says so many parts and no failure, and they are there.
    func isDone(_ gadget: String, _ count: Int, in namespace: String = "ns") -> Bool {
        let status = status(gadget, in: namespace)
        return status?["parts"] == .int(count) && status?["failure"] == nil
            && model.parts(gadget, in: namespace).count == count
    }

    func status(_ gadget: String, in namespace: String = "ns") -> JSONValue? {
        model.object("/apis/test.dev/v1/namespaces/\(namespace)/gadgets/" + gadget)?["status"]
    }

    /// Every request so far that changes something.
    var writes: [FaultProxy.Entry] { proxy.log.filter { $0.exchange.method != "GET" } }

    /// Waits until nothing has been written for much longer than the longest backoff of a rig. Here
    /// real time must go by: the test is about nothing happening in it.
    func expectSilence(at place: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<60 {
            let before = writes.count
            try await Task.sleep(for: .milliseconds(500))
            if writes.count == before { return }
        }
        let last = writes.suffix(3).map { "\($0.exchange.method) \($0.exchange.target)" }
        Issue.record("it does not stop to write: \(last)", sourceLocation: place)
    }

    /// Whether the cache holds exactly what the server holds.
    func isInStep() async -> Bool {
        let view = await cache.view
        let items = model.call("GET", "/apis/test.dev/v1/parts")["items"]?.array ?? []
        let wanted = Set(items.compactMap { $0[path: ["metadata", "uid"]]?.string })
        return view.isSynced(Part.type)
            && Set(view.all(Part.self).map(\.metadata.uid.text)) == wanted
    }
}

/// What was logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }
    func last(_ count: Int) -> String {
        lines.withLock { $0.suffix(count).joined(separator: "\n") }
    }
    func contains(_ text: String) -> Bool {
        lines.withLock { $0.contains { $0.contains(text) } }
    }
}

/// Keeps log messages for a test.
private struct LineLog: LogHandler {
    let lines: LogLines
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
}

/// Counts, for rules that hit some requests and let others go.
final class Tally: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    /// Counts up and returns which one this is, from 1.
    @discardableResult
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
