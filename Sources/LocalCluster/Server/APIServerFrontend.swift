import APIServerModel
import HTTPTypes
import Hummingbird
import KubernetesCore
import Logging
import NIOCore

/// The HTTP side of a local cluster: turns requests into values for the host and its answers into
/// responses. It decides nothing.
struct APIServerFrontend: HTTPResponder {
    typealias Context = BasicRequestContext

    /// Largest body that is read: the limit of kube-apiserver.
    static let bodyBytesMax = 3 << 20

    let host: APIServerHost
    let logs: any PodLogSource

    @Sendable func respond(to request: Request, context: Context) async throws -> Response {
        var request = request
        let body: [UInt8]
        do {
            let buffer = try await request.collectBody(upTo: Self.bodyBytesMax)
            body = Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            return Self.failure(
                413, "RequestEntityTooLarge",
                "the body is larger than the \(Self.bodyBytesMax) bytes allowed")
        }
        var headers: [(String, String)] = []
        headers.reserveCapacity(request.headers.count)
        for field in request.headers {
            headers.append((field.name.canonicalName, field.value))
        }
        let answer = await host.answer(
            ServerRequest(
                method: request.method.rawValue, path: request.uri.string, headers: headers,
                body: body))
        switch answer {
        case .whole(let status, let headers, let body):
            return Self.response(status, headers, Self.whole(body))
        case .stream(let headers, let channel, let watch):
            return Self.response(200, headers, streamed(channel, watch))
        case .podLogs(let request):
            return await Self.response(for: request, from: logs)
        }
    }

    /// A body without a stated length. A client that knows the length resets an HTTP/2 stream as
    /// soon as it has so many bytes, before the frame that ends the stream; many such resets look
    /// like an attack to the server, which then closes the connection.
    private static func whole(_ bytes: [UInt8]) -> ResponseBody {
        ResponseBody { writer in
            try await writer.write(ByteBuffer(bytes: bytes))
            try await writer.finish(nil)
        }
    }

    private func streamed(_ channel: FrameChannel, _ watch: WatchID) -> ResponseBody {
        ResponseBody { [host] writer in
            do {
                // The head goes out at once: a client of an idle watch waits for it.
                try await writer.write(ByteBuffer())
                while let bytes = await channel.next() {
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
                await host.abandon(watch)
                try await writer.finish(nil)
            } catch {
                await host.abandon(watch)
                throw error
            }
        }
    }

    private static func response(
        for request: PodLogRequest, from logs: any PodLogSource
    ) async -> Response {
        guard let channel = await logs.open(request) else {
            return failure(
                400, "BadRequest",
                "container \"\(request.container)\" in pod \"\(request.pod)\" is waiting to start: "
                    + "it has written no log yet")
        }
        let body = ResponseBody { writer in
            while let bytes = await channel.next() {
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            try await writer.finish(nil)
        }
        return response(200, [("content-type", "text/plain")], body)
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

    private static func failure(_ code: Int, _ reason: String, _ message: String) -> Response {
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message), "reason": .string(reason), "code": .int(code),
        ]
        return response(
            code, [("content-type", "application/json")],
            ResponseBody(byteBuffer: ByteBuffer(bytes: status.encoded())))
    }
}

/// Where the logs of containers are read.
protocol PodLogSource: Sendable {
    /// A channel with what the container wrote, and with what it goes on to write where the request
    /// follows; nil where the container has not written yet because it never started.
    func open(_ request: PodLogRequest) async -> FrameChannel?
}
