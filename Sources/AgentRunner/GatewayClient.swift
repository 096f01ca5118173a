import AgentProtocol
import AsyncHTTPClient
import KubernetesCore
import NIOCore
import NIOHTTP1
import NIOSSL

/// Calls the gateway. One connection is kept for each call that is under way, and used again.
actor GatewayClient {
    /// Why a call brought nothing.
    enum CallError: Error, CustomStringConvertible {
        /// No answer.
        case unreachable(String)
        /// An answer that is an error.
        case refused(status: Int, message: String, retryAfter: Duration?)
        /// An answer that is not understood.
        case unintelligible(String)

        var description: String {
            switch self {
            case .unreachable(let reason): "the gateway does not answer: \(reason)"
            case .refused(let status, let message, _): "the gateway answers \(status): \(message)"
            case .unintelligible(let reason): "the gateway's answer makes no sense: \(reason)"
            }
        }

        /// How long the gateway wants to be left alone.
        var retryAfter: Duration? {
            if case .refused(_, _, let pause) = self { pause } else { nil }
        }
    }

    /// What a call brought.
    struct Answer: Sendable {
        var status: Int
        /// By their names in lower case; of repeated ones the first.
        var headers: [String: String]
        var body: [UInt8]
    }

    private let configuration: RunnerConfiguration
    private var client: HTTPClient?
    private var certificates: [UInt8]?
    private var isShutDown = false

    /// A client that connects with its first call.
    init(_ configuration: RunnerConfiguration) { self.configuration = configuration }

    /// Closes all connections; calls from now on bring nothing.
    func shutdown() async {
        isShutDown = true
        await disconnect()
    }

    private func disconnect() async {
        let last = client
        client = nil
        // It fails only where the client is shut down already; calls under way fail by themselves.
        try? await last?.shutdown()
    }

    /// One sync. Waits as long as the request allows, and a little for the way.
    func sync(_ request: SyncRequest) async throws(CallError) -> SyncReply {
        let answer = try await call(
            .POST, "/v1/sync", body: request.json.encoded(), type: "application/json",
            timeout: .seconds(Int64(request.waitSeconds) + 15),
            bytesMax: ProtocolLimits.messageBytesMax * 4)
        guard answer.status == 200 else { throw Self.refusal(answer) }
        do throws(JSONError) {
            return try SyncReply(parsing: answer.body)
        } catch {
            throw .unintelligible("\(error)")
        }
    }

    /// Commits a packed checkpoint folder; the answer may be an error.
    func putCheckpoint(
        _ bytes: [UInt8], as ref: CheckpointRef, of id: LeaseID
    ) async throws(CallError) -> Answer {
        try await call(
            .PUT, Self.path(id, ref.sequence), body: bytes, type: "application/octet-stream",
            headers: [("swiftlet-checkpoint-digest", ref.digest)], timeout: .seconds(30),
            bytesMax: 64 << 10)
    }

    /// Commits a checkpoint that lies on the workspace volume `claim`; the answer may be an error.
    func putCheckpoint(
        on claim: String, as ref: CheckpointRef, of id: LeaseID
    ) async throws(CallError) -> Answer {
        try await call(
            .PUT, Self.path(id, ref.sequence),
            headers: [
                ("swiftlet-checkpoint-digest", ref.digest), ("swiftlet-checkpoint-claim", claim),
                ("swiftlet-checkpoint-bytes", String(ref.bytes)),
            ], timeout: .seconds(30), bytesMax: 64 << 10)
    }

    /// The task's newest checkpoint, `sequence` or a later one; the answer may be an error.
    func getCheckpoint(
        of id: LeaseID, atLeast sequence: Int
    ) async throws(CallError) -> Answer {
        try await call(
            .GET, Self.path(id, sequence), timeout: .seconds(30),
            bytesMax: ProtocolLimits.checkpointBytesMax)
    }

    /// The error that an answer is.
    static func refusal(_ answer: Answer) -> CallError {
        let document = try? JSONDocument(parsing: answer.body)
        let message = (try? document?.root["message"]?.string()) ?? ""
        let seconds = answer.headers["retry-after"].flatMap { Int($0) }
        return .refused(
            status: answer.status, message: ProtocolLimits.prefix(of: message, bytes: 300),
            retryAfter: seconds.map { .seconds(min(max($0, 0), 30)) })
    }

    /// The word for programs in a refusal; nil where there is none.
    static func reason(_ answer: Answer) -> String? {
        guard let document = try? JSONDocument(parsing: answer.body) else { return nil }
        return try? document.root["reason"]?.string()
    }

    private static func path(_ id: LeaseID, _ sequence: Int) -> String {
        "/v1/checkpoints/\(id.taskUID.text)/\(id.attempt)/\(sequence)"
    }

    private func call(
        _ method: NIOHTTP1.HTTPMethod, _ path: String, body: [UInt8]? = nil, type: String? = nil,
        headers: [(String, String)] = [], timeout: TimeAmount, bytesMax: Int
    ) async throws(CallError) -> Answer {
        do {
            let token = try readToken()
            var request = HTTPClientRequest(url: configuration.gateway.url + path)
            request.method = method
            request.headers.add(name: "authorization", value: "Bearer " + token)
            if let type { request.headers.add(name: "content-type", value: type) }
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let body { request.body = .bytes(body) }
            let response = try await connected().execute(request, timeout: timeout)
            let buffer = try await response.body.collect(upTo: bytesMax)
            return Answer(
                status: Int(response.status.code),
                headers: Dictionary(
                    response.headers.map { ($0.name.lowercased(), $0.value) },
                    uniquingKeysWith: { first, _ in first }),
                body: Array(buffer.readableBytesView))
        } catch let error as CallError {
            throw error
        } catch {
            await forgetOldCertificates()
            throw .unreachable("\(error)")
        }
    }

    private func readToken() throws(CallError) -> String {
        do {
            // The kubelet's projected files are symbolic links, so the link is followed.
            guard let bytes = try Files.readFollowing(configuration.tokenFile, bytesMax: 64 << 10)
            else { throw CallError.unreachable("there is no token in \(configuration.tokenFile)") }
            let text = String(decoding: bytes, as: UTF8.self)
            return String(text.filter { !$0.isWhitespace })
        } catch let error as CallError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func connected() throws -> HTTPClient {
        if let client { return client }
        guard !isShutDown else { throw CallError.unreachable("the runner ends") }
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.timeout = .init(connect: .seconds(5))
        settings.connectionPool = .init(idleTimeout: .seconds(90))
        settings.dnsOverride = configuration.gateway.dnsOverride
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = configuration.caFile {
            guard let pem = try Files.readFollowing(file, bytesMax: 1 << 20) else {
                throw CallError.unreachable("there are no certificates in \(file)")
            }
            certificates = pem
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(pem))
        }
        settings.tlsConfiguration = tls
        let made = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        client = made
        return made
    }

    /// After a failure: if the file of trusted certificates has changed, the next call reads it.
    /// One that cannot be read now leaves those that were read.
    private func forgetOldCertificates() async {
        guard let file = configuration.caFile,
            let pem = try? Files.readFollowing(file, bytesMax: 1 << 20), pem != certificates
        else { return }
        await disconnect()
    }
}
