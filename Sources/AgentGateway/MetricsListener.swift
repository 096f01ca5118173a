import HTTPTypes
import Hummingbird
import HummingbirdTLS
public import Logging
import NIOCore
public import ServiceLifecycle

/// A listener for the kubelet, for Prometheus and for people: `/healthz`, `/readyz`, `/metrics`,
/// and the status page under `/ui/` where there is one. Over HTTP, or over HTTPS where it is given
/// a certificate.
public struct MetricsListener: Service {
    /// What the process says about itself.
    public struct Sources: Sendable {
        /// Whether the process works at all; the reason where it does not.
        public var health: @Sendable () async -> String?
        /// Whether the process is ready; the reason where it is not.
        public var readiness: @Sendable () async -> String?
        /// The metrics as text and its media type, for a scraper that sends this `Accept` field.
        public var metrics: @Sendable (String?) async -> (text: String, type: String)

        /// The status page: the document at a path below `/ui/` with the query's `name`; nil where
        /// no page is served.
        public var page: (@Sendable (_ path: String, _ name: String?) async -> Document)?

        /// Sources; each is asked once for each request.
        public init(
            health: @escaping @Sendable () async -> String?,
            readiness: @escaping @Sendable () async -> String?,
            metrics: @escaping @Sendable (String?) async -> (text: String, type: String),
            page: (@Sendable (_ path: String, _ name: String?) async -> Document)? = nil
        ) {
            self.health = health
            self.readiness = readiness
            self.metrics = metrics
            self.page = page
        }
    }

    /// A document of the status page: what is sent, as it stands.
    public struct Document: Sendable {
        /// The HTTP status.
        public var status: Int
        /// The header fields.
        public var fields: [(name: String, value: String)]
        /// The content.
        public var body: String

        /// A document by all its fields.
        public init(status: Int, fields: [(name: String, value: String)], body: String) {
            self.status = status
            self.fields = fields
            self.body = body
        }
    }

    private let host: String
    private let port: Int
    private let sources: Sources
    private let certificate: MetricsCertificate?
    private let logger: Logger
    private let onRunning: @Sendable (Int) async -> Void

    /// A listener on `host:port`; port 0 takes any that is free, and `onRunning` is given it.
    public init(
        host: String, port: Int, sources: Sources, certificate: MetricsCertificate? = nil,
        logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.sources = sources
        self.certificate = certificate
        self.logger = logger
        self.onRunning = onRunning
    }

    /// Serves until the process is asked to end.
    public func run() async throws {
        let tls = try certificate?.configuration()
        let application = Application(
            router: router,
            server: try tls.map {
                try .tls(
                    .http1(configuration: .init(idleTimeout: .seconds(60))), tlsConfiguration: $0)
            } ?? .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: .maximum(64, logger: logger)),
            onServerRunning: { [onRunning] in await onRunning($0.localAddress?.port ?? 0) },
            logger: logger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw GatewayError("metrics cannot be served on \(host):\(port): \(error)")
        }
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        router.get("/healthz") { [sources] _, _ in Self.standing(await sources.health()) }
        router.get("/readyz") { [sources] _, _ in Self.standing(await sources.readiness()) }
        router.get("/metrics") { [sources] request, _ in
            let metrics = await sources.metrics(request.headers[.accept])
            return Self.text(metrics.text, .ok, type: metrics.type)
        }
        guard let page = sources.page else { return router }
        router.get("/ui") { request, _ in
            // Links of the page are relative, so that it also works behind a proxy's prefix.
            guard request.uri.path.hasSuffix("/") else {
                return Response(status: .permanentRedirect, headers: [.location: "ui/"])
            }
            return Self.response(await page("", nil))
        }
        router.get("/ui/:document") { request, context in
            let name = request.uri.queryParameters["name"].map(String.init)
            return Self.response(await page(context.parameters.get("document") ?? "", name))
        }
        return router
    }

    private static func response(_ document: Document) -> Response {
        var headers = HTTPFields()
        for field in document.fields {
            if let name = HTTPField.Name(field.name) { headers[name] = field.value }
        }
        return Response(
            status: .init(code: document.status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: document.body)))
    }

    private static func standing(_ trouble: String?) -> Response {
        text(trouble.map { $0 + "\n" } ?? "ok\n", trouble == nil ? .ok : .serviceUnavailable)
    }

    private static func text(
        _ text: String, _ status: HTTPResponse.Status,
        type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
