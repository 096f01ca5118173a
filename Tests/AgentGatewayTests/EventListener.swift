import AsyncHTTPClient
import KubernetesCore
import NIOCore
import NIOHTTP1
import SwiftletAPI

@testable import AgentGateway

/// A client that listens: reads the events of an answer that stays open, one by one.
struct EventListener {
    let status: Int
    /// By name in lower case.
    let headers: [String: String]

    private var parts: HTTPClientResponse.Body.AsyncIterator
    private var bytes: [UInt8] = []
    /// How many words came that are for proxies alone.
    private(set) var beats = 0

    init(_ response: HTTPClientResponse) {
        status = Int(response.status.code)
        headers = Dictionary(
            response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
        parts = response.body.makeAsyncIterator()
    }

    /// The next message; nil where the stream has ended.
    mutating func next() async throws -> JSONValue? {
        while true {
            if let event = takeEvent() {
                let lines = event.split(separator: "\n")
                guard let data = lines.first(where: { $0.hasPrefix("data: ") }) else {
                    beats += 1
                    continue
                }
                return try JSONValue(parsing: Array(data.dropFirst("data: ".count).utf8))
            }
            guard try await read() else { return nil }
        }
    }

    /// All that is still told, until the stream ends.
    mutating func rest() async throws -> [JSONValue] {
        var messages: [JSONValue] = []
        while let message = try await next() { messages.append(message) }
        return messages
    }

    /// Waits until a word for proxies has come.
    mutating func beat() async throws {
        let before = beats
        while beats == before {
            if let event = takeEvent() {
                if !event.contains("data: ") { beats += 1 }
                continue
            }
            guard try await read() else { return }
        }
    }

    private mutating func read() async throws -> Bool {
        guard let part = try await parts.next() else { return false }
        bytes += Array(part.readableBytesView)
        return true
    }

    private mutating func takeEvent() -> String? {
        let end = zip(bytes, bytes.dropFirst()).enumerated().first {
            $0.element == (UInt8(ascii: "\n"), UInt8(ascii: "\n"))
        }
        guard let end else { return nil }
        let event = String(decoding: bytes.prefix(end.offset), as: UTF8.self)
        bytes.removeFirst(end.offset + 2)
        return event
    }
}

extension GatewayScene {
    /// Listens to tasks.
    func listen(
        _ tasks: [String], token: String = FakeDesk.builder, id: JSONValue = 7,
        with other: HTTPClient? = nil
    ) async throws -> EventListener {
        let body = listening(["taskIds": .strings(tasks)], id: id)
        var request = HTTPClientRequest(url: "https://localhost:\(port)/mcp")
        request.method = .POST
        for (name, value) in [
            ("authorization", "Bearer " + token), ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2026-07-28"), ("mcp-method", "subscriptions/listen"),
        ] { request.headers.add(name: name, value: value) }
        request.body = .bytes(body.encoded())
        return EventListener(
            try await (other ?? client).execute(request, timeout: .init(Self.patience)))
    }

    /// Listens with connections of its own, which end when `body` does.
    func withListener(
        to tasks: [String], _ body: (inout EventListener) async throws -> Void
    ) async throws {
        let own = try Self.client(trusting: server.caPEM)
        do {
            var listener = try await listen(tasks, with: own)
            try await body(&listener)
        } catch {
            try await own.shutdown()
            throw error
        }
        try await own.shutdown()
    }

    private func listening(_ notifications: JSONValue, id: JSONValue) -> JSONValue {
        [
            "jsonrpc": "2.0", "id": id, "method": "subscriptions/listen",
            "params": [
                "notifications": notifications,
                "_meta": [
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": [
                        "extensions": ["io.modelcontextprotocol/tasks": [:]]
                    ],
                ],
            ],
        ]
    }

    /// Listens as soon as there is a place.
    func listenOnceThereIsRoom(_ tasks: [String]) async throws -> EventListener {
        let end = ContinuousClock.now + Self.patience
        while true {
            let listener = try await listen(tasks)
            if listener.status == 200 || ContinuousClock.now > end { return listener }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Changes a task as the operator does, and tells of it.
    func change(
        _ name: String, _ edit: @Sendable (inout BackgroundTask) -> Void
    ) async {
        if let change = await desk.change(name, edit) { server.tasksChanged([change]) }
    }
}
