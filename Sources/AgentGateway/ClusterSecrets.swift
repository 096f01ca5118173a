public import KubernetesClient
public import KubernetesCore
import SwiftletAPI

/// Secrets of the cluster, for the gateway: its own identity, tasks' variables, checkpoints.
public struct ClusterSecrets: CheckpointWriting, SecretReading {
    private let client: KubernetesClient
    private let mayWrite: @Sendable () async -> Bool

    /// Secrets of the cluster that `client` calls.
    /// - Parameter mayWrite: whether this process still leads; asked before each write.
    public init(client: KubernetesClient, mayWrite: @escaping @Sendable () async -> Bool) {
        self.client = client
        self.mayWrite = mayWrite
    }

    /// The same Secrets, written also by a process that does not lead.
    public var unfenced: ClusterSecrets { ClusterSecrets(client: client) { true } }

    /// Reads one Secret; `nil` where there is none.
    public func read(_ secret: Key<SecretView>) async throws(APIError) -> SecretView? {
        do throws(APIError) {
            return try await client.get(secret)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Creates a Secret.
    public func create(_ secret: JSONValue) async throws(APIError) {
        let request = APIRequest.create(secret, of: .secret, options: options)
        try await checkLeadership(request)
        _ = try await client.write(request)
    }

    /// Changes a Secret whose UID and version are still those of `secret`.
    public func patch(_ secret: SecretView, _ patch: JSONValue) async throws(APIError) {
        var patch = patch
        var metadata = patch["metadata"] ?? [:]
        metadata["uid"] = .string(secret.metadata.uid.text)
        metadata["resourceVersion"] = .string(secret.metadata.resourceVersion.text)
        patch["metadata"] = metadata
        let request = APIRequest.mergePatch(secret.reference, patch, options: options)
        try await checkLeadership(request)
        _ = try await client.write(request)
    }

    /// The content of a Secret by key; `nil` where there is no such Secret.
    public func secret(
        _ name: String, in namespace: String
    ) async throws(APIError) -> [String: [UInt8]]? {
        try await read(Key(namespace: namespace, name: name))?.data
    }

    private var options: WriteOptions { WriteOptions(fieldManager: SwiftletNames.fieldManager) }

    private func checkLeadership(_ request: APIRequest) async throws(APIError) {
        guard await mayWrite() else {
            throw APIError(.cancelled, request.summary, detail: "this process does not lead")
        }
    }
}
