import ControlLoop
import GadgetTesting
import KubernetesCore
import ServiceLifecycle
import Testing

@testable import KubernetesRuntime

/// Informers, cache, controller and applier together, against a server with faults.
@Suite struct LoopTests {
    private let time = ManualTime()
    private let server: FakeServer
    private let cache = ClusterCache()
    private let registry = MetricsRegistry()

    init() { server = FakeServer(time: time) }

    private var metrics: RuntimeMetrics { RuntimeMetrics(registry) }

    private func applier(_ leadership: LeadershipState) -> Applier {
        Applier(
            client: server, leadership: leadership, time: time, metrics: metrics,
            logger: Fixture.logger)
    }

    /// Runs a controller of gadgets and its informers while `body` runs.
    private func running(
        _ leadership: LeadershipState = .alone(),
        _ body: (Controller<ControllerMachine<GadgetReconciler>>) async throws -> Void
    ) async throws {
        let machine = ControllerMachine(
            GadgetReconciler(), startedAt: time.now.time, seed: 1)
        let controller = Controller(
            machine, cache: cache, applier: applier(leadership), leadership: leadership,
            time: time, metrics: metrics, logger: Fixture.logger)
        let informers = Informers(
            for: machine.watched + [Rumour.self], client: server, cache: cache, seed: 1,
            time: time, metrics: metrics, logger: Fixture.logger)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await informers.run() }
            group.addTask { try await controller.run() }
            try await body(controller)
            group.cancelAll()
        }
    }

    private func parts(_ name: String) -> Int { server.paths(Fixture.parts + name + "-").count }

    private func observed(_ name: String) -> JSONValue? {
        server.object(Fixture.gadgets + name)?[path: ["status", "parts"]]
    }

    @Test func `what is wanted is made, and then nothing more is written`() async throws {
        server.put(Fixture.gadget("a", parts: 3), at: Fixture.gadgets + "a")
        try await running { controller in
            #expect(await time.until(step: .milliseconds(50)) { observed("a") == 3 })
            #expect(parts("a") == 3)
            let writes = server.log.count
            await time.pass(.seconds(5), rounds: 4_000)
            #expect(server.log.count == writes)
            #expect(await time.until { controller.stall() == nil })
            server.put(Fixture.gadget("a", parts: 1), at: Fixture.gadgets + "a")
            #expect(await time.until(step: .milliseconds(50)) { parts("a") == 1 })
        }
        #expect(
            (registry.value("controller_runtime_reconcile", ["gadgets", "success"]) ?? 0) >= 2)
    }

    @Test func `lost answers, refusals and cut watches do not make one part too many`() async throws
    {
        server.put(Fixture.gadget("a", parts: 5), at: Fixture.gadgets + "a")
        server.fail(
            .create, .loseAnswer, Fixture.status(500, "InternalError"), .lose, .loseAnswer,
            Fixture.status(429, "TooManyRequests", after: .seconds(3)))
        server.fail(.list, Fixture.status(503, "ServiceUnavailable"), .lose)
        server.fail(.watch, .lose, Fixture.status(410, "Expired"))
        try await running { _ in
            for round in 0..<40 {
                await time.pass(.milliseconds(200), rounds: 200)
                server.cutWatches(forgetting: round % 3 == 0)
                #expect(parts("a") <= 5)
            }
            #expect(await time.until(step: .milliseconds(500)) { observed("a") == 5 })
            #expect(parts("a") == 5)
        }
    }

    @Test func `an empty answer on error is not an empty cluster`() async throws {
        server.put(Fixture.gadget("a", parts: 2), at: Fixture.gadgets + "a")
        try await running { _ in
            #expect(await time.until(step: .milliseconds(50)) { observed("a") == 2 })
            for _ in 0..<6 {
                server.fail(.list, Fixture.status(403, "Forbidden"))
                server.fail(.watch, Fixture.status(404, "NotFound"))
            }
            server.cutWatches(forgetting: true)
            await time.pass(.seconds(1), rounds: 2_000)
            let view = await cache.view
            #expect(view.all(Part.self).count == 2)
        }
    }

    @Test func `a kind that cannot be followed for a while is said to be stale, until it can`()
        async throws
    {
        server.put(Fixture.gadget("a", parts: 2), at: Fixture.gadgets + "a")
        try await running { _ in
            #expect(await time.until(step: .milliseconds(50)) { observed("a") == 2 })
            #expect(await !cache.view.isStale(Part.type))
            for _ in 0..<24 {
                server.fail(.list, Fixture.status(503, "ServiceUnavailable"))
                server.fail(.watch, Fixture.status(503, "ServiceUnavailable"))
            }
            server.cutWatches(forgetting: true)
            let began = time.now.instant
            #expect(
                await time.until(step: .seconds(1)) { await cache.view.isStale(Part.type) })
            #expect(time.now.instant - began >= StaleKind.after)
            #expect(await cache.view.all(Part.self).count == 2, "what was known stays")
            #expect(
                await time.until(step: .seconds(1), rounds: 200_000) {
                    await !cache.view.isStale(Part.type)
                })
        }
    }

    @Test func `a process that does not lead watches but writes nothing`() async throws {
        let leadership = LeadershipState()
        server.put(Fixture.gadget("a", parts: 1), at: Fixture.gadgets + "a")
        try await running(leadership) { _ in
            #expect(await time.until { await cache.view.all(Gadget.self).count == 1 })
            await time.pass(.seconds(1), rounds: 1_000)
            #expect(server.log.isEmpty)
            leadership.set(
                Leadership(holder: "me", term: 1, validUntil: time.now.instant + .seconds(900)))
            #expect(await time.until(step: .milliseconds(50)) { parts("a") == 1 })
        }
    }

    @Test func `a shutdown finishes what is under way, and nothing new is begun`() async throws {
        server.put(Fixture.gadget("a", parts: 4), at: Fixture.gadgets + "a")
        let machine = ControllerMachine(
            GadgetReconciler(), startedAt: time.now.time, seed: 1)
        let controller = Controller(
            machine, cache: cache, applier: applier(.alone()), leadership: .alone(), time: time,
            logger: Fixture.logger)
        let informers = Informers(
            for: machine.watched, client: server, cache: cache, seed: 1, time: time,
            logger: Fixture.logger)
        server.fail(.create, .hang)
        let group = ServiceGroup(services: [informers, controller], logger: Fixture.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            #expect(await time.until { server.log.count == 1 })
            await group.triggerGracefulShutdown()
            await time.pass(.milliseconds(1), rounds: 200)
            time.advance(by: .seconds(10))
            try await tasks.next()
        }
        #expect(server.log.count == 1)
    }

    @Test func `a refusal is told in the status, and others are not delayed by it`() async throws {
        server.put(Fixture.gadget("a", parts: 1), at: Fixture.gadgets + "a")
        server.fail(.create, Fixture.status(422, "Invalid"))
        try await running { _ in
            #expect(
                await time.until(step: .milliseconds(20)) {
                    server.object(Fixture.gadgets + "a")?[path: ["status", "failure"]]
                        == "Invalid"
                })
            server.put(Fixture.gadget("b", parts: 2), at: Fixture.gadgets + "b")
            #expect(await time.until(step: .milliseconds(50)) { parts("b") == 2 })
        }
    }

    @Test func `a sink hears of every batch at once, and of what is there already`() async {
        var rumour = Rumour(metadata: ObjectMeta(name: "r", namespace: "ns"), text: "one")
        await cache.publish(rumour)
        let heard = Heard()
        await cache.observe(Rumour.self) { changes, view in
            heard.add(changes.map { $0.new?.text ?? "gone" }, view.all(Rumour.self).count)
        }
        rumour.text = "two"
        await cache.publish(rumour)
        await cache.publish(rumour)
        #expect(cache.snapshot.all(Rumour.self) == [rumour])
        await cache.retract(rumour.key)
        await cache.retract(rumour.reference)
        #expect(heard.all == ["one:1", "two:1", "gone:0"])
    }

    @Test func `a mailbox holds each object once, however often it changes`() async throws {
        let mailbox = Mailbox(raising: Signal())
        await cache.subscribe(mailbox, to: [Rumour.self])
        _ = mailbox.take()
        for number in 0..<1_000 {
            await cache.publish(
                Rumour(
                    metadata: ObjectMeta(name: "r\(number % 3)", namespace: "ns"),
                    text: "\(number)"))
        }
        await cache.retract(Key<Rumour>(namespace: "ns", name: "r2"))
        guard case .changed(let changes, let view)? = mailbox.take() else {
            Issue.record("nothing came")
            return
        }
        #expect(changes.map(\.object.name) == ["r0", "r1"])
        #expect(changes.first?.of(Rumour.self)?.new?.text == "999")
        #expect(view.all(Rumour.self).count == 2)
        #expect(mailbox.take() == nil)
    }

    @Test func `readiness waits for the cache`() async {
        let health = Health()
        health.requireSync(of: [Gadget.type, Part.type], in: cache)
        #expect(health.readiness.failures == ["cache: not yet seen: gadgets, parts"])
        await cache.apply([Delta<Gadget>.replace([], at: ResourceVersion("1"))])
        #expect(health.readiness.failures == ["cache: not yet seen: parts"])
        await cache.apply([Delta<Part>.replace([], at: ResourceVersion("1"))])
        #expect(health.readiness.isHealthy)
        #expect(health.liveness.text == "ok")
    }
}
