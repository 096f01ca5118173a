import KubernetesCore
public import ModelContextProtocol
import SwiftletAPI

/// Keeps memories in Secrets beside each pool, owned by it: one for each tenant and type of task.
public struct SecretMemoryStore: MemoryStore {
    private static let kind = "swiftlet.dev/memory"
    private static let content = "memories"

    private let secrets: any CheckpointWriting

    /// A store that reads and writes through `secrets`.
    public init(secrets: any CheckpointWriting) { self.secrets = secrets }

    /// The memories that share the most telling words with `query`.
    public func recall(
        _ query: String, limit: Int, at place: MemoryPlace
    ) async throws(MemoryFailure) -> [MemoryBook.Memory] {
        try await read(place).recall(query, limit: limit)
    }

    /// What is kept at a place; an empty book where nothing is.
    func read(_ place: MemoryPlace) async throws(MemoryFailure) -> MemoryBook {
        guard let secret = try await secret(place) else { return MemoryBook() }
        return try Self.book(secret, place)
    }

    /// Takes a memory in.
    public func take(
        _ memory: MemoryBook.Memory, at place: MemoryPlace
    ) async throws(MemoryFailure) {
        // Whoever writes between our read and our write makes the write fail: then again.
        for _ in 0..<4 {
            let existing = try await secret(place)
            var book =
                try existing.map { secret throws(MemoryFailure) in
                    try Self.book(secret, place)
                } ?? MemoryBook()
            book.take(memory)
            let data: JSONValue = .object([Self.content: SecretView.encoded(book.encoded)])
            do throws(APIError) {
                if let existing {
                    try await secrets.patch(existing, ["data": data])
                } else {
                    try await secrets.create(Self.object(place, data))
                }
                return
            } catch {
                guard [.conflict, .alreadyExists, .notFound].contains(error.code) else {
                    throw MemoryFailure("the memory cannot be kept: \(error)")
                }
            }
        }
        throw MemoryFailure("the memory is being written by others; try again")
    }

    private static func book(
        _ secret: SecretView, _ place: MemoryPlace
    ) throws(MemoryFailure) -> MemoryBook {
        guard secret.kind == kind, secret.metadata.controller?.uid == place.pool.uid else {
            throw MemoryFailure("the Secret \(secret.key) belongs to somebody else")
        }
        guard let bytes = secret.data[content] else { return MemoryBook() }
        do throws(JSONError) {
            return try MemoryBook(parsing: bytes)
        } catch {
            throw MemoryFailure(
                "the memory in the Secret \(secret.key) is broken: \(error); whoever deletes it "
                    + "begins anew")
        }
    }

    private func secret(_ place: MemoryPlace) async throws(MemoryFailure) -> SecretView? {
        do throws(APIError) {
            return try await secrets.read(
                Key(namespace: place.pool.namespace, name: Self.name(of: place)))
        } catch {
            throw MemoryFailure("the memory cannot be read: \(error)")
        }
    }

    private static func object(_ place: MemoryPlace, _ data: JSONValue) -> JSONValue {
        let owner = OwnerReference(
            apiVersion: place.pool.type.apiVersion, kind: place.pool.type.kind,
            name: place.pool.name, uid: place.pool.uid ?? UID(""), blocksOwnerDeletion: false)
        return [
            "apiVersion": "v1", "kind": "Secret", "type": .string(kind),
            "metadata": [
                "name": .string(name(of: place)), "namespace": .string(place.pool.namespace),
                "annotations": [
                    SwiftletNames.group + "/task-type": .string(place.type),
                    SwiftletNames.Label.tenant: .string(place.tenant),
                ],
                "ownerReferences": [owner.json],
                "labels": [
                    SwiftletNames.Label.managedBy: .string(SwiftletNames.managedBy),
                    SwiftletNames.Label.component: "memory",
                ],
            ],
            "data": data,
        ]
    }

    /// The Secret of a place: lengths stand before texts, so that no two places have one text.
    static func name(of place: MemoryPlace) -> String {
        let parts = [place.pool.uid?.text ?? "", place.tenant, place.type]
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        let digest = SecretCheckpointStore.digest(of: Array(text.utf8))
        return "bap-memory-" + digest.dropFirst("sha256:".count).prefix(20)
    }
}
