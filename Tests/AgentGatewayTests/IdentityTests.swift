import AsyncHTTPClient
import KubernetesCore
import NIOCore
import Testing

@testable import AgentGateway

struct IdentityTests {
    private let key = Key<SecretView>(namespace: "ops", name: GatewayIdentity.secretName)

    @Test func `a restart keeps the authority`() async throws {
        let world = FakeWorld()
        let first = try await GatewayIdentity.loadOrCreate(
            secrets: world, namespace: "ops", names: ["a"])
        let second = try await GatewayIdentity.loadOrCreate(
            secrets: world, namespace: "ops", names: ["a"])
        #expect(first.caPEM == second.caPEM)
        #expect(first.keyPEM != second.keyPEM)
        #expect(await world.secrets[key]?.kind == "kubernetes.io/tls")
    }

    @Test func `two replicas that start at once agree`() async throws {
        let world = FakeWorld()
        await world.beforeEachWrite {
            await world.beforeEachWrite(nil)
            _ = try? await GatewayIdentity.loadOrCreate(
                secrets: world, namespace: "ops", names: ["a"])
        }
        let mine = try await GatewayIdentity.loadOrCreate(
            secrets: world, namespace: "ops", names: ["a"])
        let kept = try #require(await world.secrets[key]?.data["tls.crt"])
        #expect(Array(mine.caPEM.utf8) == kept)
    }

    @Test func `an authority that cannot be read, or whose key is another, is made anew`()
        async throws
    {
        let world = FakeWorld()
        let good = try await GatewayIdentity.loadOrCreate(
            secrets: world, namespace: "ops", names: ["a"])
        var broken = try #require(await world.secrets[key])
        broken.data["tls.key"] = Array("nonsense".utf8)
        await world.put(broken)
        let second = try await GatewayIdentity.loadOrCreate(
            secrets: world, namespace: "ops", names: ["a"])
        #expect(second.caPEM != good.caPEM)
        var mixed = try #require(await world.secrets[key])
        mixed.data["tls.crt"] = Array(good.caPEM.utf8)
        await world.put(mixed)
        let third = try await GatewayIdentity.loadOrCreate(
            secrets: world, namespace: "ops", names: ["a"])
        #expect(third.caPEM != good.caPEM && third.caPEM != second.caPEM)
    }

    @Test func `a certificate that cannot be read is told with the reason, and may be replaced`()
        throws
    {
        let certificate = ServedCertificate(chain: "nonsense", key: "nonsense")
        let error = #expect(throws: GatewayError.self) { try certificate.configuration() }
        #expect(error?.description.contains("certificate cannot be read: ") == true)
        try certificate.replace(with: GatewayIdentity(names: ["a"]))
        _ = try certificate.configuration()
    }

    @Test func `agents accept the gateway by name and address, and no other's authority`()
        async throws
    {
        try await GatewayScene.run { scene in
            for host in ["localhost", "127.0.0.1", "gateway.test"] {
                #expect(try await scene.call("GET", "/nothing", host: host).status == 404)
            }
            let stranger = try GatewayScene.client(
                trusting: try GatewayIdentity(names: ["localhost"]).caPEM,
                patience: .milliseconds(500))
            await #expect(throws: (any Error).self) {
                try await scene.call("GET", "/nothing", with: stranger)
            }
            try await stranger.shutdown()
        }
    }

    @Test
    func `H6: a certificate that is replaced is shown to new connections, and old ones go on`()
        async throws
    {
        let identity = try GatewayIdentity(names: ["localhost"])
        try await GatewayScene.run(identity: identity) { scene in
            async let waiting = scene.sync(scene.request(1, wait: GatewayScene.longWait))
            try await scene.untilPublished(1)
            let client = try scene.impatientClient()
            await #expect(throws: (any Error).self) {
                try await scene.call("GET", "/nothing", host: "other.test", with: client)
            }
            try scene.server.show(try identity.renewed(names: ["other.test"]))
            let found = try await scene.call("GET", "/nothing", host: "other.test")
            #expect(found.status == 404)
            let change = try #require(await scene.world.lease("t", to: "a"))
            scene.server.tasksChanged([change])
            #expect(try await waiting.status == 200)
            try await client.shutdown()
        }
    }

    @Test func `a certificate is renewed long before its end`() throws {
        let identity = try GatewayIdentity(names: ["localhost"])
        #expect(!identity.isAging(at: identity.expiry - .seconds(400 * 86_400)))
        #expect(identity.isAging(at: identity.expiry - .seconds(100 * 86_400)))
        #expect(identity.isAging(at: identity.expiry))
        #expect(try identity.renewed(names: ["x"]).caPEM == identity.caPEM)
    }

    @Test func `a name that is not the gateway's is refused`() async throws {
        try await GatewayScene.run(names: ["gateway.test"]) { scene in
            let found = try await scene.call("GET", "/nothing", host: "gateway.test")
            #expect(found.status == 404)
            let client = try scene.impatientClient()
            for host in ["localhost", "127.0.0.1", "other.test"] {
                await #expect(throws: (any Error).self) {
                    try await scene.call("GET", "/nothing", host: host, with: client)
                }
            }
            try await client.shutdown()
        }
    }
}
