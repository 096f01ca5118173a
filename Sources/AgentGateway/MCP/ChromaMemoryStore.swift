public import CurlTransport
import KubernetesCore
public import ModelContextProtocol

/// Keeps memories in Chroma, a database of vectors, over its HTTP API of version 2: a collection
/// for each pool, tenant and type of task.
///
/// Whatever is wrong with the database is told to the agent that wanted to remember; tasks go on.
public actor ChromaMemoryStore: MemoryStore {
    /// Most memories of one place; the oldest go where there are more.
    public static let countMax = 2_048

    private static let collections =
        "/api/v2/tenants/default_tenant/databases/default_database"
        + "/collections"
    /// Most bytes of an answer.
    private static let bytesMax = 16 << 20
    private static let options = TransferOptions(
        lane: .calls, connect: .seconds(3), head: .seconds(10), total: .seconds(15), idle: nil,
        acceptsCompression: false)

    private let server: HTTPServer
    private let transport: CurlTransport
    /// The collections that are known, by their names.
    private var known: [String: String] = [:]

    /// A store on the database at `server`.
    public init(server: HTTPServer, transport: CurlTransport) {
        self.server = server
        self.transport = transport
    }

    /// Takes a memory in, in place of one of the same name or of the same text.
    public func take(
        _ memory: MemoryBook.Memory, at place: MemoryPlace
    ) async throws(MemoryFailure) {
        let digest = SecretCheckpointStore.digest(of: Array((memory.key ?? memory.text).utf8))
        var about = memory.json
        about["text"] = nil
        try await ask(
            place, "upsert",
            [
                "ids": [.string((memory.key == nil ? "text-" : "key-") + digest)],
                "embeddings": [Self.vector(memory.text + " " + (memory.key ?? ""))],
                "documents": [.string(memory.text)], "metadatas": [about],
            ])
        try await forget(place)
    }

    /// The memories that share words with `query`, the nearest first.
    public func recall(
        _ query: String, limit: Int, at place: MemoryPlace
    ) async throws(MemoryFailure) -> [MemoryBook.Memory] {
        let answer = try await ask(
            place, "query",
            [
                "query_embeddings": [Self.vector(query)],
                // More than are wanted: those near by chance alone are left out.
                "n_results": .int(4 * max(1, limit)), "include": ["documents", "metadatas"],
            ])
        let texts = answer["documents"]?[0]?.array ?? []
        let notes = answer["metadatas"]?[0]?.array ?? []
        let found = zip(texts, notes).compactMap { Self.memory($0, $1) }
        return Array(found.filter { $0.shares(wordsOf: query) }.prefix(limit))
    }

    // MARK: - Room

    /// Takes the oldest out where there are too many.
    private func forget(_ place: MemoryPlace) async throws(MemoryFailure) {
        let answer = try await ask(
            place, "get",
            [
                "limit": .int(2 * Self.countMax), "include": ["metadatas"],
            ])
        let ids = (answer["ids"]?.array ?? []).compactMap(\.string)
        guard ids.count > Self.countMax else { return }
        let times = (answer["metadatas"]?.array ?? []).map { $0["time"]?.string ?? "" }
        let oldest = zip(times, ids).sorted { $0 < $1 }.prefix(ids.count - Self.countMax)
        try await ask(place, "delete", ["ids": .strings(oldest.map(\.1))])
    }

    private static func vector(_ text: String) -> JSONValue {
        .array(MemoryVector.of(text).map(JSONValue.double))
    }

    private static func memory(_ text: JSONValue, _ about: JSONValue) -> MemoryBook.Memory? {
        guard let text = text.string, let time = about["time"]?.string.flatMap(Timestamp.init)
        else { return nil }
        return MemoryBook.Memory(
            key: about["key"]?.string, text: text, time: time, task: about["task"]?.string ?? "")
    }

    // MARK: - Calls

    /// Asks the collection of a place something; makes it where it is not there, or is gone.
    @discardableResult
    private func ask(
        _ place: MemoryPlace, _ what: String, _ body: JSONValue
    ) async throws(MemoryFailure) -> JSONValue {
        let name = SecretMemoryStore.name(of: place)
        for isLast in [false, true] {
            let path = "\(Self.collections)/\(try await collection(name, place))/\(what)"
            let (status, answer) = try await call(path, body)
            if (200...299).contains(status) { return answer }
            // Somebody has removed the collection: made once more, it is empty.
            known[name] = nil
            guard status == 404, !isLast else { throw Self.failure(status, answer) }
        }
        throw MemoryFailure("the memory cannot be kept")
    }

    private func collection(
        _ name: String, _ place: MemoryPlace
    ) async throws(MemoryFailure) -> String {
        if let id = known[name] { return id }
        let (status, answer) = try await call(
            Self.collections,
            [
                "name": .string(name), "get_or_create": true,
                "metadata": [
                    "pool": .string("\(place.pool.namespace)/\(place.pool.name)"),
                    "tenant": .string(place.tenant), "type": .string(place.type),
                ],
                "configuration": ["hnsw": ["space": "cosine"]],
            ])
        guard (200...299).contains(status), let id = answer["id"]?.string,
            id.utf8.allSatisfy({ Self.isOfID($0) }), (1...64).contains(id.utf8.count)
        else { throw Self.failure(status, answer) }
        known[name] = id
        return id
    }

    /// Whether a character may be in the id of a collection: it becomes part of a path.
    private static func isOfID(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func failure(_ status: Int, _ answer: JSONValue) -> MemoryFailure {
        let said = (answer["message"]?.string ?? answer["error"]?.string ?? "").prefix(200)
        return MemoryFailure("the memory's database answered with \(status): \(said)")
    }

    private func call(
        _ path: String, _ body: JSONValue
    ) async throws(MemoryFailure) -> (status: Int, answer: JSONValue) {
        let request = HTTPRequest(
            method: .post, target: path, fields: ["content-type": "application/json"],
            body: body.encoded())
        do {
            // Redirects are not followed: the answer counts as it is.
            let response = try await transport.send(request, to: server, Self.options)
            let bytes = try await response.body.collect(bytesMax: Self.bytesMax)
            let answer = try? JSONValue(parsing: bytes)
            return (response.head.status, answer ?? .null)
        } catch {
            throw MemoryFailure("the memory's database does not answer: \(error)")
        }
    }
}
