import ControlLoop
import KubernetesCore
import ServiceLifecycle
import Testing

@testable import KubernetesRuntime

@Suite struct ElectorTests {
    private let time = ManualTime()
    private let server: FakeServer
    private static let path = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/swiftlet"

    init() { server = FakeServer(time: time) }

    private func elector(_ identity: String, _ leadership: LeadershipState) -> Elector {
        let applier = Applier(
            client: server, leadership: leadership, time: time, logger: Fixture.logger)
        return Elector(
            identity: identity, lease: Key(namespace: "ns", name: "swiftlet"),
            leadership: leadership, applier: applier, client: server, seed: 1, time: time,
            logger: Fixture.logger)
    }

    private var holder: String? {
        server.object(ElectorTests.path)?[path: ["spec", "holderIdentity"]]?.string
    }

    @Test func `one of two leads, and the other takes over when it is gone`() async {
        let first = LeadershipState()
        let second = LeadershipState()
        let one = elector("one", first)
        let two = elector("two", second)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await one.run() }
            #expect(await time.until { first.current != nil && time.sleeping == 1 })
            await withThrowingTaskGroup(of: Void.self) { inner in
                inner.addTask { try await two.run() }
                #expect(await time.pass(.milliseconds(500), times: 100, sleepers: 2))
                #expect(holder == "one")
                #expect(second.current == nil)
                let rest = (first.current?.validUntil ?? time.now.instant) - time.now.instant
                #expect(rest >= .seconds(12))
                // The first one dies without a word.
                group.cancelAll()
                #expect(await time.until { first.current == nil })
                #expect(await time.pass(.milliseconds(500), times: 24, sleepers: 1))
                #expect(second.current == nil)
                #expect(await time.pass(.milliseconds(500), times: 20, sleepers: 1))
                #expect(second.current?.term == 1)
                #expect(holder == "two")
                inner.cancelAll()
            }
        }
        #expect(second.current == nil)
    }

    @Test func `a leader that cannot renew ends the process before its lease runs out`()
        async throws
    {
        let leadership = LeadershipState()
        let server = server
        let time = time
        await #expect(throws: ElectionError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector("one", leadership).run() }
                #expect(await time.until(step: .milliseconds(100)) { leadership.current != nil })
                let until = leadership.current?.validUntil
                for _ in 0..<20 {
                    server.fail(.patch, .lose)
                    server.fail(.get, .lose)
                }
                group.addTask {
                    _ = await time.until(step: .milliseconds(100)) { leadership.current == nil }
                    #expect(time.now.instant < (until ?? time.now.instant))
                }
                try await group.next()
                try await group.next()
            }
        }
    }

    @Test func `a shutdown gives the lease back, so that another may lead at once`() async throws {
        let leadership = LeadershipState()
        let group = ServiceGroup(
            services: [elector("one", leadership)], logger: Fixture.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            #expect(await time.until { leadership.current != nil })
            await group.triggerGracefulShutdown()
            try await tasks.next()
        }
        #expect(leadership.current == nil)
        #expect(holder == "")
        let next = LeadershipState()
        let two = elector("two", next)
        await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await two.run() }
            #expect(await time.until { next.current?.term == 1 })
            tasks.cancelAll()
        }
    }

    @Test func `another's write in the lease ends the leadership`() async throws {
        let leadership = LeadershipState()
        let time = time
        let server = server
        await #expect(throws: ElectionError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector("one", leadership).run() }
                #expect(await time.until(step: .milliseconds(100)) { leadership.current != nil })
                var lease = try #require(server.object(ElectorTests.path))
                lease[path: ["spec", "holderIdentity"]] = "thief"
                server.put(lease, at: ElectorTests.path)
                group.addTask {
                    _ = await time.until(step: .milliseconds(100)) { leadership.current == nil }
                }
                try await group.next()
                try await group.next()
            }
        }
    }
}
