import APIServerModel
import HTTPTypes
import Hummingbird
import KubernetesCore
import Locking
import Logging
import NIOCore

/// The HTTP side of a local cluster: turns requests into values for the host and its answers into
/// responses. It decides nothing.
struct APIServerFrontend: HTTPResponder {
    typealias Context = APIRequestContext

    let host: APIServerHost
    let logs: any PodLogSource
    let limits: ConnectionLimits
    let deadlines: Deadlines
    let faults: ConnectionFaults
    let load = RequestLoad()

    @Sendable func respond(to request: Request, context: Context) async throws -> Response {
        guard load.enter(most: limits.requestsMax) else {
            faults.note(.overload)
            hangUp(context)
            return Self.tooMany
        }
        defer { load.leave() }
        let body: [UInt8]
        do {
            body = try await readBody(of: request, context)
        } catch is NIOTooManyBytesError {
            // The rest of the body is not waited for.
            hangUp(context)
            return Self.failure(
                413, "RequestEntityTooLarge",
                "Request entity too large: limit is \(limits.bodyBytesMax)")
        }
        var headers: [(String, String)] = []
        headers.reserveCapacity(request.headers.count)
        for field in request.headers {
            headers.append((field.name.canonicalName, field.value))
        }
        let answer = await host.answer(
            ServerRequest(
                method: request.method.rawValue, path: request.uri.string, headers: headers,
                body: body, clientIdentity: await ConnectionClient.current?.identity()))
        switch answer {
        case .whole(let status, let headers, let body):
            return Self.response(status, headers, whole(body, context))
        case .stream(let headers, let channel, let watch):
            return Self.response(200, headers, streamed(channel, watch, context))
        case .podLogs(let request):
            return await response(for: request, context)
        case .tooMany: return Self.tooMany
        case .notStored:
            return Self.failure(
                500, "InternalError", "the change could not be stored: the server is ending")
        }
    }

    /// Closes the connection soon, whatever the client does.
    private func hangUp(_ context: Context) {
        _ = deadlines.set(limits.lingerTime, on: context.channel, for: nil)
    }

    private func readBody(of request: Request, _ context: Context) async throws -> [UInt8] {
        if request.method == .get || request.method == .head,
            request.headers[.contentLength] == nil, request.headers[.transferEncoding] == nil
        {
            return []
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > limits.bodyBytesMax
        {
            throw NIOTooManyBytesError(maxBytes: limits.bodyBytesMax)
        }
        let deadline = deadlines.set(limits.bodyTime, on: context.channel, for: .slowBody)
        defer { deadlines.clear(deadline) }
        let buffer = try await request.body.collect(upTo: limits.bodyBytesMax)
        return Array(buffer.readableBytesView)
    }

    /// A whole answer. A short one goes out in one piece with its header and its end; a long one
    /// piece by piece, each in time.
    private func whole(_ bytes: [UInt8], _ context: Context) -> ResponseBody {
        guard bytes.count > 16 << 10 else {
            return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        }
        return ResponseBody(contentLength: bytes.count) { writer in
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + FrameChannel.chunkBytes)
                try await write(bytes[start..<end], to: &writer, context)
                start = end
            }
            try await writer.finish(nil)
        }
    }

    /// Writes bytes; a client that does not take them in time is cut off.
    private func write(
        _ bytes: some Collection<UInt8> & Sendable, to writer: inout any ResponseBodyWriter,
        _ context: Context
    ) async throws {
        let deadline = deadlines.set(limits.writeTime, on: context.channel, for: .slowReader)
        defer { deadlines.clear(deadline) }
        try await writer.write(ByteBuffer(bytes: bytes))
    }

    private func streamed(
        _ channel: FrameChannel, _ watch: WatchID, _ context: Context
    ) -> ResponseBody {
        // An idle watch writes nothing by which it could see that its client has gone.
        context.channel.closeFuture.whenComplete { _ in channel.end() }
        return ResponseBody { writer in
            do {
                // The head goes out at once: a client of an idle watch waits for it.
                try await writer.write(ByteBuffer())
                while let bytes = await channel.next() {
                    try await write(bytes, to: &writer, context)
                }
                await host.abandon(watch)
                try await writer.finish(nil)
            } catch {
                await host.abandon(watch)
                throw error
            }
        }
    }

    private func response(for request: PodLogRequest, _ context: Context) async -> Response {
        guard let channel = await logs.open(request) else {
            let container = "container \"\(request.container)\" in pod \"\(request.pod)\""
            return Self.failure(
                400, "BadRequest",
                request.previous
                    ? "previous terminated \(container) not found"
                    : "\(container) is waiting to start: it has written no log yet")
        }
        context.channel.closeFuture.whenComplete { _ in channel.end() }
        let body = ResponseBody { writer in
            defer { channel.end() }
            while let bytes = await channel.next() {
                try await write(bytes, to: &writer, context)
            }
            try await writer.finish(nil)
        }
        return Self.response(200, [("content-type", "text/plain")], body)
    }

    private static func response(
        _ status: Int, _ headers: [(String, String)], _ body: ResponseBody
    ) -> Response {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        return Response(status: .init(code: status), headers: fields, body: body)
    }

    private static var tooMany: Response {
        failure(
            429, "TooManyRequests", "Too many requests, please try again later.",
            [("retry-after", "1")])
    }

    private static func failure(
        _ code: Int, _ reason: String, _ message: String, _ headers: [(String, String)] = []
    ) -> Response {
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message), "reason": .string(reason), "code": .int(code),
        ]
        return response(
            code, [("content-type", "application/json")] + headers,
            ResponseBody(byteBuffer: ByteBuffer(bytes: status.encoded())))
    }
}

/// What a request comes with beside its parts: the channel it came through.
struct APIRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, or the stream of an HTTP/2 connection.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// How many requests are being answered.
final class RequestLoad: Sendable {
    private let count = Mutex(0)

    /// Counts one in; false where there are as many as may be.
    func enter(most: Int) -> Bool {
        count.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
    }

    /// Counts one out.
    func leave() { count.withLock { $0 -= 1 } }
}

/// Where the logs of containers are read.
protocol PodLogSource: Sendable {
    /// A channel with what the container wrote, and with what it goes on to write where the request
    /// follows; nil where the container has not written yet because it never started.
    func open(_ request: PodLogRequest) async -> FrameChannel?
}
