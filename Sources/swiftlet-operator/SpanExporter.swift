import ControlLoop
import CurlTransport
import KubernetesCore
import KubernetesRuntime
import Locking
import Logging
import Reconcilers
import ServiceLifecycle

/// Sends spans to a collector in small batches. Nothing waits for it: what is too much, or what the
/// collector does not take, is dropped and counted.
final class SpanExporter: Service {
    /// Most spans that wait.
    private static let waitingMax = 4_096
    /// Most spans of one request.
    private static let batchMax = 256
    /// How long the first span of a batch waits for others: a batch is the point of waiting, there
    /// is no event that ends it.
    private static let linger = Duration.seconds(1)
    /// How often one batch is tried.
    private static let triesMax = 4
    private static let options = TransferOptions(
        lane: .calls, connect: .seconds(5), head: .seconds(10), total: .seconds(10), idle: nil)

    private let endpoint: HTTPServer
    private let transport: any HTTPTransport
    private let instance: String
    private let registry: MetricsRegistry
    private let log: Logger
    private let waiting = Mutex<[Span]>([])
    /// Whether the process is to end: then nothing is tried again.
    private let isEnding = Mutex(false)
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    init(
        endpoint: HTTPServer, transport: any HTTPTransport, instance: String,
        registry: MetricsRegistry, log: Logger
    ) {
        self.endpoint = endpoint
        self.transport = transport
        self.instance = instance
        self.registry = registry
        self.log = log
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes spans to be sent soon.
    func take(_ spans: [Span]) {
        guard !spans.isEmpty else { return }
        let dropped = waiting.withLock { waiting in
            let room = max(0, SpanExporter.waitingMax - waiting.count)
            waiting += spans.prefix(room)
            return max(0, spans.count - room)
        }
        count(dropped, "dropped")
        waker.yield()
    }

    /// Sends until told to shut down; what waits by then is sent first, once.
    func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in wakes {
                // Cut short where the process is cancelled: what waits is sent at once then.
                try? await Task.sleep(for: SpanExporter.linger)
                while let batch = next() { await send(batch) }
            }
            while let batch = next() { await send(batch, triesMax: 1) }
        } onGracefulShutdown: {
            self.isEnding.withLock { $0 = true }
            self.waker.finish()
        }
    }

    private func next() -> [Span]? {
        waiting.withLock { waiting in
            guard !waiting.isEmpty else { return nil }
            let batch = Array(waiting.prefix(SpanExporter.batchMax))
            waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func send(_ batch: [Span], triesMax: Int = SpanExporter.triesMax) async {
        let body = TraceExport.body(batch, instance: instance).encoded()
        let request = HTTPRequest(
            method: .post, target: TraceExport.path,
            fields: ["content-type": "application/json"], body: body)
        var wait = Duration.seconds(1)
        var fault = ""
        for attempt in 1...triesMax {
            if attempt > 1 {
                // Not another try where the process is cancelled or to end meanwhile.
                guard (try? await Task.sleep(for: wait)) != nil,
                    !isEnding.withLock({ $0 })
                else { break }
                wait *= 2
            }
            do {
                let answer = try await transport.send(
                    request, to: endpoint, SpanExporter.options)
                _ = try await answer.body.collect(bytesMax: 64 << 10)
                if (200...299).contains(answer.head.status) {
                    count(batch.count, "exported")
                    return
                }
                fault = "HTTP \(answer.head.status)"
                guard TraceExport.isRetryable(status: answer.head.status) else { break }
            } catch {
                fault = "\(error)"
            }
        }
        count(batch.count, "dropped")
        log.warning(
            "spans were not taken by the collector and are dropped",
            metadata: [
                "endpoint": "\(endpoint.endpoint)", "spans": "\(batch.count)", "why": "\(fault)",
            ])
    }

    private func count(_ spans: Int, _ outcome: String) {
        guard spans > 0 else { return }
        registry.record([Measurement(ProductMetrics.spans, [outcome], Double(spans))])
    }
}
