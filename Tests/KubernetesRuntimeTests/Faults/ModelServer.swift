import APIServerModel
import GadgetTesting
import Glibc
import KubernetesCore
import Locking
import LoopbackTesting

@testable import KubernetesRuntime

/// An API server on the loopback interface: the model behind HTTP/1.1, with gadgets and parts.
final class ModelServer: Sendable {
    /// What one watch has to send, and a pipe that tells its thread of it.
    private final class Frames: Sendable {
        private let contents = Mutex((bytes: [UInt8](), ended: false))
        let reading: Int32
        private let writing: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            pipe(&ends)
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
            (reading, writing) = (ends[0], ends[1])
        }

        deinit {
            close(reading)
            close(writing)
        }

        func add(_ bytes: [UInt8], ended: Bool) {
            contents.withLock { contents in
                contents.bytes += bytes
                contents.ended = contents.ended || ended
            }
            var one: UInt8 = 1
            write(writing, &one, 1)
        }

        func take() -> (bytes: [UInt8], ended: Bool) {
            var drain = [UInt8](repeating: 0, count: 256)
            while read(reading, &drain, drain.count) > 0 {}
            return contents.withLock { contents in
                defer { contents.bytes = [] }
                return contents
            }
        }
    }

    private struct State: Sendable {
        var server: APIServer
        var streams: [WatchID: Frames] = [:]
        var created: [String] = []
        var count = 0
        var peak = 0
        var isStopped = false
    }

    private final class Host: Sendable {
        let state: Mutex<State>

        init(_ server: APIServer) { state = Mutex(State(server: server)) }

        /// Answers one request, and hands every watch what it has to send.
        func handle(_ request: ServerRequest) -> (ServerReply, Int32?) {
            state.withLock { state in
                let reply = state.server.handle(request, at: SystemTime().now.time)
                var wake: Int32?
                if case .watch(let id, _) = reply {
                    let frames = Frames()
                    state.streams[id] = frames
                    wake = frames.reading
                }
                Host.note(request, reply, &state)
                Host.settle(&state)
                return (reply, wake)
            }
        }

        func tick() -> Bool {
            state.withLock { state in
                Host.settle(&state)
                return !state.isStopped
            }
        }

        private static func settle(_ state: inout State) {
            _ = state.server.tick(at: SystemTime().now.time)
            for output in state.server.takeFrames() {
                state.streams[output.watch]?.add(
                    Array(output.frames.joined()), ended: output.ended)
            }
        }

        /// Counts parts, so that one too many is seen though it may be gone again.
        private static func note(
            _ request: ServerRequest, _ reply: ServerReply, _ state: inout State
        ) {
            guard case .response(let status, _, let body) = reply, status < 300,
                request.path.contains("/parts")
            else { return }
            if request.method == "POST" {
                let name = (try? JSONValue(parsing: body))?[path: ["metadata", "name"]]?.string
                state.created.append(name ?? "")
                state.count += 1
                state.peak = max(state.peak, state.count)
            } else if request.method == "DELETE" {
                state.count -= 1
            }
        }
    }

    private let host: Host
    private let listener: LoopbackServer

    var port: Int { listener.port }
    /// The names of all parts that were ever made, in order.
    var created: [String] { host.state.withLock { $0.created } }
    /// How many parts there were at most at the same time.
    var peak: Int { host.state.withLock { $0.peak } }

    convenience init() {
        var configuration = APIServerConfiguration()
        configuration.startTime = SystemTime().now.time
        self.init(APIServer(configuration: configuration))
        for kind in [Gadget.type, Part.type] {
            call(
                "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                ModelServer.definition(of: kind))
        }
        call(
            "POST", "/api/v1/namespaces",
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "ns"]])
    }

    private init(_ server: APIServer) {
        let host = Host(server)
        self.host = host
        listener = LoopbackServer { connection in ModelServer.serve(connection, host) }
        detach { while host.tick() { usleep(20_000) } }
    }

    deinit {
        listener.stop()
        host.state.withLock { $0.isStopped = true }
    }

    /// Another server with everything that this one holds now, as one that has been restored, or
    /// that lies behind.
    func copy() -> ModelServer { ModelServer(host.state.withLock { $0.server }) }

    // MARK: - For tests

    /// Sends a request past every proxy.
    @discardableResult
    func call(_ method: String, _ path: String, _ body: JSONValue? = nil) -> JSONValue {
        let type = method == "PATCH" ? "application/merge-patch+json" : "application/json"
        let request = ServerRequest(
            method: method, path: path, headers: [("content-type", type)],
            body: body?.encoded() ?? [], clientIdentity: .administrator)
        guard case (.response(_, _, let bytes), _) = host.handle(request) else { return .null }
        return (try? JSONValue(parsing: bytes)) ?? .null
    }

    /// Makes a gadget, or changes how many parts it wants.
    func put(_ name: String, parts: Int, in namespace: String = "ns") {
        let path = "/apis/test.dev/v1/namespaces/\(namespace)/gadgets"
        let answer = call(
            "POST", path,
            [
                "apiVersion": "test.dev/v1", "kind": "Gadget",
                "metadata": ["name": .string(name)], "spec": ["parts": .int(parts)],
            ])
        guard answer["reason"] == "AlreadyExists" else { return }
        call("PATCH", path + "/" + name, ["spec": ["parts": .int(parts)]])
    }

    func object(_ path: String) -> JSONValue? {
        let found = call("GET", path)
        return found["kind"] == "Status" ? nil : found
    }

    /// The names of a gadget's parts, by the UID of their controller.
    func parts(_ gadget: String, in namespace: String = "ns") -> [String] {
        let base = "/apis/test.dev/v1/namespaces/\(namespace)/"
        let uid = object(base + "gadgets/" + gadget)?[path: ["metadata", "uid"]]
        return (call("GET", base + "parts")["items"]?.array ?? []).filter {
            $0[path: ["metadata", "ownerReferences"]]?[0]?["uid"] == uid
        }.compactMap { $0[path: ["metadata", "name"]]?.string }
    }

    /// The newest version of anything.
    var version: String { host.state.withLock { $0.server.resourceVersion.text } }

    // MARK: - HTTP

    private static func serve(_ connection: LoopbackServer.Connection, _ host: Host) {
        while let request = connection.readRequest() {
            let words = request.line.split(separator: " ").map(String.init)
            guard words.count == 3 else { return }
            let (reply, wake) = host.handle(
                ServerRequest(
                    method: words[0], path: words[1],
                    headers: request.fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
                    body: request.body, clientIdentity: .administrator))
            switch reply {
            case .response(let status, let headers, let body):
                let fields = headers.map { "\($0.0): \($0.1)" }
                let head = ["HTTP/1.1 \(status) X", "Content-Length: \(body.count)"] + fields
                connection.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
            case .watch(let id, let headers):
                connection.beginChunks(headers.map { "\($0.0): \($0.1)" })
                if let wake { stream(connection, id, wake, host) }
                return
            case .podLogs: return
            }
        }
    }

    private static func stream(
        _ connection: LoopbackServer.Connection, _ id: WatchID, _ wake: Int32, _ host: Host
    ) {
        let frames = host.state.withLock { $0.streams[id] }
        var isOpen = true
        while isOpen, let frames {
            var ends = [wake, connection.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            poll(&ends, 2, 60_000)
            let (bytes, ended) = frames.take()
            if !bytes.isEmpty { isOpen = connection.writeChunk(bytes) }
            if ended { connection.endChunks() }
            if ended || (ends[1].revents != 0 && connection.read() == nil) { isOpen = false }
        }
        host.state.withLock { state in
            state.server.cancelWatch(id)
            state.streams[id] = nil
        }
    }

    private static func definition(of type: ResourceType) -> JSONValue {
        let number: JSONValue = ["type": "integer"]
        let schema: JSONValue = [
            "type": "object",
            "properties": [
                "spec": [
                    "type": "object", "properties": ["parts": number, "note": ["type": "string"]],
                ],
                "status": [
                    "type": "object",
                    "properties": ["parts": number, "failure": ["type": "string"]],
                ],
            ],
        ]
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": .string("\(type.plural).\(type.group)")],
            "spec": [
                "group": .string(type.group), "scope": "Namespaced",
                "names": [
                    "kind": .string(type.kind), "plural": .string(type.plural),
                    "singular": .string(type.kind.lowercased()),
                    "listKind": .string(type.kind + "List"),
                ],
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true,
                        "subresources": ["status": [:]], "schema": ["openAPIV3Schema": schema],
                    ]
                ],
            ],
        ]
    }
}
