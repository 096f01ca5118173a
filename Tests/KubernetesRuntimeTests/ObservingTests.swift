import ControlLoop
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
                # TYPE depth gauge
                # HELP depth Depth
                depth 1.5
                # TYPE requests counter
                # HELP requests Requests \"sent\"
                requests_total{code="200"} 2
                requests_total{code="a\"b\\c\nd"} 1
                # TYPE took_seconds histogram
                # HELP took_seconds Took
                took_seconds_bucket{le="0.1"} 1
                took_seconds_bucket{le="1"} 2
                took_seconds_bucket{le="+Inf"} 3
                took_seconds_sum 5.55
                took_seconds_count 3
                # EOF

                """#)
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
