/// One call of the Kubernetes API as a value: what the pure side builds and the edge sends.
public struct APIRequest: Hashable, Sendable {
    /// One parameter of the query.
    public struct Parameter: Hashable, Sendable {
        /// The name, which is plain letters and needs no encoding.
        public let name: String
        /// The value, not yet encoded.
        public let value: String

        /// A parameter.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What the call does.
    public let verb: RequestSummary.Verb
    /// The method of HTTP that carries the verb.
    public let method: HTTPMethod
    /// The path, encoded, without the query.
    public let path: String
    /// The query.
    public var parameters: [Parameter]
    /// The media type of the answer that is asked for.
    public var accept: String
    /// The body, if there is one.
    public let body: JSONValue?
    /// The media type of the body.
    public let contentType: String

    /// A call by all its parts, for the few that no builder makes. `path` must be encoded.
    public init(
        _ verb: RequestSummary.Verb, _ method: HTTPMethod, path: String,
        parameters: [Parameter] = [], body: JSONValue? = nil,
        contentType: String = "application/json", accept: String = "application/json"
    ) {
        self.verb = verb
        self.method = method
        self.path = path
        self.parameters = parameters
        self.body = body
        self.contentType = contentType
        self.accept = accept
    }

    /// What errors about this call name.
    public var summary: RequestSummary { RequestSummary(verb, path) }

    /// Whether the answer is a stream that lasts.
    public var isWatch: Bool { verb == .watch }

    /// Path and query.
    public var target: String {
        guard !parameters.isEmpty else { return path }
        let query = parameters.map {
            PercentEncoding.query($0.name) + "=" + PercentEncoding.query($0.value)
        }
        return path + "?" + query.joined(separator: "&")
    }

    /// This call as an HTTP request, without credentials.
    public var http: HTTPRequest {
        var fields: HTTPFields = ["accept": accept]
        if body != nil { fields.append("content-type", contentType) }
        return HTTPRequest(
            method: method, target: target, fields: fields, body: body?.encoded() ?? [])
    }

    /// The path of an object, with names that cannot leave their place in it.
    static func path(
        _ type: ResourceType, _ namespace: String, _ name: String, _ subresource: String? = nil
    ) -> String {
        type.objectPath(
            namespace: PercentEncoding.segment(namespace), name: PercentEncoding.segment(name),
            subresource: subresource)
    }

    /// The path of a collection.
    static func path(_ type: ResourceType, in namespace: String?) -> String {
        type.collectionPath(namespace: namespace.map(PercentEncoding.segment))
    }
}
