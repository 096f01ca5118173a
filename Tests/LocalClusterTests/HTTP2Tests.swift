import Foundation
import KubernetesCore
import Logging
import NIOCore
import NIOHTTP2
import Testing

@testable import LocalCluster

/// What clients of HTTP/2 may do and may not do.
extension LimitTests {
    private static let configMaps = "/api/v1/namespaces/default/configmaps"

    private func streams(_ server: Server, window: Int = 1 << 20) async throws -> HTTP2Client {
        try await HTTP2Client.open(
            port: server.port, authorityPEM: server.certificates.authorityPEM, window: window)
    }

    private static func configMap(_ name: String, bytes: Int) -> [UInt8] {
        let text = String(repeating: "x", count: bytes)
        let object: JSONValue = [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
            "data": ["text": .string(text)],
        ]
        return object.encoded()
    }

    @Test func `streams of one connection are answered each for itself`() async throws {
        try await withServer { server in
            let client = try await streams(server)
            // A body of a request that stays open holds up nobody.
            client.ask(1, "POST", Self.configMaps, isWhole: false)
            client.ask(3, "GET", "/version")
            client.ask(5, "GET", "/nowhere")
            client.ask(7, "HEAD", "/version")
            #expect(try await client.answer(3).text.contains("gitVersion"))
            #expect(try await client.answer(5).status == "404")
            let head = try await client.answer(7)
            #expect(head.status == "200" && head.text.isEmpty)
            client.send(1, Self.configMap("late", bytes: 10), isLast: true)
            let late = try await client.answer(1)
            #expect(late.status == "201" && late.text.contains("\"late\""), "\(late)")
        }
    }

    @Test func `bodies larger than a window go both ways`() async throws {
        try await withServer { server in
            let client = try await streams(server, window: 1_000)
            let body = Self.configMap("large", bytes: 900_000)
            for stream in [HTTP2StreamID(1), 3, 5] {
                client.ask(stream, "PUT", Self.configMaps + "/large", isWhole: false)
                client.send(stream, body, isLast: true)
                #expect(try await client.answer(stream).status == "404")
            }
            client.ask(7, "POST", Self.configMaps, isWhole: false)
            client.send(7, body, isLast: true)
            // The client gives no more window: the rest of the answer waits, the others do not.
            let seen = try await client.until { ($0.answers[7]?.text.count ?? 0) >= 1_000 }
            #expect(seen.answers[7]?.status == "201")
            #expect(seen.answers[7]?.text.count == 1_000 && seen.answers[7]?.isEnded == false)
            client.ask(9, "HEAD", "/version")
            #expect(try await client.answer(9).status == "200")
        }
    }

    @Test func `a stream whose body is too large or too slow ends, and only that`() async throws {
        var limits = ConnectionLimits()
        limits.bodyTime = .seconds(1)
        limits.lingerTime = .seconds(1)
        try await withServer(limits) { server in
            let client = try await streams(server)
            client.ask(1, "POST", Self.configMaps, isWhole: false)
            client.ask(3, "POST", Self.configMaps, isWhole: false)
            let chunk = [UInt8](repeating: 0x20, count: 1 << 20)
            for _ in 0..<4 { client.send(3, chunk, isLast: false) }
            let large = try await client.answer(3)
            #expect(large.status == "413" && large.text.contains("3145728"), "\(large)")
            // A byte now and then keeps nothing: the time is that of the whole.
            let drip = Task {
                while !Task.isCancelled {
                    client.send(1, [0x20], isLast: false)
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            defer { drip.cancel() }
            let slow = try await client.answer(1)
            #expect(slow.reset == .cancel && slow.status.isEmpty, "\(slow)")
            client.ask(5, "GET", "/version")
            #expect(try await client.answer(5).status == "200")
        }
    }

    @Test func `a stream whose answer is not taken is cut off`() async throws {
        var limits = ConnectionLimits()
        limits.writeTime = .seconds(1)
        try await withServer(limits) { server in
            let client = try await streams(server, window: 10)
            client.ask(1, "GET", "/version")
            client.ask(3, "GET", "/api/v1/configmaps?watch=true")
            #expect(try await client.answer(1).reset == .cancel)
            #expect(try await client.answer(3).reset == .cancel)
            while server.host.watchCount > 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    @Test func `a watch on a stream is told of changes, and forgotten with its stream`()
        async throws
    {
        try await withServer { server in
            let client = try await streams(server)
            client.ask(1, "GET", "/api/v1/configmaps?watch=true")
            try await client.until { $0.answers[1]?.text.contains("kube-root-ca.crt") == true }
            client.ask(3, "POST", Self.configMaps, isWhole: false)
            client.send(3, Self.configMap("news", bytes: 1), isLast: true)
            try await client.until { $0.answers[1]?.text.contains("\"news\"") == true }
            #expect(server.host.watchCount == 1)
            client.reset(1)
            while server.host.watchCount > 0 { try await Task.sleep(for: .milliseconds(5)) }
            client.ask(5, "GET", "/api/v1/configmaps?watch=true&timeoutSeconds=1")
            #expect(try await client.answer(5).reset == nil, "its time limit ends it in good order")
        }
    }

    @Test func `a client that takes back what it asked, again and again, is cut off`()
        async throws
    {
        try await withServer { server in
            let client = try await streams(server)
            for number in 0...ResetRate.resetsMax {
                let stream = HTTP2StreamID(number * 2 + 1)
                client.ask(stream, "POST", Self.configMaps, isWhole: false)
                client.reset(stream)
            }
            let seen = try await client.until { $0.isClosed }
            #expect(seen.farewell == .enhanceYourCalm)
        }
    }

    @Test func `resets are counted for half a minute`() {
        var rate = ResetRate()
        let start = NIODeadline.now()
        func taken(_ count: Int, at time: NIODeadline) -> [Bool] {
            (0..<count).map { _ in rate.take(at: time) }
        }
        let most = ResetRate.resetsMax
        #expect(!taken(most, at: start).contains(true))
        #expect(taken(1, at: start + .seconds(1)) == [true])
        #expect(!taken(most - 1, at: start + .seconds(31)).contains(true))
        #expect(taken(1, at: start + .seconds(31)) == [true])
    }

    @Test func `a connection on which nothing is asked is closed with a farewell`() async throws {
        var limits = ConnectionLimits()
        limits.headTime = .seconds(1)
        limits.idleTime = .seconds(1)
        try await withServer(limits) { server in
            let idle = try await streams(server)
            let watching = try await streams(server)
            watching.ask(1, "GET", "/api/v1/configmaps?watch=true")
            let other = try await server.connect()
            other.send(server.head("GET /version"))
            let seen = try await idle.until { $0.isClosed }
            #expect(seen.farewell == .noError)
            #expect(try await other.untilClosed().contains("gitVersion"))
            watching.ask(3, "GET", "/version")
            #expect(try await watching.answer(3).status == "200", "who watches is not idle")
        }
    }

    @Test func `requests that come before their turn are answered in turn`() async throws {
        try await withServer { server in
            let connection = try await server.connect()
            let paths = (0..<200).map { "/nowhere-\($0)" }
            connection.send(paths.map { server.head("GET " + $0) }.joined())
            connection.send(server.head("HEAD /version", "connection: close"))
            connection.send(server.head("GET /never"))
            let text = try await connection.untilClosed()
            #expect(text.components(separatedBy: "HTTP/1.1 404").count == 201)
            #expect(text.components(separatedBy: "HTTP/1.1 200").count == 2)
            #expect(text.hasSuffix("\r\n\r\n"), "an answer to HEAD has no body")
            // A watch holds its connection.
            let watch = try await server.connect()
            watch.send(server.head("GET /api/v1/configmaps?watch=true&timeoutSeconds=1"))
            watch.send(paths.map { server.head("GET " + $0) }.joined())
            while watch.text.components(separatedBy: "HTTP/1.1 404").count < 201 {
                try await Task.sleep(for: .milliseconds(10))
            }
            let parts = watch.text.components(separatedBy: "HTTP/1.1 404")
            #expect(parts[0].hasSuffix("0\r\n\r\n"), "the watch ended first")
        }
    }

    @Test func `a field of an answer is one line`() async throws {
        let safe = Exchange.safe([("a", "b"), ("warning", "x\r\ny\u{7F}: z")])
        #expect(safe.map(\.1) == ["b", "x  y : z"])
        try await withServer { server in
            let body =
                #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"odd"},"#
                + #""x\r\nset-cookie: y":1}"#
            let connection = try await server.connect()
            connection.send(
                server.head(Self.create, "content-length: \(body.utf8.count)") + body)
            let answer = try await connection.until("\"kind\"")
            #expect(answer.hasPrefix("HTTP/1.1 201 "), "\(answer)")
            #expect(answer.contains("unknown field") && !answer.contains("\nset-cookie"))
            let client = try await streams(server)
            client.ask(1, "PUT", Self.configMaps + "/odd", isWhole: false)
            client.send(1, Array(body.utf8), isLast: true)
            #expect(try await client.answer(1).status == "200")
        }
    }

    @Test func `a date is written as HTTP has it`() {
        let cases = [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        ]
        for (seconds, text) in cases {
            #expect(DateField.text(of: Timestamp(seconds: Int64(seconds))) == text)
        }
    }
}
