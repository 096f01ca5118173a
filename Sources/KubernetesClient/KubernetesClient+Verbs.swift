public import CurlTransport
public import KubernetesCore

extension KubernetesClient {
    /// Creates `object`.
    public func create(
        _ object: JSONValue, of type: ResourceType, options: WriteOptions = .plain
    ) async throws(APIError) -> WriteReceipt {
        try await write(.create(object, of: type, options: options))
    }

    /// Changes the fields that `patch` names (RFC 7386) of an object or of one of its subresources.
    public func patch(
        _ object: ObjectRef, _ patch: JSONValue, subresource: String? = nil,
        options: WriteOptions = .plain
    ) async throws(APIError) -> WriteReceipt {
        try await write(
            .mergePatch(object, patch, subresource: subresource, options: options))
    }

    /// Makes the fields of `intent` ours (server-side apply).
    public func apply(
        _ intent: JSONValue, of type: ResourceType, subresource: String? = nil,
        options: WriteOptions
    ) async throws(APIError) -> WriteReceipt {
        try await write(.apply(intent, of: type, subresource: subresource, options: options))
    }

    /// Deletes one object; its UID, where the reference carries one, is a precondition.
    public func delete(
        _ object: ObjectRef, _ options: DeleteOptions = DeleteOptions()
    ) async throws(APIError) -> WriteReceipt {
        try await write(.delete(object, options))
    }

    /// Sets how many replicas are wanted, through the scale subresource.
    public func scale(
        _ object: ObjectRef, to replicas: Int, options: WriteOptions = .plain
    ) async throws(APIError) -> WriteReceipt {
        try await write(.scale(object, to: replicas, options: options))
    }

    /// Reads the log of a pod's container as a stream; `APIRequest.log` says what can be asked for.
    public func log(_ request: APIRequest) async throws(APIError) -> ByteStream {
        try await open(request, idle: nil).body
    }
}
