import APIServerModel
import CurlTransport
import Foundation
import KubernetesCore
import Logging
import Testing

@testable import LocalCluster

/// What clients may not do, over real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LimitTests {
    /// A server that listens, with its parts in hand.
    struct Server: Sendable {
        let port: Int
        let host: APIServerHost
        let certificates: ClusterCertificates

        func connect(reads: Bool = true) async throws -> RawConnection {
            try await RawConnection.open(
                port: port, authorityPEM: certificates.authorityPEM, reads: reads)
        }

        /// A request's header, with the administrator's token.
        func head(_ line: String, _ fields: String...) -> String {
            "\(line) HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer admin\r\n"
                + "content-type: application/json\r\n"
                + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        }
    }

    func withServer(
        _ limits: ConnectionLimits = ConnectionLimits(), log given: Logger? = nil,
        _ body: @escaping @Sendable (Server) async throws -> Void
    ) async throws {
        var log = given ?? Logger(label: "test")
        if given == nil { log.logLevel = .critical }
        var model = APIServerConfiguration(adminToken: "admin")
        model.startTime = WallClock.time
        let host = APIServerHost(server: APIServer(configuration: model), log: log)
        let certificates = try ClusterCertificates(now: WallClock.time)
        let listener = APIListener(
            port: try ReservedPort(0), certificates: certificates, limits: limits,
            host: host, logs: PodLogStore(), log: log)
        let (ready, signal) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            group.addTask { try await listener.run { signal.yield() } }
            for await _ in ready { break }
            do {
                try await body(
                    Server(port: listener.port.number, host: host, certificates: certificates))
            } catch {
                Issue.record("\(error)")
            }
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
        }
    }

    /// libcurl resets each stream that has ended; see `ResetRate`.
    @Test func `a client of HTTP/2 may ask a thousand times on one connection`() async throws {
        try await withServer { server in
            var tls = TLSOptions()
            tls.authorities = Array(server.certificates.authorityPEM.utf8)
            let address = try #require(
                HTTPServer("https://127.0.0.1:\(server.port)", tls: tls))
            let transport = try CurlTransport()
            var fields = KubernetesCore.HTTPFields()
            fields["authorization"] = "Bearer admin"
            let request = KubernetesCore.HTTPRequest(
                method: .get, target: "/version", fields: fields)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<125 {
                            let answer = try await transport.send(request, to: address, .call)
                            _ = try await answer.body.collect(bytesMax: 1 << 16)
                            #expect(answer.head.status == 200)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    static let create = "POST /api/v1/namespaces/default/configmaps"

    @Test func `a body over the limit is refused with the server's sentence`() async throws {
        var limits = ConnectionLimits()
        limits.lingerTime = .seconds(1)
        try await withServer(limits) { server in
            let limit = 3 << 20
            let stated = try await server.connect()
            stated.send(server.head(Self.create, "content-length: \(limit + 1)"))
            let answer = try await stated.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
            #expect(answer.contains("Request entity too large: limit is 3145728"), "\(answer)")

            let chunked = try await server.connect()
            chunked.send(server.head(Self.create, "transfer-encoding: chunked"))
            let chunk = [UInt8](repeating: 0x20, count: 1 << 20)
            for _ in 0..<4 {
                chunked.send("100000\r\n")
                chunked.send(chunk)
                chunked.send("\r\n")
            }
            let second = try await chunked.until("3145728")
            #expect(second.hasPrefix("HTTP/1.1 413 "), "\(second)")

            // One byte less is read, and refused for what it is.
            let padded = String(repeating: " ", count: limit - 2) + "{}"
            let whole = try await server.connect()
            whole.send(server.head(Self.create, "content-length: \(limit)") + padded)
            let third = try await whole.until("\"kind\"")
            #expect(third.hasPrefix("HTTP/1.1 422 "), "\(third)")
        }
    }

    @Test func `JSON too deep and headers too long are refused`() async throws {
        try await withServer { server in
            let deep = String(repeating: "[", count: 100_000)
            let connection = try await server.connect()
            connection.send(server.head(Self.create, "content-length: \(deep.utf8.count)") + deep)
            let answer = try await connection.until("\"kind\"")
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")

            let long = try await server.connect()
            long.send(
                server.head("GET /version", "x-long: " + String(repeating: "a", count: 200_000)))
            let refused = try await long.untilClosed()
            #expect(refused.hasPrefix("HTTP/1.1 400 "), "\(refused)")

            let noise = try await server.connect()
            noise.send("\u{0}\u{1}\u{2} nonsense\r\n\r\n")
            #expect(try await noise.untilClosed().hasPrefix("HTTP/1.1 400 "))
            // Others are served as ever.
            let other = try await server.connect()
            other.send(server.head("GET /version"))
            #expect(try await other.until("gitVersion").hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `whoever sends a header or a body too slowly is cut off`() async throws {
        var limits = ConnectionLimits()
        limits.headTime = .seconds(1)
        limits.bodyTime = .seconds(1)
        try await withServer(limits) { server in
            let silent = try await RawConnection.open(port: server.port, authorityPEM: nil)
            let handshaken = try await server.connect()
            let head = try await server.connect()
            let body = try await server.connect()
            body.send(server.head(Self.create, "content-length: 1000000"))
            let second = try await server.connect()
            second.send(server.head("GET /version"))
            try await second.until("gitVersion")
            second.send("GET /api")
            // A byte now and then keeps nobody: the time is that of the whole.
            let drip = Task {
                while !Task.isCancelled {
                    head.send("G")
                    body.send(" ")
                    second.send("i")
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            defer { drip.cancel() }
            #expect(try await silent.untilClosed().isEmpty)
            #expect(try await handshaken.untilClosed().isEmpty)
            _ = try await head.untilClosed()
            _ = try await body.untilClosed()
            _ = try await second.untilClosed()
        }
    }

    @Test func `a connection that is done with a request in time stays`() async throws {
        var limits = ConnectionLimits()
        limits.headTime = .seconds(1)
        try await withServer(limits) { server in
            let connection = try await server.connect()
            for _ in 0..<3 {
                let count = connection.text.components(separatedBy: "gitVersion").count
                connection.send(server.head("GET /version"))
                while connection.text.components(separatedBy: "gitVersion").count == count {
                    try await Task.sleep(for: .milliseconds(10))
                }
                // Longer than a header may take: between requests there is none.
                try await Task.sleep(for: .milliseconds(1_300))
            }
            #expect(connection.text.components(separatedBy: "HTTP/1.1 200").count == 4)
        }
    }

    @Test func `a watch whose client is gone, or takes nothing, is forgotten`() async throws {
        var limits = ConnectionLimits()
        limits.writeTime = .seconds(1)
        let lines = LineLog.Lines()
        var log = Logger(label: "test") { _ in LineLog(lines: lines) }
        log.logLevel = .warning
        try await withServer(limits, log: log) { server in
            let watch = server.head("GET /api/v1/configmaps?watch=true")
            let gone = try await server.connect()
            gone.send(watch)
            try await gone.until("kube-root-ca.crt")
            #expect(server.host.watchCount == 1)
            gone.close()
            while server.host.watchCount > 0 { try await Task.sleep(for: .milliseconds(10)) }

            let deaf = try await server.connect()
            deaf.send(watch)
            try await deaf.until("kube-root-ca.crt")
            try await deaf.stopReading()
            // More than the buffers of a connection hold.
            let api = InProcessAPI(host: server.host)
            let text = String(repeating: "x", count: 900_000)
            var count = 0
            while server.host.watchCount > 0 {
                count += 1
                if count <= 30 {
                    try await api.ensure([
                        "apiVersion": "v1", "kind": "ConfigMap",
                        "metadata": ["name": .string("big-\(count)"), "namespace": "default"],
                        "data": ["text": .string(text)],
                    ])
                } else {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            #expect(lines.all.count { $0.contains("did not take its answer") } == 1)
        }
    }

    @Test func `more requests at once than may be are told to come again`() async throws {
        var limits = ConnectionLimits()
        limits.requestsMax = 2
        try await withServer(limits) { server in
            var busy: [RawConnection] = []
            for _ in 0..<2 {
                let connection = try await server.connect()
                connection.send(
                    server.head(Self.create, "content-length: 2", "expect: 100-continue"))
                busy.append(connection)
            }
            // Which of them comes first nobody promises: a request of these may be there before the
            // second of those, and then it is that one that is refused.
            var answer = ""
            while !answer.contains("429") {
                let third = try await server.connect()
                third.send(server.head("GET /version"))
                while !third.text.contains("gitVersion"), !third.text.contains("later.") {
                    try await Task.sleep(for: .milliseconds(5))
                }
                answer = third.text + busy.map(\.text).joined()
                third.close()
            }
            #expect(answer.contains("Too many requests, please try again later."))
            #expect(answer.lowercased().contains("retry-after: 1"))
            for connection in busy { connection.send("{}") }
            for connection in busy { try await connection.until("HTTP/1.1 4") }
            let later = try await server.connect()
            later.send(server.head("GET /version"))
            #expect(try await later.until("gitVersion").hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `more connections than may be wait until one closes`() async throws {
        var limits = ConnectionLimits()
        limits.connectionsMax = 1
        try await withServer(limits) { server in
            let first = try await server.connect()
            first.send(server.head("GET /version"))
            try await first.until("gitVersion")
            let second = try await server.connect()
            second.send(server.head("GET /version"))
            first.send(server.head("GET /api"))
            try await first.until("APIVersions")
            #expect(second.text.isEmpty)
            first.close()
            try await second.until("gitVersion")
        }
    }

    @Test func `a client certificate names its user and groups; a foreign one opens nothing`()
        async throws
    {
        try await withServer { server in
            let review = """
                {"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}
                """
            let request =
                "POST /apis/authentication.k8s.io/v1/selfsubjectreviews HTTP/1.1\r\n"
                + "host: localhost\r\ncontent-type: application/json\r\n"
                + "content-length: \(review.utf8.count)\r\n\r\n" + review
            let own = try server.certificates.client(
                user: "jane", groups: ["dev", "a, b"], now: WallClock.time)
            let jane = try await RawConnection.open(
                port: server.port, authorityPEM: server.certificates.authorityPEM,
                certificate: (own.certificatePEM, own.keyPEM))
            for round in 1...2 {
                jane.send(request)
                while jane.text.components(separatedBy: "\"jane\"").count <= round {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            #expect(jane.text.contains(#""groups":["dev","a, b","system:authenticated"]"#))

            let other = try ClusterCertificates(now: WallClock.time)
            let foreign = try other.client(
                user: "kubernetes-admin", groups: ["system:masters"], now: WallClock.time)
            let refused = try await RawConnection.open(
                port: server.port, authorityPEM: server.certificates.authorityPEM,
                certificate: (foreign.certificatePEM, foreign.keyPEM))
            refused.send(request)
            #expect(try await refused.untilClosed().isEmpty)

            let nobody = try await server.connect()
            nobody.send(request)
            let answer = try await nobody.until("\"kind\"")
            #expect(!answer.contains("jane"), "\(answer)")
        }
    }
}
