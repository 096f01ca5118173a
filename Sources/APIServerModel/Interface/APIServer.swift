public import KubernetesCore

/// A Kubernetes API server as a value: requests and the time come in, answers come out, nothing
/// else happens.
///
/// It answers as kube-apiserver 1.36 does, for the kinds in `BuiltInResources` and for every custom
/// resource. Copies are independent of each other and share what they have in common.
///
/// How a shell drives it: `handle` for each request; after each request, and whenever the time that
/// `tick` returned has come, `tick`; after both, `takeFrames` and send what it gives out.
public struct APIServer: Sendable {
    var configuration: APIServerConfiguration
    var store: ObjectStore
    var random: RandomSource
    var registry: ResourceRegistry
    var watches = WatchTable()
    var tokens: TokenIssuer
    var controllers = ModelControllers()
    var auditNotes: [AuditNote] = []

    /// A server with the objects that every cluster has from its start.
    public init(configuration: APIServerConfiguration) {
        self.init(
            configuration,
            store: ObjectStore(
                firstRevision: configuration.firstRevision, historyMax: configuration.historyMax),
            random: RandomSource(seed: configuration.seed))
        bootstrap(at: configuration.startTime)
    }

    init(_ configuration: APIServerConfiguration, store: ObjectStore, random: RandomSource) {
        self.configuration = configuration
        self.store = store
        self.store.isJournaled = configuration.isJournaled
        self.random = random
        registry = ResourceRegistry()
        tokens = TokenIssuer(
            issuer: configuration.issuer, seed: configuration.seed, key: configuration.tokenKey)
    }

    /// Answers one request at the time `now`.
    public mutating func handle(_ request: ServerRequest, at now: Timestamp) -> ServerReply {
        let reply: ServerReply
        do throws(Failure) {
            reply = try route(translated(request), at: now)
        } catch {
            reply = ServerReply.json(error.json, status: error.code)
        }
        return ResponseForm.wantsYAML(request.header("accept")) ? inYAML(reply) : reply
    }

    /// Who a bearer token belongs to: the administrator, or a service account whose token is in
    /// force at `now`; nil where the token is nobody's.
    public func authenticate(bearer token: String, at now: Timestamp) -> UserIdentity? {
        if !configuration.adminToken.isEmpty, token == configuration.adminToken {
            return .administrator
        }
        return serviceAccount(of: token, audiences: [configuration.issuer], at: now)?.user
    }

    /// Runs the model's controllers: namespaces, garbage, service accounts, scheduling, quota,
    /// bookmarks and time limits of watches. Returns when it must run next if nothing else happens;
    /// nil where nothing is due. Cheap where nothing changed.
    public mutating func tick(at now: Timestamp) -> Timestamp? {
        runControllers(at: now)
    }

    /// What the watches have to send since the last call, oldest watch first.
    public mutating func takeFrames() -> [WatchOutput] {
        watches.takeOutput(store.takeUnsent(), revision: store.revision)
    }

    /// Ends a watch whose client has gone.
    public mutating func cancelWatch(_ watch: WatchID) {
        watches.cancel(watch)
    }

    /// The version of the latest change.
    public var resourceVersion: ResourceVersion { ResourceVersion(String(store.revision)) }
}

extension ServerReply {
    static func json(
        _ value: JSONValue, status: Int = 200, headers: [(String, String)] = []
    ) -> ServerReply {
        .response(
            status: status, headers: [("content-type", "application/json")] + headers,
            body: value.encoded() + [0x0A])
    }

    static func text(_ text: String, status: Int = 200) -> ServerReply {
        .response(
            status: status, headers: [("content-type", "text/plain; charset=utf-8")],
            body: Array(text.utf8))
    }
}
