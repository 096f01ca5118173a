public import CurlTransport
public import KubernetesCore

/// Calls the API of one cluster. A small value; copies share connections and credentials.
public struct KubernetesClient: Sendable {
    /// Which cluster, and as whom.
    public let configuration: ClientConfiguration
    private let transport: any HTTPTransport
    private let source: AccessSource
    private let observer: (@Sendable (RequestReport) -> Void)?

    /// Most bytes of an answer that is one object.
    private static let objectBytesMax = 32 << 20
    /// Most bytes that are read of an answer that is an error.
    private static let errorBytesMax = 1 << 20

    /// A client of the cluster that `configuration` describes.
    /// - Parameter observer: is told of every request; called on any thread, must not block.
    public init(
        configuration: ClientConfiguration, transport: any HTTPTransport,
        observer: (@Sendable (RequestReport) -> Void)? = nil
    ) {
        self.configuration = configuration
        self.transport = transport
        self.observer = observer
        source = AccessSource(configuration)
    }

    /// A client with connections of its own, through libcurl. Made once and copied from then on.
    public init(
        configuration: ClientConfiguration, observer: (@Sendable (RequestReport) -> Void)? = nil
    ) throws(TransportError) {
        self.init(
            configuration: configuration, transport: try CurlTransport(), observer: observer)
    }

    /// Sends `request` and returns the body of a successful answer.
    /// - Parameters:
    ///   - limit: how long it may take in all; `nil` for the configuration's limit.
    ///   - bytesMax: most bytes of the answer.
    public func send(
        _ request: APIRequest, within limit: Duration? = nil, bytesMax: Int? = nil
    ) async throws(APIError) -> [UInt8] {
        let limit = limit ?? configuration.callTimeLimit
        var options = TransferOptions.call
        options.total = limit
        options.head = limit
        options.connect = min(options.connect, limit)
        let response = try await open(request, options)
        return try await body(response, of: request, bytesMax ?? KubernetesClient.objectBytesMax)
    }

    /// Sends `request` and returns once a successful answer begins; its body follows for as long as
    /// it lasts. For watches and logs.
    /// - Parameter idle: how long the answer may stand still; `nil` for ever.
    public func open(_ request: APIRequest, idle: Duration?) async throws(APIError) -> HTTPResponse
    {
        var options = TransferOptions.stream
        options.idle = idle
        return try await open(request, options)
    }

    /// Sends a request, once more where the server refused credentials that can be renewed, and
    /// turns every answer but success into an error.
    private func open(
        _ request: APIRequest, _ options: TransferOptions
    ) async throws(APIError) -> HTTPResponse {
        var (access, response) = try await attempt(request, options)
        if response.head.status == 401, configuration.canRenew {
            await source.reject(access)
            (access, response) = try await attempt(request, options)
        }
        guard !response.head.isSuccess else { return response }
        // An answer whose body cannot be read in full still says with its code what went wrong.
        let body = try? await response.body.collect(bytesMax: KubernetesClient.errorBytesMax)
        throw APIError(request.summary, response.head, body: body ?? [], at: Access.now)
    }

    private func attempt(
        _ request: APIRequest, _ options: TransferOptions
    ) async throws(APIError) -> (Access, HTTPResponse) {
        let begin = ContinuousClock.now
        do throws(TransportError) {
            let access = try await source.access()
            var options = options
            if access.server.isLoopback { options.acceptsCompression = false }
            var http = request.http
            for field in access.fields { http.fields.append(field.name, field.value) }
            let response: HTTPResponse
            do throws(TransportError) {
                response = try await transport.send(http, to: access.server, options)
            } catch {
                // What TLS refuses may have been replaced on the disk since it was read.
                if [.untrusted, .credentials, .handshake].contains(error.code) {
                    await source.reject(access)
                }
                throw error
            }
            report(request, response.head.status, begin)
            return (access, response)
        } catch {
            report(request, 0, begin)
            throw APIError(request.summary, error)
        }
    }

    private func body(
        _ response: HTTPResponse, of request: APIRequest, _ bytesMax: Int
    ) async throws(APIError) -> [UInt8] {
        do throws(TransportError) {
            return try await response.body.collect(bytesMax: bytesMax)
        } catch {
            throw APIError(request.summary, error)
        }
    }

    private func report(_ request: APIRequest, _ status: Int, _ begin: ContinuousClock.Instant) {
        guard let observer else { return }
        observer(
            RequestReport(
                request: request.summary, endpoint: configuration.server.endpoint, status: status,
                duration: ContinuousClock.now - begin))
    }
}
