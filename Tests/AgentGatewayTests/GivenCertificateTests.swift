import AsyncHTTPClient
import Foundation
import KubernetesCore
import NIOCore
import Testing

@testable import AgentGateway

/// Certificates that somebody else made for the gateway, and how it comes from one to the next.
struct GivenCertificateTests {
    private let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    private typealias File = GivenCertificate.File

    /// The files that an authority gives for `names`.
    private func files(
        _ authority: Authority, _ names: [String] = ["gateway.test"], roots: [Authority]? = nil
    ) throws -> [File: [UInt8]] {
        let (certificate, key) = try authority.issue(for: names)
        let trusted = try (roots ?? [authority]).map { try $0.pem() + "\n" }.joined()
        return [
            .chain: Array((certificate + "\n").utf8), .key: Array(key.utf8),
            .roots: Array(trusted.utf8),
        ]
    }

    private func identity(_ files: [File: [UInt8]]) throws -> GatewayIdentity {
        GatewayIdentity(given: try GivenCertificate(files, name: "gateway.test"))
    }

    @Test func `a certificate that agents would refuse is refused, with the reason`() throws {
        let authority = try Authority()
        let good = try files(authority)
        _ = try identity(good)
        _ = try identity(try files(authority, ["*.test"]))
        let other = try files(try Authority())
        var cases: [(reason: String, files: [File: [UInt8]])] = []
        for file in File.allCases {
            var missing = good
            missing[file] = nil
            cases.append(("\(file.rawValue) is missing", missing))
            var broken = good
            broken[file] = Array("-----BEGIN CERTIFICATE-----\nnonsense".utf8)
            cases.append(("\(file.rawValue) cannot be read", broken))
        }
        cases.append(("is not the key", good.merging([.key: other[.key] ?? []]) { $1 }))
        cases.append(("vouches for", good.merging([.roots: other[.roots] ?? []]) { $1 }))
        cases.append(("not for the name", try files(authority, ["other.test", "*.gateway.test"])))
        cases.append(("not for the name", try files(authority, ["127.0.0.1"])))
        for (reason, files) in cases {
            let error = #expect(throws: GatewayError.self) { try identity(files) }
            #expect(error?.description.contains(reason) == true, "\(reason): \(error as Any)")
        }
        let late = #expect(throws: GatewayError.self) {
            try GivenCertificate(good, name: "gateway.test", at: Date() + 3 * 365 * 86_400)
        }
        #expect(late?.description.contains("holds from") == true)
    }

    @Test
    func `new roots are given before the certificate is shown, and old ones for a while after`()
        throws
    {
        let first = try Authority()
        let second = try Authority()
        let old = try identity(try files(first))
        let new = try identity(try files(second))
        var rollover = CertificateRollover(old)
        #expect(rollover.step(to: old, at: now).roots == nil)

        let announced = rollover.step(to: new, at: now)
        #expect(announced.roots == (old.roots + new.roots).joined(separator: "\n"))
        #expect(announced.shown == nil)
        let soon = rollover.step(to: new, at: now + .seconds(500))
        #expect(soon.roots == nil && soon.shown == nil)
        let shown = rollover.step(to: new, at: now + CertificateRollover.lead)
        #expect(shown.shown?.certificatePEM == new.certificatePEM && shown.roots == nil)
        #expect(rollover.step(to: new, at: now + .seconds(3_000)).roots == nil)
        let settled = rollover.step(to: new, at: now + .seconds(5_000))
        #expect(settled.roots == new.caPEM && settled.shown == nil)
    }

    @Test func `a certificate that known roots vouch for is shown at once`() throws {
        let authority = try Authority()
        var rollover = CertificateRollover(try identity(try files(authority)))
        let renewed = try identity(try files(authority))
        let step = rollover.step(to: renewed, at: now)
        #expect(step.shown?.certificatePEM == renewed.certificatePEM && step.roots == nil)
        // Whoever gives the next root beforehand waits for nothing later.
        let next = try Authority()
        let both = try identity(try files(authority, roots: [authority, next]))
        #expect(rollover.step(to: both, at: now).roots?.contains(try next.pem()) == true)
        let later = now + CertificateRollover.lead
        _ = rollover.step(to: nil, at: later)
        let changed = try identity(try files(next, roots: [authority, next]))
        #expect(rollover.step(to: changed, at: later).shown != nil)
    }

    @Test func `somebody who changes their mind loses no root that is counted on`() throws {
        let old = try identity(try files(try Authority()))
        let new = try identity(try files(try Authority()))
        var rollover = CertificateRollover(old)
        _ = rollover.step(to: new, at: now)
        #expect(rollover.step(to: old, at: now + .seconds(60)).roots == nil)
        let settled = rollover.step(to: old, at: now + .seconds(4_000))
        #expect(settled.roots == old.caPEM && settled.shown == nil)
    }

    @Test func `a folder is read anew, and says what is wrong with it`() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("gateway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = CertificateFolder(path: path, name: "gateway.test")
        #expect(folder.isEmpty)
        let authority = try Authority()
        func write(_ files: [File: [UInt8]]) throws {
            for (file, bytes) in files {
                try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + file.rawValue))
            }
        }
        try write(try files(authority))
        let first = try folder.identity(at: now)
        #expect(!folder.isEmpty && !first.isAging(at: first.expiry))
        try write(try files(authority))
        #expect(try folder.identity(at: now).certificatePEM != first.certificatePEM)
        try write([.key: Array("half".utf8)])
        let error = #expect(throws: GatewayError.self) { try folder.identity(at: now) }
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains("tls.key") == true)
        try write([.key: Array(repeating: 65, count: 2 << 20)])
        #expect(throws: GatewayError.self) { try folder.identity(at: now) }
    }

    @Test func `H6: agents with old and with new roots are answered while authorities change`()
        async throws
    {
        let old = try identity(try files(try Authority(), ["localhost", "gateway.test"]))
        let new = try identity(try files(try Authority(), ["localhost", "gateway.test"]))
        try await GatewayScene.run(identity: old) { scene in
            var rollover = CertificateRollover(old)
            let announced = try #require(rollover.step(to: new, at: now).roots)
            // Who has heard of the new roots is answered before and after.
            let agent = try GatewayScene.client(trusting: announced)
            #expect(try await scene.call("GET", "/nothing", with: agent).status == 404)
            let step = rollover.step(to: new, at: now + CertificateRollover.lead)
            try scene.server.show(try #require(step.shown))
            let fresh = try GatewayScene.client(trusting: announced)
            #expect(try await scene.call("GET", "/nothing", with: fresh).status == 404)
            #expect(try await scene.call("GET", "/nothing", with: agent).status == 404)
            let late = try GatewayScene.client(
                trusting: old.caPEM, patience: .milliseconds(500))
            await #expect(throws: (any Error).self) {
                try await scene.call("GET", "/nothing", with: late)
            }
            for client in [agent, fresh, late] { try await client.shutdown() }
        }
    }
}
