import Foundation
import KubernetesCore
import SwiftletAPI
import Testing

@testable import AgentGateway

/// Own authorities that follow each other while the gateway runs.
struct AuthorityRotationTests {
    private let key = Key<SecretView>(namespace: "ops", name: GatewayIdentity.secretName)
    private let start = Timestamp(seconds: Int64(Date().timeIntervalSince1970))

    private func load(_ world: FakeWorld) async throws -> GatewayIdentity {
        try await GatewayIdentity.loadOrCreate(secrets: world, namespace: "ops", names: ["a"])
    }

    private func follow(
        _ identity: GatewayIdentity, _ world: FakeWorld, after: Duration, leads: Bool = true
    ) async throws -> GatewayIdentity? {
        try await identity.followed(
            secrets: world, namespace: "ops", names: ["a"], mayWrite: leads, at: start + after)
    }

    private func ask(_ world: FakeWorld) async throws {
        var secret = try #require(await world.secrets[key])
        secret.metadata.annotations[SwiftletNames.Annotation.rotate] = "now"
        await world.put(secret)
    }

    @Test func `H6: an authority is given to agents first, then signs, then is forgotten`()
        async throws
    {
        let world = FakeWorld()
        let first = try await load(world)
        #expect(try await follow(first, world, after: .seconds(15)) == nil, "nothing is due")
        try await ask(world)
        let announced = try #require(try await follow(first, world, after: .seconds(30)))
        #expect(announced.roots.count == 2 && announced.roots.first == first.roots.first)
        #expect(announced.certificatePEM == first.certificatePEM, "the old one still signs")
        let asked = await world.secrets[key]?.metadata.annotations
        #expect(asked?[SwiftletNames.Annotation.rotate] == nil, "asked once, done once")
        #expect(try await follow(announced, world, after: .seconds(300)) == nil)

        let signed = try #require(try await follow(announced, world, after: .seconds(700)))
        #expect(signed.certificatePEM != first.certificatePEM)
        #expect(signed.roots == announced.roots.reversed())
        #expect(try await follow(signed, world, after: .seconds(3_600)) == nil)
        let settled = try #require(try await follow(signed, world, after: .seconds(90_000)))
        #expect(settled.roots == [announced.roots[1]])
        #expect(settled.certificatePEM == signed.certificatePEM, "nothing new is shown")
        #expect(await world.secrets[key]?.data.keys.sorted() == ["tls.crt", "tls.key"])
    }

    @Test func `a process that restarts in the middle goes on from where it was`() async throws {
        let world = FakeWorld()
        let first = try await load(world)
        try await ask(world)
        _ = try await follow(first, world, after: .seconds(0))
        let second = try await load(world)
        #expect(second.roots.count == 2 && second.roots[0] == first.roots[0])
        let third = try #require(try await follow(second, world, after: .seconds(700)))
        #expect(third.roots[1] == first.roots[0])
        let fourth = try await load(world)
        #expect(fourth.roots == third.roots)
    }

    @Test func `only the leader changes the Secret, and the others follow`() async throws {
        let world = FakeWorld()
        let leader = try await load(world)
        let other = try await load(world)
        try await ask(world)
        #expect(try await follow(other, world, after: .seconds(10), leads: false) == nil)
        #expect(await world.secrets[key]?.data.count == 2)
        let announced = try #require(try await follow(leader, world, after: .seconds(20)))
        let heard = try #require(
            try await follow(other, world, after: .seconds(25), leads: false))
        #expect(heard.roots == announced.roots)
        #expect(heard.certificatePEM == other.certificatePEM)
        #expect(try await follow(heard, world, after: .seconds(900), leads: false) == nil)
    }

    @Test(arguments: ["removed", "broken"])
    func `a Secret that was removed or damaged gets back what agents trust`(how: String)
        async throws
    {
        let world = FakeWorld()
        let identity = try await load(world)
        if how == "removed" {
            await world.remove(key)
        } else {
            var secret = try #require(await world.secrets[key])
            secret.data["tls.key"] = Array("nonsense".utf8)
            await world.put(secret)
        }
        #expect(try await follow(identity, world, after: .seconds(15), leads: false) == nil)
        #expect(try await follow(identity, world, after: .seconds(15)) == nil)
        #expect(try await load(world).roots == identity.roots)
    }

    @Test func `an authority that comes of age is followed by another by itself`() throws {
        let now = Date()
        let old = try AuthorityBook(Authority(now: now - 8 * 365 * 86_400))
        let stepped = try old.stepped(at: now, asked: false)
        #expect(stepped.next != nil && stepped.current == old.current)
        #expect(try stepped.stepped(at: now + 60, asked: true) == stepped, "one at a time")
        let young = try AuthorityBook(Authority(now: now))
        #expect(try young.stepped(at: now, asked: false) == young)
    }
}
