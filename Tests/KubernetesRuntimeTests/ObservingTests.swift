import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@testable import KubernetesRuntime

@Suite struct ObservingTests {
    private let time = ManualTime()
    private let server: FakeServer
    private let registry = MetricsRegistry()

    init() { server = FakeServer(time: time) }

    private func recording(_ body: (EventRecorder) async throws -> Void) async throws {
        let applier = Applier(
            client: server, leadership: LeadershipState(), time: time, logger: Fixture.logger)
        let recorder = EventRecorder(
            applier: applier, instance: "pod-1", seed: 1, time: time,
            metrics: RuntimeMetrics(registry), logger: Fixture.logger)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await recorder.run() }
            try await body(recorder)
            group.cancelAll()
        }
    }

    private var events: [JSONValue] {
        server.paths("/api/v1/namespaces/ns/events/").compactMap { server.object($0) }
    }

    private func note(_ message: String, reason: String = "AgentCreated") -> Note {
        Note(.normal, reason: reason, message: message, about: Fixture.root)
    }

    @Test func `a note becomes an Event that names its object`() async throws {
        try await recording { recorder in
            recorder.record([note("one agent")])
            #expect(await time.until { events.count == 1 })
        }
        let event = try #require(events.first)
        #expect(event[path: ["involvedObject", "kind"]] == "Gadget")
        #expect(event[path: ["involvedObject", "apiVersion"]] == "test.dev/v1")
        #expect(event[path: ["involvedObject", "uid"]] == "uid-a")
        #expect(event["reason"] == "AgentCreated")
        #expect(event["message"] == "one agent")
        #expect(event["type"] == "Normal")
        #expect(event["count"] == 1)
        #expect(event["firstTimestamp"] == "2026-01-01T00:00:00Z")
        #expect(event[path: ["source", "component"]] == "swiftlet")
        #expect(event["reportingComponent"] == "swiftlet")
    }

    @Test func `the same note again is counted, not written again at once`() async throws {
        try await recording { recorder in
            recorder.record([note("again")])
            #expect(await time.until { events.count == 1 })
            time.advance(by: .seconds(2))
            for _ in 0..<49 { recorder.record([note("again")]) }
            #expect(await time.until(step: .seconds(1)) { events.first?["count"] == 50 })
        }
        #expect(events.count == 1)
        #expect(server.log.count == 2)
        #expect(events.first?["lastTimestamp"] != events.first?["firstTimestamp"])
    }

    @Test func `a server that takes no events blocks nothing`() async throws {
        server.fail(.create, Fixture.status(403, "Forbidden"), .lose)
        try await recording { recorder in
            recorder.record([note("one"), note("two"), note("three")])
            #expect(await time.until { events.count == 1 })
        }
        #expect(registry.value("swiftlet_events", ["failed"]) == 2)
    }

    @Test func `an event whose answer was lost has found itself, and is counted on`() async throws {
        server.fail(.create, .loseAnswer)
        try await recording { recorder in
            recorder.record([note("once")])
            #expect(await time.until { server.log.count == 1 })
            recorder.record([note("once")])
            // The second create meets the first one's event; from then on it is counted.
            #expect(await time.until(step: .seconds(1)) { server.log.count >= 2 })
            recorder.record([note("once")])
            #expect(await time.until(step: .seconds(1)) { events.first?["count"] == 3 })
        }
        #expect(events.count == 1)
        #expect(registry.value("swiftlet_events", ["failed"]) == 1)
    }

    @Test func `metrics are valid OpenMetrics text`() {
        let requests = registry.counter("requests", "Requests \"sent\"", labels: ["code"])
        requests.increment(["200"], by: 2)
        requests.increment(["a\"b\\c\nd"])
        requests.increment(["200"], by: -5)
        registry.gauge("depth", "Depth").set(1.5)
        let time = registry.histogram("took_seconds", "Took", bounds: [0.1, 1])
        for value in [0.05, 0.5, 5] { time.observe(value) }
        #expect(
            registry.text() == #"""
                # HELP depth Depth
                # TYPE depth gauge
                depth 1.5
                # HELP requests Requests \"sent\"
                # TYPE requests counter
                requests_total{code="200"} 2
                requests_total{code="a\"b\\c\nd"} 1
                # HELP took_seconds Took
                # TYPE took_seconds histogram
                took_seconds_bucket{le="0.1"} 1
                took_seconds_bucket{le="1.0"} 2
                took_seconds_bucket{le="+Inf"} 3
                took_seconds_sum 5.55
                took_seconds_count 3
                # EOF

                """#)
    }

    @Test func `Prometheus' older format names a counter by its samples and has no end`() {
        registry.counter("requests", "Sent", labels: ["code"]).increment(["200"])
        #expect(
            registry.text(.prometheus) == """
                # HELP requests_total Sent
                # TYPE requests_total counter
                requests_total{code="200"} 1

                """)
        #expect(MetricsFormat(accept: nil) == .prometheus)
        let scraper = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
        #expect(MetricsFormat(accept: scraper) == .openMetrics)
        #expect(MetricsFormat.openMetrics.contentType.contains("openmetrics-text; version=1.0.0"))
    }

    @Test func `the metrics of a controller have the names that dashboards know, from the start`() {
        let metrics = RuntimeMetrics(registry)
        metrics.declare("pools", workersMax: 16)
        ProcessMetrics(registry).start()
        let text = registry.text()
        for line in [
            "controller_runtime_reconcile_total{controller=\"pools\",result=\"requeue_after\"} 0",
            "controller_runtime_reconcile_errors_total{controller=\"pools\"} 0",
            "controller_runtime_terminal_reconcile_errors_total{controller=\"pools\"} 0",
            "controller_runtime_reconcile_timeouts_total{controller=\"pools\"} 0",
            "controller_runtime_reconcile_panics_total{controller=\"pools\"} 0",
            "controller_runtime_reconcile_time_seconds_count{controller=\"pools\"} 0",
            "controller_runtime_active_workers{controller=\"pools\"} 0",
            "controller_runtime_max_concurrent_reconciles{controller=\"pools\"} 16",
            "workqueue_depth{name=\"pools\",controller=\"pools\"} 0",
            "workqueue_adds_total{name=\"pools\",controller=\"pools\"} 0",
            "workqueue_retries_total{name=\"pools\",controller=\"pools\"} 0",
            "workqueue_queue_duration_seconds_count{name=\"pools\",controller=\"pools\"} 0",
            "workqueue_work_duration_seconds_count{name=\"pools\",controller=\"pools\"} 0",
            "workqueue_unfinished_work_seconds{name=\"pools\",controller=\"pools\"} 0",
            "workqueue_longest_running_processor_seconds{name=\"pools\",controller=\"pools\"} 0",
            "# TYPE leader_election_master_status gauge", "# TYPE rest_client_requests counter",
            "# TYPE process_cpu_seconds counter",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
        #expect((registry.value("process_resident_memory_bytes") ?? 0) > 1_000_000)
        #expect((registry.value("process_open_fds") ?? 0) > 2)
    }

    @Test func `a family of metrics is bounded whatever its labels`() {
        let registry = MetricsRegistry(seriesMax: 3)
        let counter = registry.counter("c", "C", labels: ["x"])
        for number in 0..<100 { counter.increment([String(number)]) }
        #expect(registry.value("c", ["other"]) == 97)
    }

    @Test func `a signal that was raised before is not lost, and cancellation ends a wait`() async {
        let signal = Signal()
        signal.raise()
        signal.raise()
        await signal.wait()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            group.cancelAll()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await signal.wait(until: self.time.now.instant + .seconds(1), self.time)
            }
            group.addTask {
                await self.time.pass(.milliseconds(100), rounds: 2_000)
            }
        }
    }
}
