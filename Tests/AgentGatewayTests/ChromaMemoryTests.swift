import CurlTransport
import KubernetesCore
import Locking
import LoopbackTesting
import ModelContextProtocol
import SwiftletAPI
import Testing

@testable import AgentGateway

/// Memories in a database of vectors that is asked over a real socket, and what happens when it is
/// out of order.
struct ChromaMemoryTests {
    private static func place(_ tenant: String = "red") -> MemoryPlace {
        MemoryPlace(
            pool: ObjectRef(
                type: BackgroundAgentPool.type, namespace: "shop", name: "qa",
                uid: UID("pool-uid")),
            tenant: tenant, type: "lint")
    }

    private static func memory(
        _ text: String, key: String? = nil, at second: Int64 = 1
    ) -> MemoryBook.Memory {
        .init(key: key, text: text, time: Timestamp(seconds: second), task: "t")
    }

    private static func run(
        _ body: (ChromaMemoryStore, FakeChroma) async throws -> Void
    ) async throws {
        let chroma = FakeChroma()
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                let answer = chroma.answer(request)
                connection.answer(answer.status, answer.fields, answer.body)
            }
        }
        let endpoint = try #require(HTTPServer("http://127.0.0.1:\(server.port)", proxy: ""))
        try await body(
            ChromaMemoryStore(server: endpoint, transport: try CurlTransport()), chroma)
        server.stop()
    }

    @Test func `what was kept is found by its words, and under its name once`() async throws {
        try await Self.run { store, _ in
            let place = Self.place()
            try await store.take(
                Self.memory("The gearbox needs oil of grade five", key: "oil"), at: place)
            try await store.take(
                Self.memory("The gearbox needs oil of grade seven", key: "oil"), at: place)
            try await store.take(Self.memory("The door is green"), at: place)
            try await store.take(Self.memory("The door is green"), at: place)
            let oil = try await store.recall("which oil for gearboxes", limit: 5, at: place)
            #expect(oil.map(\.text) == ["The gearbox needs oil of grade seven"])
            #expect(oil.first?.key == "oil" && oil.first?.task == "t")
            #expect(try await store.recall("green door", limit: 5, at: place).count == 1)
            #expect(try await store.recall("submarine", limit: 5, at: place).isEmpty)
            #expect(try await store.recall("the", limit: 1, at: place).count == 1)
        }
    }

    @Test func `tenants and types have memories of their own`() async throws {
        try await Self.run { store, _ in
            try await store.take(Self.memory("the secret of red"), at: Self.place("red"))
            #expect(try await store.recall("secret", limit: 5, at: Self.place("blue")).isEmpty)
            #expect(try await store.recall("secret", limit: 5, at: Self.place("red")).count == 1)
        }
    }

    @Test func `a collection that was removed is made once more`() async throws {
        try await Self.run { store, chroma in
            try await store.take(Self.memory("one"), at: Self.place())
            chroma.state.withLock { state in
                state.names = [:]
                state.content = [:]
            }
            try await store.take(Self.memory("two"), at: Self.place())
            #expect(
                try await store.recall("one two", limit: 5, at: Self.place()).map(\.text) == ["two"]
            )
        }
    }

    @Test func `the oldest go where there is no more room`() async throws {
        try await Self.run { store, chroma in
            try await store.take(Self.memory("first of all", at: 0), at: Self.place())
            chroma.state.withLock { state in
                for id in state.content.keys {
                    for index in 1...ChromaMemoryStore.countMax {
                        state.content[id]?.append(
                            ("x\(index)", [], "x", ["time": "2030-01-01T00:00:00Z"]))
                    }
                }
            }
            try await store.take(Self.memory("last", at: 2_000_000_000), at: Self.place())
            let left = chroma.state.withLock { state in state.content.values.flatMap { $0 } }
            #expect(left.count == ChromaMemoryStore.countMax)
            #expect(!left.contains { $0.text == "first of all" })
            #expect(left.contains { $0.text == "last" })
        }
    }

    @Test(arguments: [
        ("500 Internal Server Error", ""), ("429 Too Many Requests", "Retry-After: 1"),
        ("307 Temporary Redirect", "Location: http://169.254.169.254/latest/meta-data"),
        ("200 OK", ""),
    ])
    func `H7: a database that is out of order is told of, and leads nobody anywhere`(
        status: String, field: String
    ) async throws {
        try await Self.run { store, chroma in
            chroma.state.withLock { $0.outage = (status, field.isEmpty ? [] : [field]) }
            await #expect(throws: MemoryFailure.self) {
                try await store.take(Self.memory("x"), at: Self.place())
            }
            #expect(chroma.state.withLock { $0.targets.count } == 1, "asked once")
            chroma.state.withLock { $0.outage = nil }
            try await store.take(Self.memory("x"), at: Self.place())
        }
    }

    @Test func `H7: a database that is not there is told of`() async throws {
        let server = LoopbackServer { _ in }
        server.stop()
        let endpoint = try #require(HTTPServer("http://127.0.0.1:\(server.port)", proxy: ""))
        let store = ChromaMemoryStore(server: endpoint, transport: try CurlTransport())
        await #expect(throws: MemoryFailure.self) {
            try await store.recall("x", limit: 1, at: Self.place())
        }
    }

    @Test func `a text has one vector, near to texts that share its words`() {
        func near(_ one: String, _ other: String) -> Double {
            zip(MemoryVector.of(one), MemoryVector.of(other)).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(MemoryVector.of("The Oil") == MemoryVector.of("oil, the!"))
        #expect(abs(near("a b c", "a b c") - 1) < 1e-9)
        #expect(
            near("oil for gearboxes", "gearbox oil") > near("oil for gearboxes", "a green door"))
        for text in ["", "!!!", String(repeating: "x ", count: 5_000), "🧪 ß 中"] {
            let length = MemoryVector.of(text).reduce(0) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-9, "\(text.prefix(10))")
        }
    }
}
