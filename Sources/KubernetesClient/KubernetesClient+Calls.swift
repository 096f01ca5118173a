import CurlTransport
public import KubernetesCore

extension KubernetesClient {
    /// Sends `request` and parses the answer, which must be JSON.
    public func perform(
        _ request: APIRequest, within limit: Duration? = nil
    ) async throws(APIError) -> JSONDocument {
        let bytes = try await send(request, within: limit)
        return try parse(bytes, of: request)
    }

    /// Sends `request` and returns the answer as a tree.
    public func value(
        _ request: APIRequest, within limit: Duration? = nil
    ) async throws(APIError) -> JSONValue {
        try await perform(request, within: limit).root.value()
    }

    /// Sends a create, patch, apply, replace or delete and says which object and version came of
    /// it.
    public func write(
        _ request: APIRequest, within limit: Duration? = nil
    ) async throws(APIError) -> WriteReceipt {
        let answer = try await perform(request, within: limit)
        do throws(JSONError) {
            return try WriteReceipt(reading: answer.root)
        } catch {
            throw APIError(request.summary, undecodable: error)
        }
    }

    /// Reads one object.
    public func get<Object: KubeObject>(_ key: Key<Object>) async throws(APIError) -> Object {
        let reference = ObjectRef(type: Object.type, namespace: key.namespace, name: key.name)
        let request = APIRequest.get(reference)
        let answer = try await perform(request)
        do throws(JSONError) {
            return try Object(reading: answer.root)
        } catch {
            throw APIError(request.summary, undecodable: error)
        }
    }

    /// Reads one page of a list.
    public func list<Object: KubeObject>(
        _ type: Object.Type, in selection: Selection = .everything, _ query: ListQuery = ListQuery()
    ) async throws(APIError) -> ListPage<Object> {
        let request = APIRequest.list(Object.type, in: selection, query)
        let bytes = try await send(request, bytesMax: ListPage<Object>.bytesMax)
        do throws(JSONError) {
            return try ListPage<Object>(parsing: bytes)
        } catch {
            throw APIError(request.summary, undecodable: error)
        }
    }

    /// Reads a whole list page by page. Where the server forgets the version before the last page,
    /// all is read again in one piece.
    public func listAll<Object: KubeObject>(
        _ type: Object.Type, in selection: Selection = .everything, pageSize: Int = 500
    ) async throws(APIError) -> ListPage<Object> {
        var query = ListQuery(limit: pageSize)
        var items: [Object] = []
        var unreadable: [UnreadableObject] = []
        while true {
            let page: ListPage<Object>
            do throws(APIError) {
                page = try await list(type, in: selection, query)
            } catch {
                guard error.code == .expired, query.continueToken != nil else { throw error }
                return try await list(type, in: selection, ListQuery())
            }
            items += page.items
            unreadable += page.unreadable
            guard let token = page.continueToken else {
                return ListPage(
                    items: items, unreadable: unreadable, resourceVersion: page.resourceVersion)
            }
            query.continueToken = token
        }
    }

    /// Follows the changes of one kind. Returns once the server has agreed.
    /// - Parameter idle: how long the server may be silent, bookmarks included, before the
    ///   connection is taken for dead.
    public func watch<Object: KubeObject>(
        _ type: Object.Type, in selection: Selection = .everything, _ query: WatchQuery,
        idle: Duration? = .seconds(120)
    ) async throws(APIError) -> WatchStream<Object> {
        let request = APIRequest.watch(Object.type, in: selection, query)
        let response = try await open(request, idle: idle)
        if let type = response.head.fields["content-type"], !type.contains("json") {
            throw APIError(
                .undecodable, request.summary,
                detail: "the watch was answered with \(type.prefix(80)) instead of JSON")
        }
        return WatchStream(response.body, of: request.summary)
    }

    private func parse(
        _ bytes: [UInt8], of request: APIRequest
    ) throws(APIError) -> JSONDocument {
        var limits = JSONDocument.Limits()
        limits.bytesMax = bytes.count
        limits.refusesDuplicateKeys = true
        do throws(JSONError) {
            return try JSONDocument(parsing: bytes, limits: limits)
        } catch {
            let beginning = String(decoding: bytes.prefix(120), as: UTF8.self)
            throw APIError(
                .undecodable, request.summary,
                detail:
                    "the answer is no JSON that can be relied on, but: \(beginning) (\(error))"
            )
        }
    }
}
