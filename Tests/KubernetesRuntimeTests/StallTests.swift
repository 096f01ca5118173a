import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@testable import KubernetesRuntime

/// What the probes see of work that does not go on.
@Suite struct StallTests {
    private let time = ManualTime()
    private let server: FakeServer
    private let cache = ClusterCache()
    private let registry = MetricsRegistry()

    init() { server = FakeServer(time: time) }

    /// Runs a controller that carries out one plan at a time, whose requests may take an hour.
    private func running(
        _ body: (Controller<ControllerMachine<GadgetReconciler>>) async throws -> Void
    ) async throws {
        var limits = ControllerLimits()
        limits.inFlightMax = 1
        var options = ApplierOptions()
        options.requestTimeout = .seconds(3_600)
        let applier = Applier(
            client: server, leadership: .alone(), options: options, time: time,
            logger: Fixture.logger)
        let machine = ControllerMachine(
            GadgetReconciler(), limits: limits, startedAt: time.now.time, seed: 1)
        let flights = FlightRecorder(time: time)
        let controller = Controller(
            machine, cache: cache, applier: applier, leadership: .alone(), time: time,
            metrics: RuntimeMetrics(registry), flights: flights, logger: Fixture.logger)
        let informers = Informers(
            for: machine.watched, client: server, cache: cache, seed: 1, time: time,
            logger: Fixture.logger)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await informers.run() }
            group.addTask { try await controller.run() }
            do { try await body(controller) } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
        #expect(flights.text().contains("\"event\":\"plan\""))
    }

    @Test func `a plan that never ends is seen by liveness, and a key that waits by readiness`()
        async throws
    {
        server.put(Fixture.gadget("a", parts: 1), at: Fixture.gadgets + "a")
        server.fail(.create, .hang)
        try await running { controller in
            #expect(await time.until(step: .milliseconds(10)) { server.log.count == 1 })
            server.put(Fixture.gadget("b", parts: 1), at: Fixture.gadgets + "b")
            #expect(controller.stall() == nil)
            #expect(controller.lag() == nil)
            #expect(await time.until(step: .seconds(5)) { controller.lag() != nil })
            #expect(controller.lag()?.contains("a key of the controller gadgets waits") == true)
            #expect(await time.until(step: .seconds(5)) { controller.stall() != nil })
            #expect(controller.stall()?.contains("has not ended") == true)
            _ = registry.text()
            let queue = ["gadgets", "gadgets"]
            #expect(
                (registry.value("workqueue_longest_running_processor_seconds", queue) ?? 0) > 600)
            #expect((registry.value("workqueue_unfinished_work_seconds", queue) ?? 0) > 600)
            // The request is given up at last, and the work goes on.
            #expect(
                await time.until(step: .seconds(60)) {
                    server.paths(Fixture.parts).count == 2
                })
            #expect(await time.until { controller.stall() == nil && controller.lag() == nil })
            _ = registry.text()
            #expect(registry.value("controller_runtime_reconcile_timeouts", ["gadgets"]) == 1)
        }
        #expect(registry.text().contains("workqueue_queue_duration_seconds_count{"))
    }

    @Test func `a kind that cannot be followed is seen by readiness, until it can`() async throws {
        let informers = Informers(
            for: [Gadget.self], client: server, cache: cache, seed: 1, time: time,
            logger: Fixture.logger)
        for _ in 0..<14 { server.fail(.watch, .lose) }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await informers.run() }
            #expect(await time.until(step: .seconds(1)) { informers.lag() != nil })
            #expect(informers.lag()?.contains("gadgets could not be followed for") == true)
            #expect(await time.until(step: .seconds(1)) { informers.lag() == nil })
            group.cancelAll()
        }
    }
}
