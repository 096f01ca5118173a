import KubernetesCore
import SwiftletAPI
import Testing

@testable import AgentGateway

/// What clients that listen are told over the wire.
struct SubscriptionTests {
    private static let subscription = ["_meta", "io.modelcontextprotocol/subscriptionId"]
    private static let task = "shop/t/uid-1"

    private func method(_ message: JSONValue?) -> String? { message?["method"]?.string }

    private func status(_ message: JSONValue?) -> String? {
        message?[path: ["params", "status"]]?.string
    }

    private func granted(_ message: JSONValue?) -> JSONValue? {
        message?[path: ["params", "notifications"]]
    }

    /// Runs a scene in which the task `t` has been submitted.
    private func run(
        _ edit: (inout GatewayLimits) -> Void = { _ in },
        answers: CallerAuthenticator.Limits = CallerAuthenticator.Limits(),
        _ body: (GatewayScene) async throws -> Void
    ) async throws {
        var limits = GatewayLimits()
        // Longer than any test waits: what is told is told because of what happens.
        limits.subscriptionBeat = .seconds(600)
        limits.subscriptionReviewTime = .seconds(600)
        edit(&limits)
        try await GatewayScene.run(limits: limits, answers: answers) { scene in
            _ = try await scene.tool("submit_task", ["name": "t"])
            try await body(scene)
        }
    }

    // MARK: - What is told

    @Test func `whoever listens is told how a task stands, what changes, and that it is over`()
        async throws
    {
        try await run { scene in
            var listener = try await scene.listen(
                [Self.task, "shop/none/uid-9", "far/t/uid-1"], id: "sub-1")
            #expect(listener.status == 200)
            #expect(listener.headers["content-type"] == "text/event-stream")
            #expect(listener.headers["cache-control"] == "no-cache")
            #expect(listener.headers["x-accel-buffering"] == "no")
            let first = try await listener.next()
            #expect(method(first) == "notifications/subscriptions/acknowledged")
            #expect(granted(first) == ["taskIds": [.string(Self.task)]])
            var told = [first, try await listener.next()]
            #expect(status(told[1]) == "working")
            await scene.change("t") { $0.status.phase = .running }
            told.append(try await listener.next())
            await scene.change("t") {
                $0.status.phase = .succeeded
                $0.status.result = ["answer": 42]
            }
            told.append(try await listener.next())
            #expect(status(told[3]) == "completed")
            let content = ["params", "result", "structuredContent", "result"]
            #expect(told[3]?[path: content] == ["answer": 42])
            for message in told {
                #expect(message?[path: ["params"] + Self.subscription] == "sub-1")
            }
            let end = try await listener.rest()
            #expect(end.count == 1)
            #expect(end.first?["id"] == "sub-1")
            #expect(end.first?[path: ["result"] + Self.subscription] == "sub-1")
            // What is told is what is answered when it is asked for.
            var asked = try await scene.modern("tasks/get", ["taskId": .string(Self.task)])
                .json?["result"]
            var params = told[3]?["params"]
            for key in ["_meta", "resultType"] {
                asked?[key] = nil
                params?[key] = nil
            }
            #expect(asked == params)
        }
    }

    @Test func `whoever comes back has missed nothing that still holds`() async throws {
        try await run { scene in
            try await scene.withListener(to: [Self.task]) { first in
                let told = [try await first.next(), try await first.next()]
                #expect(told.map { status($0) } == [nil, "working"])
            }
            await scene.change("t") { $0.status.phase = .running }
            await scene.change("t") { $0.status.phase = .cancelled }
            var second = try await scene.listen([Self.task])
            _ = try await second.next()
            #expect(status(try await second.next()) == "cancelled")
            #expect(try await second.rest().count == 1)
        }
    }

    @Test func `what is unknown and what is not theirs are left out alike`() async throws {
        try await run { scene in
            var told: Set<[JSONValue]> = []
            for (task, token) in [
                (Self.task, FakeDesk.stranger), ("shop/none/uid-1", FakeDesk.stranger),
                ("shop/none/uid-1", FakeDesk.builder), ("shop/t/uid-2", FakeDesk.builder),
                ("far/t/uid-1", FakeDesk.builder), ("shop/t", FakeDesk.builder),
                ("no handle", FakeDesk.builder), (Self.task, FakeWorld.token),
            ] {
                var listener = try await scene.listen([task], token: token)
                #expect(listener.status == 200)
                told.insert(try await listener.rest())
            }
            #expect(told.count == 1)
            #expect(told.first?.count == 2)
            #expect(granted(told.first?.first) == [:])
        }
    }

    @Test func `listening to tasks is for clients that say they know them`() async throws {
        try await run { scene in
            let tasks: JSONValue = ["notifications": ["taskIds": [.string(Self.task)]]]
            let refused = try await scene.modern(
                "subscriptions/listen", tasks, knowsTasks: false)
            #expect(refused.status == 400)
            #expect(refused.json?["error"]?["code"] == -32_021)
            let lists: JSONValue = ["notifications": ["toolsListChanged": true]]
            let none = try await scene.modern(
                "subscriptions/listen", lists, knowsTasks: false)
            #expect(none.status == 200)
            let old = try await scene.legacy("subscriptions/listen", lists)
            #expect(old.json?["error"]?["code"] == -32_601)
        }
    }

    @Test func `a stream on which nothing happens carries a word now and then`() async throws {
        try await run {
            $0.subscriptionBeat = .milliseconds(10)
        } _: { scene in
            var listener = try await scene.listen([Self.task])
            try await listener.beat()
            try await listener.beat()
            #expect(listener.beats >= 2)
        }
    }

    // MARK: - How it ends

    @Test func `a stream lasts as long as one may, and ends with its result`() async throws {
        try await run {
            $0.subscriptionTime = .milliseconds(50)
        } _: { scene in
            var listener = try await scene.listen([Self.task])
            #expect(try await listener.rest().last?["result"] != nil)
        }
    }

    @Test func `when the gateway ends, whoever listens is told`() async throws {
        try await run { scene in
            var listener = try await scene.listen([Self.task])
            _ = try await listener.next()
            _ = try await listener.next()
            await scene.end()
            let rest = try await listener.rest()
            #expect(rest.count == 1)
            #expect(rest.first?["result"] != nil)
        }
    }

    @Test func `whoever listens to an operator that leads no more is told to go`() async throws {
        try await run { scene in
            // The gateway says whether it answers: first that it does not, then that it does.
            try await scene.untilPresences(2)
            var listener = try await scene.listen([Self.task])
            _ = try await listener.next()
            _ = try await listener.next()
            await scene.world.setLeading(false)
            let rest = try await listener.rest()
            #expect(rest.count == 1)
            #expect(rest.first?["result"] != nil)
        }
    }

    @Test(arguments: ["token", "right", "nobody can say"])
    func `whoever is not let in any more is told no more`(lost: String) async throws {
        var answers = CallerAuthenticator.Limits()
        answers.goodFor = .milliseconds(1)
        try await run(
            {
                $0.subscriptionReviewTime = .milliseconds(10)
                $0.rightsTime = .milliseconds(1)
            }, answers: answers
        ) { scene in
            var listener = try await scene.listen([Self.task])
            _ = try await listener.next()
            #expect(status(try await listener.next()) == "working")
            switch lost {
            case "token": await scene.world.revoke(FakeDesk.builder)
            case "right": await scene.desk.revoke("system:serviceaccount:shop:builder get shop")
            default: await scene.desk.goDown(true)
            }
            let rest = try await listener.rest()
            #expect(rest.count == 1)
            #expect(rest.first?["result"] != nil)
        }
    }

    // MARK: - Bounds

    @Test func `H4: whoever listens beyond the limit is refused, and agents are served`()
        async throws
    {
        try await run {
            $0.subscriptionsMax = 40
            $0.callerSubscriptionsMax = 30
        } _: { scene in
            var open: [EventListener] = []
            for _ in 0..<30 { open.append(try await scene.listen([Self.task])) }
            let one = try await scene.listen([Self.task])
            #expect(one.status == 429)
            for _ in 0..<10 {
                open.append(try await scene.listen([Self.task], token: FakeDesk.other))
            }
            for _ in 0..<10 {
                let refused = try await scene.listen([Self.task], token: FakeDesk.other)
                #expect(refused.status == 503)
                #expect(refused.headers["retry-after"] == "5")
            }
            #expect(open.allSatisfy { $0.status == 200 })
            #expect(try await scene.sync(scene.request()).status == 200)
            await scene.change("t") { $0.status.phase = .succeeded }
            for index in open.indices {
                #expect(status(try await open[index].rest().dropLast().last) == "completed")
            }
            var next = try await scene.listenOnceThereIsRoom([Self.task])
            #expect(try await next.rest().count == 3)
        }
    }

    @Test func `whoever leaves gives its place to another`() async throws {
        try await run {
            $0.subscriptionsMax = 1
        } _: { scene in
            try await scene.withListener(to: [Self.task]) { first in
                _ = try await first.next()
                #expect(try await scene.listen([Self.task]).status == 503)
            }
            #expect(try await scene.listenOnceThereIsRoom([Self.task]).status == 200)
        }
    }

    @Test func `H4: whoever listens and does not read is left, and nothing is kept for it`()
        async throws
    {
        try await run {
            $0.subscriptionsMax = 1
            $0.subscriptionWriteTime = .milliseconds(200)
        } _: { scene in
            try await scene.withListener(to: [Self.task]) { deaf in
                #expect(deaf.status == 200)
                try await tell(much: scene)
                withExtendedLifetime(deaf) {}
            }
        }
    }

    /// Changes the task until somebody else has its listener's place.
    private func tell(much scene: GatewayScene) async throws {
        let much = String(repeating: "x", count: 1 << 20)
        let end = ContinuousClock.now + GatewayScene.patience
        var next = try await scene.listen([Self.task])
        var calls = 0
        // Until what lies between the two is full, and the time to read is over.
        while next.status != 200, ContinuousClock.now < end {
            await scene.change("t") {
                $0.status.phase = .running
                $0.status.attempt += 1
                $0.status.message = much + String($0.status.attempt)
            }
            calls += 1
            #expect(try await scene.sync(scene.request(calls)).status == 200)
            next = try await scene.listen([Self.task])
        }
        #expect(next.status == 200)
    }

    @Test func `a place is given back once, also by an answer that never began`() throws {
        let places = StreamPlaces(3, perCaller: 2)
        var held = [try places.take(for: "a"), try places.take(for: "a")]
        #expect(throws: StreamPlaces.Refused.callerHasEnough) { try places.take(for: "a") }
        held.append(try places.take(for: "b"))
        #expect(throws: StreamPlaces.Refused.full) { try places.take(for: "c") }
        #expect(Set(held.map(\.uid)).count == 3)
        held[0].give()
        held[0].give()
        #expect(places.count == 2)
        held = []
        #expect(places.count == 0)
        _ = try places.take(for: "a")
    }
}
