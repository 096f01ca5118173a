import Foundation
import KubernetesCore
import SwiftletAPI
import Testing

@testable import AgentGateway

/// What is done with a Secret of the gateway's authorities that is not as the operator has left it,
/// and what is said of it.
struct KeptAuthorityTests {
    private let key = Key<SecretView>(namespace: "ops", name: GatewayIdentity.secretName)

    private func load(_ world: FakeWorld) async throws -> (GatewayIdentity, said: [String]) {
        var said: [String] = []
        let identity = try await GatewayIdentity.loadOrCreate(
            secrets: world, namespace: "ops", names: ["a"]
        ) { said.append($0) }
        return (identity, said)
    }

    private func follow(
        _ identity: GatewayIdentity, _ world: FakeWorld, leads: Bool = true
    ) async throws -> (GatewayIdentity?, said: [String]) {
        var said: [String] = []
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        let found = try await identity.followed(
            secrets: world, namespace: "ops", names: ["a"], mayWrite: leads, at: now
        ) { said.append($0) }
        return (found, said)
    }

    private func edit(_ world: FakeWorld, _ edit: (inout SecretView) throws -> Void) async throws {
        var secret = try #require(await world.secrets[key])
        try edit(&secret)
        await world.put(secret)
    }

    @Test func `a good Secret is nothing to speak of`() async throws {
        let world = FakeWorld()
        let first = try await load(world)
        #expect(first.said.isEmpty)
        #expect(try await load(world).said.isEmpty)
        #expect(try await follow(first.0, world).said.isEmpty)
    }

    @Test(arguments: [
        ("tls.key", "tls.key is no P-256 private key in PEM"),
        ("tls.crt", "tls.crt is no certificate in PEM"), ("no key", "tls.key is missing"),
        ("no certificate", "tls.crt is missing"), ("empty", "tls.crt is missing"),
        ("mixed", "is of another key than the one beside it"), ("old", "ends too soon to sign"),
        ("young", "does not hold before"),
    ])
    func `an authority of ours that cannot sign is replaced, and it is said why`(
        harm: String, reason: String
    ) async throws {
        let world = FakeWorld()
        let good = try await load(world).0
        try await edit(world) { secret in
            switch harm {
            case "no key": secret.data["tls.key"] = nil
            case "no certificate": secret.data["tls.crt"] = nil
            case "empty": secret.data = [:]
            case "mixed": secret.data["tls.crt"] = Array(try Authority().pem().utf8)
            case "old", "young":
                let years: TimeInterval = harm == "old" ? -9 : 1
                let other = try Authority(now: Date() + years * 365 * 86_400)
                secret.data["tls.crt"] = Array(try other.pem().utf8)
                secret.data["tls.key"] = Array(other.keyPEM.utf8)
            default: secret.data[harm] = Array("nonsense".utf8)
            }
        }
        let broken = await world.secrets[key]
        let (second, said) = try await load(world)
        #expect(second.caPEM != good.caPEM)
        #expect(said.count == 1)
        let text = try #require(said.first)
        #expect(
            text.contains("ops/\(GatewayIdentity.secretName)") && text.contains(reason), "\(text)")
        #expect(!text.contains("PRIVATE KEY"))
        #expect(try await load(world).said.isEmpty, "it is good again")
        // A process that knows better puts back what agents trust; others say it and wait.
        await world.put(try #require(broken))
        #expect(try await follow(good, world, leads: false).said.count == 1)
        let back = try await follow(good, world)
        #expect(back.0 == nil && back.said.first?.contains(reason) == true)
        #expect(try await load(world).0.caPEM == good.caPEM)
    }

    @Test(arguments: [
        ("next.crt", "next.crt is no certificate in PEM"), ("next.key", "next.key is no P-256"),
        ("half", "next.key is missing"), ("mixed", "is of another key"),
        ("previous.crt", "previous.crt is no certificate in PEM"),
    ])
    func `what stands beside a good authority and cannot be used is said, and taken out`(
        harm: String, reason: String
    ) async throws {
        let world = FakeWorld()
        let good = try await load(world).0
        try await edit(world) { secret in
            let next = try Authority()
            secret.data["next.crt"] = Array(try next.pem().utf8)
            secret.data["next.key"] = Array(next.keyPEM.utf8)
            switch harm {
            case "half": secret.data["next.key"] = nil
            case "mixed": secret.data["next.crt"] = Array(try Authority().pem().utf8)
            case "previous.crt":
                secret.data["next.crt"] = nil
                secret.data["next.key"] = nil
                secret.data["previous.crt"] = [1]
            default: secret.data[harm] = [1]
            }
        }
        let (second, said) = try await load(world)
        #expect(second.roots == good.roots)
        #expect(said.count == 1 && said.first?.contains(reason) == true, "\(said)")
        #expect(try await follow(second, world, leads: false).said.count == 1)
        #expect(try await follow(second, world).0 == nil)
        #expect(await world.secrets[key]?.data.keys.sorted() == ["tls.crt", "tls.key"])
        #expect(try await follow(second, world).said.isEmpty)
    }

    @Test(arguments: ["another's label", "no label", "Opaque"])
    func `a Secret that somebody else has made is refused by name and left alone`(
        whose: String
    ) async throws {
        let world = FakeWorld()
        let good = try await load(world).0
        try await edit(world) { secret in
            switch whose {
            case "no label": secret.metadata.labels = [:]
            case "Opaque": secret.kind = whose
            default: secret.metadata.labels[SwiftletNames.Label.managedBy] = "cert-manager"
            }
        }
        let theirs = await world.secrets[key]
        for leads in [true, false] {
            let error = await #expect(throws: GatewayError.self) {
                try await follow(good, world, leads: leads)
            }
            #expect(error?.description.contains("ops/\(GatewayIdentity.secretName)") == true)
        }
        let error = await #expect(throws: GatewayError.self) { try await load(world) }
        let text = try #require(error?.description)
        #expect(text.contains("ops/\(GatewayIdentity.secretName) is not the operator's own"))
        #expect(text.contains("hand it over: of type kubernetes.io/tls"))
        #expect(await world.secrets[key] == theirs)
        // Handed over, it is ours.
        try await edit(world) { secret in
            secret.kind = "kubernetes.io/tls"
            secret.metadata.labels[SwiftletNames.Label.managedBy] = SwiftletNames.managedBy
        }
        #expect(try await load(world).0.caPEM == good.caPEM)
    }
}
