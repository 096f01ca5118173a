public import KubernetesClient
public import KubernetesCore

/// What the runtime asks of a client that reads. `KubernetesClient` is one; tests bring their own.
public protocol KubernetesReading: Sendable {
    /// Reads one object.
    func get<Object: KubeObject>(
        _ key: Key<Object>, within limit: Duration
    ) async throws(APIError) -> Object

    /// Reads the metadata of one object of any kind, whatever UID the reference carries.
    func metadata(of object: ObjectRef, within limit: Duration) async throws(APIError) -> ObjectMeta

    /// Reads one page of a list.
    func list<Object: KubeObject>(
        _ type: Object.Type, in selection: Selection, _ query: ListQuery
    ) async throws(APIError) -> ListPage<Object>

    /// Follows the changes of one kind and gives them to `deliver` batch by batch, each after the
    /// one before was taken. Returns when the server ends the watch, when `deliver` returns false
    /// because no more is wanted, or when the surrounding work is cancelled.
    func follow<Object: KubeObject>(
        _ type: Object.Type, in selection: Selection, _ query: WatchQuery,
        deliver: @escaping @Sendable ([WatchEvent<Object>]) async -> Bool
    ) async throws(APIError)
}

/// What the runtime asks of a client that writes.
public protocol KubernetesWriting: Sendable {
    /// Sends a create, patch, apply or delete and says what came of it.
    func write(
        _ request: APIRequest, within limit: Duration?
    ) async throws(APIError) -> WriteReceipt
}

extension KubernetesClient: KubernetesReading, KubernetesWriting {
    /// Reads one object.
    public func get<Object: KubeObject>(
        _ key: Key<Object>, within limit: Duration
    ) async throws(APIError) -> Object {
        let request = APIRequest.get(
            ObjectRef(type: Object.type, namespace: key.namespace, name: key.name))
        let answer = try await perform(request, within: limit)
        do throws(JSONError) {
            return try Object(reading: answer.root)
        } catch {
            throw APIError(request.summary, undecodable: error)
        }
    }

    /// Reads the metadata of one object of any kind.
    public func metadata(
        of object: ObjectRef, within limit: Duration
    ) async throws(APIError) -> ObjectMeta {
        let request = APIRequest.get(object)
        let answer = try await perform(request, within: limit)
        do throws(JSONError) {
            return try ObjectMeta(reading: answer.root.required("metadata"))
        } catch {
            throw APIError(request.summary, undecodable: error)
        }
    }

    /// Follows the changes of one kind. How long silence may last is the watch machine's decision.
    public func follow<Object: KubeObject>(
        _ type: Object.Type, in selection: Selection, _ query: WatchQuery,
        deliver: @escaping @Sendable ([WatchEvent<Object>]) async -> Bool
    ) async throws(APIError) {
        let stream = try await watch(type, in: selection, query, idle: nil)
        var events = stream.makeAsyncIterator()
        while let batch = try await events.next() {
            guard await deliver(batch) else { return }
        }
    }
}
