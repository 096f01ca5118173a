import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import AgentGateway

/// Metrics over HTTPS, on a real socket, with a certificate in a folder.
@Suite(.timeLimit(.minutes(2))) struct MetricsCertificateTests {
    private static let quiet = Logger(label: "metrics", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A folder as a Secret is mounted, with the certificate of `identity`.
    private static func folder(_ identity: GatewayIdentity) throws -> String {
        let path = NSTemporaryDirectory() + "swiftlet-certificate-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        try put(identity, into: path)
        return path
    }

    private static func put(_ identity: GatewayIdentity, into path: String) throws {
        try write(identity.certificatePEM, path + "/tls.crt")
        try write(identity.keyPEM, path + "/tls.key")
    }

    private static func write(_ text: String, _ path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// The metrics as a new connection gets them, with trust in one authority.
    private static func scrape(
        _ port: Int, trusting identity: GatewayIdentity, patience: TimeAmount = .seconds(10)
    ) async throws -> String {
        let client = try GatewayScene.client(trusting: identity.caPEM, patience: patience)
        do {
            let answer = try await client.execute(
                HTTPClientRequest(url: "https://localhost:\(port)/metrics"), timeout: .seconds(10))
            let body = try await answer.body.collect(upTo: 1_000)
            try await client.shutdown()
            return String(buffer: body)
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test func `metrics are served over HTTPS, and a renewed certificate is shown at once`()
        async throws
    {
        let first = try GatewayIdentity(names: ["localhost"])
        let second = try GatewayIdentity(names: ["localhost"])
        let folder = try Self.folder(first)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (ports, tell) = AsyncStream.makeStream(of: Int.self)
        let listener = MetricsListener(
            host: "127.0.0.1", port: 0,
            sources: .init(
                health: { nil }, readiness: { nil },
                metrics: { _ in ("swiftlet_up 1\n", "text/plain") }),
            certificate: try MetricsCertificate(folder, logger: Self.quiet), logger: Self.quiet,
            onRunning: { tell.yield($0) })
        let group = ServiceGroup(services: [listener], logger: Self.quiet)
        let running = Task { try await group.run() }
        for await port in ports {
            #expect(try await Self.scrape(port, trusting: first) == "swiftlet_up 1\n")
            await #expect(throws: (any Error).self) {
                try await Self.scrape(port, trusting: second, patience: .milliseconds(500))
            }
            try Self.put(second, into: folder)
            #expect(try await Self.scrape(port, trusting: second) == "swiftlet_up 1\n")
            // A key that is not the certificate's: while files are replaced, one may be older.
            try Self.write(first.keyPEM, folder + "/tls.key")
            #expect(try await Self.scrape(port, trusting: second) == "swiftlet_up 1\n")
            try FileManager.default.removeItem(atPath: folder + "/tls.crt")
            #expect(try await Self.scrape(port, trusting: second) == "swiftlet_up 1\n")
            try Self.put(first, into: folder)
            #expect(try await Self.scrape(port, trusting: first) == "swiftlet_up 1\n")
            break
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    @Test func `a folder without a certificate is said at the start, with its path`() throws {
        let good = try GatewayIdentity(names: ["localhost"])
        let other = try GatewayIdentity(names: ["localhost"])
        let folder = try Self.folder(good)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, content) in [
            ("tls.key", "nonsense"), ("tls.crt", ""), ("tls.key", good.certificatePEM),
            ("tls.key", other.keyPEM),
        ] {
            try Self.put(good, into: folder)
            _ = try MetricsCertificate(folder, logger: Self.quiet)
            try Self.write(content, folder + "/" + name)
            let error = #expect(throws: GatewayError.self) {
                try MetricsCertificate(folder, logger: Self.quiet)
            }
            #expect(error?.description.contains(folder) == true)
        }
        let error = #expect(throws: GatewayError.self) {
            try MetricsCertificate(folder + "/none", logger: Self.quiet)
        }
        #expect(error?.description == "\(folder)/none/tls.crt cannot be read")
    }
}
