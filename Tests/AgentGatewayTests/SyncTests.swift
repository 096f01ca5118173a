import AgentProtocol
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@testable import AgentGateway

struct SyncTests {
    private let id = LeaseID(taskUID: UID("task-t"), attempt: 1)

    @Test func `an agent gets its leases and what it says is published`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.lease("t", to: "a")
            await scene.world.lease("other", to: "b")
            let answer = try await scene.sync(scene.request())
            #expect(answer.status == 200)
            #expect(answer.reply?.leases.map(\.id) == [id])
            #expect(answer.reply?.leases.first?.spec?.command == ["true"])
            #expect(answer.reply?.sequence == 1)
            let session = try #require(await scene.world.sessions.first)
            #expect(session.metadata.uid == UID("uid-a"))
            #expect(session.metadata.name == "a")
            let known = try await scene.sync(scene.request(2, reports: [LeaseReport(id: id)]))
            #expect(known.reply?.leases.first?.spec == nil)
        }
    }

    @Test func `a long poll is answered when the agent's tasks change, not before`() async throws {
        try await GatewayScene.run { scene in
            async let waiting = scene.sync(scene.request(wait: GatewayScene.longWait))
            try await scene.untilPublished(1)
            let change = try #require(await scene.world.lease("t", to: "a"))
            scene.server.tasksChanged([change])
            #expect(try await waiting.reply?.leases.map(\.id) == [id])
        }
    }

    @Test func `a long poll ends with its time and with the agent's next call`() async throws {
        try await GatewayScene.run { scene in
            let begin = ContinuousClock.now
            #expect(try await scene.sync(scene.request(1, wait: 1)).reply?.leases == [])
            #expect(ContinuousClock.now - begin >= .milliseconds(900))
            async let first = scene.sync(scene.request(2, wait: GatewayScene.longWait))
            try await scene.untilPublished(2)
            let second = try await scene.sync(scene.request(3))
            #expect(second.reply?.sequence == 3)
            #expect(try await first.reply?.sequence == 2)
        }
    }

    @Test func `a call that was overtaken changes nothing`() async throws {
        try await GatewayScene.run { scene in
            _ = try await scene.sync(scene.request(5))
            let late = try await scene.sync(scene.request(4, reports: [LeaseReport(id: id)]))
            #expect(late.status == 409)
            #expect(late.reason == "Overtaken")
            #expect(await scene.world.sessions.count == 1)
        }
    }

    @Test func `a finished report is acknowledged only when the cache shows it`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.lease("t", to: "a")
            let report = LeaseReport(
                id: id, state: .finished, outcome: AttemptOutcome(.exited(0)))
            let early = try await scene.sync(scene.request(1, reports: [report]))
            #expect(early.reply?.stored == [])
            async let waiting = scene.sync(
                scene.request(2, reports: [report], wait: GatewayScene.longWait))
            try await scene.untilPublished(2)
            let change = try #require(await scene.world.lease("t", to: nil))
            scene.server.tasksChanged([change])
            #expect(try await waiting.reply?.stored == [id])
            let again = try await scene.sync(scene.request(3, reports: [report]))
            #expect(again.reply?.stored == [id])
        }
    }

    @Test func `a zombie's report is refused`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.lease("t", attempt: 2, to: "b")
            let report = LeaseReport(
                id: id, state: .finished, outcome: AttemptOutcome(.exited(0)))
            let answer = try await scene.sync(scene.request(1, reports: [report]))
            #expect(answer.reply?.refused.map(\.id) == [id])
            #expect(answer.reply?.leases == [])
        }
    }

    @Test func `a gateway that does not lead says so and when to come back`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.setLeading(false)
            let answer = try await scene.sync(scene.request())
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "1")
            #expect(await scene.world.sessions.isEmpty)
            await scene.world.setLeading(true)
            async let waiting = scene.sync(scene.request(2, wait: GatewayScene.longWait))
            try await scene.untilPublished(1)
            await scene.world.setLeading(false)
            scene.server.everythingChanged()
            #expect(try await waiting.status == 503)
        }
    }

    @Test func `the cache knows since when agents are answered`() async throws {
        try await GatewayScene.run { scene in
            try await scene.untilPresences(2)
            await scene.world.setLeading(false)
            try await scene.untilPresences(3)
            await scene.world.setLeading(true)
            try await scene.untilPresences(4)
            let times = await scene.world.presences.map(\.answeringSince)
            #expect(times.map { $0 != nil } == [false, true, false, true])
            let (first, second) = (try #require(times[1]), try #require(times[3]))
            #expect(first < second)
        }
    }

    @Test func `a gateway that ends answers who waits`() async throws {
        try await GatewayScene.run { scene in
            async let waiting = scene.sync(scene.request(wait: GatewayScene.longWait))
            try await scene.untilPublished(1)
            await scene.end()
            #expect(try await waiting.status == 200)
        }
    }

    @Test func `values of Secrets take the place of their names, where they are there`()
        async throws
    {
        try await GatewayScene.run { scene in
            await scene.world.put(
                SecretView(
                    metadata: ObjectMeta(name: "keys", namespace: "shop"),
                    data: ["token": Array("s3cret".utf8), "binary": [0xFF, 0xFE]]))
            await scene.world.lease("t", to: "a") { task in
                task.spec.env = [
                    .init(name: "A", source: .secretKey(.init(name: "keys", key: "token"))),
                    .init(name: "B", source: .secretKey(.init(name: "keys", key: "missing"))),
                    .init(name: "C", source: .secretKey(.init(name: "none", key: "x"))),
                    .init(name: "D", source: .secretKey(.init(name: "keys", key: "binary"))),
                ]
            }
            let env = try #require(
                try await scene.sync(scene.request()).reply?.leases.first?.spec?.env)
            #expect(env.first == TaskVariable("A", value: "s3cret"))
            #expect(
                env.dropFirst().filter { $0.name != LeaseSpec.traceVariable }.allSatisfy {
                    if case .secret = $0.source { true } else { false }
                })
        }
    }

    @Test(arguments: ["", "[]", "{", #"{"namespace":"shop"}"#, "\u{FEFF}{}"])
    func `a broken body is refused`(body: String) async throws {
        try await GatewayScene.run { scene in
            let answer = try await scene.call("POST", "/v1/sync", body: Array(body.utf8))
            #expect(answer.status == 400)
            #expect(answer.reason == "BadRequest")
            #expect(await scene.world.sessions.isEmpty)
        }
    }

    @Test func `a body above the limit is refused, announced or not`() async throws {
        var limits = GatewayLimits()
        limits.syncBytesMax = 1_000
        try await GatewayScene.run(limits: limits) { scene in
            let answer = try await scene.call(
                "POST", "/v1/sync", body: [UInt8](repeating: 32, count: 1_001))
            #expect(answer.status == 413)
            #expect(try await scene.sync(scene.request()).status == 200)
        }
    }
}
