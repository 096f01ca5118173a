import KubernetesCore
import Locking
import LoopbackTesting

/// A Chroma database that knows as much of its HTTP API as the gateway uses, over a real socket.
/// What it is strict about, the real one is, too.
final class FakeChroma: Sendable {
    /// What it holds, and how it is out of order.
    struct State {
        /// Ids of collections by their names.
        var names: [String: String] = [:]
        /// Each collection's memories: id, vector, text, notes.
        var content: [String: [(id: String, vector: [Double], text: String, notes: JSONValue)]] =
            [:]
        /// What is answered in place of everything: the status line and fields.
        var outage: (status: String, fields: [String])?
        /// The targets that were called.
        var targets: [String] = []
    }

    let state = Mutex(State())

    /// The answer to a request.
    func answer(_ request: LoopbackServer.Request) -> (
        status: String, fields: [String], body: String
    ) {
        state.withLock { state in
            state.targets.append(request.target)
            if let outage = state.outage { return (outage.status, outage.fields, "{}") }
            let body = (try? JSONValue(parsing: request.body)) ?? .null
            let base = "/api/v2/tenants/default_tenant/databases/default_database/collections"
            guard request.target.hasPrefix(base) else { return ("404 Not Found", [], "{}") }
            let parts = request.target.dropFirst(base.count).split(separator: "/").map(String.init)
            if parts.isEmpty { return Self.make(&state, body) }
            guard parts.count == 2, let content = state.content[parts[0]] else {
                return (
                    "404 Not Found", [], #"{"error":"NotFoundError","message":"no collection"}"#
                )
            }
            switch parts[1] {
            case "upsert": return Self.upsert(&state, parts[0], body)
            case "query": return Self.query(content, body)
            case "get":
                return (
                    "200 OK", [],
                    JSONValue.object([
                        "ids": .strings(content.map(\.id)),
                        "metadatas": .array(content.map(\.notes)),
                    ]).text
                )
            case "delete":
                let gone = Set((body["ids"]?.array ?? []).compactMap(\.string))
                state.content[parts[0]]?.removeAll { gone.contains($0.id) }
                return ("200 OK", [], "{}")
            default: return ("404 Not Found", [], "{}")
            }
        }
    }

    private static func make(
        _ state: inout State, _ body: JSONValue
    ) -> (status: String, fields: [String], body: String) {
        let name = body["name"]?.string ?? ""
        guard (3...512).contains(name.count), body["get_or_create"]?.bool == true else {
            return ("400 Bad Request", [], "{}")
        }
        let id = state.names[name] ?? "c0ffee00-0000-4000-8000-\(100_000 + state.names.count)"
        state.names[name] = id
        if state.content[id] == nil { state.content[id] = [] }
        return ("200 OK", [], JSONValue.object(["id": .string(id), "name": .string(name)]).text)
    }

    private static func upsert(
        _ state: inout State, _ collection: String, _ body: JSONValue
    ) -> (status: String, fields: [String], body: String) {
        guard let id = body["ids"]?[0]?.string, let text = body["documents"]?[0]?.string,
            let notes = body["metadatas"]?[0], let vector = body["embeddings"]?[0]?.array
        else { return ("422 Unprocessable Entity", [], "{}") }
        // Notes are texts, numbers and truth values, not objects.
        guard notes.object?.allSatisfy({ $0.1.object == nil && $0.1.array == nil }) == true
        else { return ("422 Unprocessable Entity", [], "{}") }
        state.content[collection]?.removeAll { $0.id == id }
        state.content[collection]?.append((id, vector.compactMap(\.double), text, notes))
        return ("200 OK", [], "{}")
    }

    private static func query(
        _ content: [(id: String, vector: [Double], text: String, notes: JSONValue)],
        _ body: JSONValue
    ) -> (status: String, fields: [String], body: String) {
        let wanted = (body["query_embeddings"]?[0]?.array ?? []).compactMap(\.double)
        let limit = body["n_results"]?.integer.map(Int.init) ?? 10
        let found = content.map { memory in
            (zip(memory.vector, wanted).reduce(0) { $0 + $1.0 * $1.1 }, memory)
        }.sorted { $0.0 > $1.0 }.prefix(limit).map(\.1)
        return (
            "200 OK", [],
            JSONValue.object([
                "ids": [.strings(found.map(\.id))],
                "documents": [.strings(found.map(\.text))],
                "metadatas": [.array(found.map(\.notes))],
            ]).text
        )
    }
}
