import AgentProtocol
import KubernetesCore
import Locking
import Testing

@testable import AgentGateway

/// An agent's token that comes from somewhere else than its pod.
struct PeerBindingTests {
    @Test(arguments: [
        // The pod's addresses, the peer's, whether the peer is the pod.
        (["10.0.0.5"], "10.0.0.5", true), (["10.0.0.5"], "10.0.0.6", false),
        (["10.0.0.5"], "::ffff:10.0.0.5", true), (["::ffff:10.0.0.5"], "10.0.0.5", true),
        (["10.0.0.5"], "::ffff:10.0.0.6", false), (["10.0.0.5", "fd00::5"], "fd00::5", true),
        (["fd00::5"], "FD00:0:0:0:0:0:0:5", true), (["fd00::5"], "fd00::6", false),
        (["fe80::1"], "fe80::1%eth0", true), (["10.0.0.5"], "::10.0.0.5", false),
        (["nonsense", "10.0.0.5"], "10.0.0.5", true), (["10.0.0.5"], "nonsense", false),
        (["10.0.0.5"], "", false), (["127.0.0.2"], "127.0.0.1", false),
        // Who has no address that can be read yet is not refused.
        ([], "10.0.0.6", true), ([""], "10.0.0.6", true), (["nonsense"], "10.0.0.6", true),
        (["10.0.0.05"], "10.0.0.6", true),
    ])
    func `a token is at home where one of its pod's addresses is the peer's`(
        pod: [String], peer: String, isHome: Bool
    ) {
        for binds in [true, false] {
            #expect(
                PeerBinding.verdict(pod: pod, peer: peer, binds: binds)
                    == (isHome ? .fine : .elsewhere(isRefused: binds)))
        }
    }

    @Test func `who hangs up before it is known where it is does not thereby come in`() {
        #expect(
            PeerBinding.verdict(pod: ["10.0.0.5"], peer: nil, binds: true)
                == .elsewhere(isRefused: true))
        #expect(PeerBinding.verdict(pod: ["10.0.0.5"], peer: nil, binds: false) == .fine)
        #expect(PeerBinding.verdict(pod: [], peer: nil, binds: true) == .fine)
    }

    @Test func `it is told of a pod once a minute, and of no more pods than there is room for`() {
        var sightings = Sightings<UID>()
        let start = ContinuousClock.now
        func isTold(_ pod: String, after seconds: Int) -> Bool {
            sightings.take(UID(pod), at: start + .seconds(seconds))
        }
        #expect(isTold("a", after: 0))
        #expect(!isTold("a", after: 59))
        #expect(isTold("b", after: 59))
        #expect(isTold("a", after: 60))
        #expect((0..<5_000).count { isTold("pod-\($0)", after: 200) } == Sightings<UID>.subjectsMax)
        #expect(!isTold("c", after: 259))
        #expect(isTold("c", after: 260))
    }

    // MARK: - Over sockets

    /// Every call that an agent's token opens, in a gateway that listens on 127.0.0.1.
    private func calls(_ scene: GatewayScene) async throws -> [GatewayScene.Answer] {
        await scene.world.lease("t", to: "a")
        let body: [UInt8] = [1]
        let put = try await scene.call(
            "PUT", "/v1/checkpoints/task-t/1/1", body: body,
            headers: [("swiftlet-checkpoint-digest", SecretCheckpointStore.digest(of: body))])
        return [
            try await scene.sync(scene.request()), put,
            try await scene.call("GET", "/v1/checkpoints/task-t/1/0"),
            try await scene.legacy("tools/list", token: FakeWorld.token),
        ]
    }

    @Test func `H2: with the option a token from another address opens nothing, and is told of`()
        async throws
    {
        let told = Mutex<[JSONValue]>([])
        try await GatewayScene.run(
            bindsAgentAddress: true, audit: { record in told.withLock { $0.append(record) } }
        ) { scene in
            await scene.world.place("a", at: ["127.0.0.2"])
            for answer in try await calls(scene) {
                #expect(answer.status == 403)
                let message = answer.json?["message"]?.string ?? ""
                #expect(message.contains("shop/a") && message.contains("127.0.0.1"), "\(message)")
                #expect(message.contains("--bind-agent-address"))
            }
            #expect(await scene.world.secrets.isEmpty)
            #expect(await scene.world.sessions.isEmpty)
            let records = told.withLock(\.self)
            #expect(records.count == 1, "once a minute")
            let record = try #require(records.first)
            #expect(record["event"] == "TokenFromElsewhere")
            #expect(record["agent"] == "a" && record["namespace"] == "shop")
            #expect(record["address"] == "127.0.0.1")
            #expect(record["expected"] == ["127.0.0.2"])
            #expect(record["refused"] == true)
            // Other callers, and agents at home, are answered.
            let person = try await scene.legacy("tools/list")
            #expect(person.status == 200)
            await scene.world.place("a", at: ["fd00::1", "::ffff:127.0.0.1"])
            for answer in try await calls(scene) { #expect(answer.status == 200) }
        }
    }

    @Test func `H2: without the option it is told of and answered`() async throws {
        let told = Mutex<[JSONValue]>([])
        try await GatewayScene.run(audit: { record in told.withLock { $0.append(record) } }) {
            scene in
            for answer in try await calls(scene) { #expect(answer.status == 200) }
            #expect(told.withLock(\.self).isEmpty, "nobody knows its addresses yet")
            await scene.world.place("a", at: ["127.0.0.2"])
            let second = try await scene.sync(scene.request(2))
            #expect(second.status == 200)
            #expect(told.withLock { $0.map { $0["refused"] } } == [false])
        }
    }
}
