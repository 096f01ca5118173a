import Glibc
import KubernetesCore
import Locking
import LoopbackTesting

@testable import KubernetesRuntime

/// An HTTP/1.1 proxy on the loopback interface that spoils requests and answers as a test says. It
/// knows requests, answers and the lines of watches, and forwards everything else as it is.
final class FaultProxy: Sendable {
    /// A request on its way.
    struct Exchange: Sendable {
        let method: String
        let target: String
        let body: String
        /// How many requests came before it.
        let ordinal: Int

        var isWatch: Bool { target.contains("watch=true") }
        var isList: Bool {
            method == "GET" && !isWatch && ["gadgets", "parts"].contains(lastWord)
        }
        /// Whether it is about this kind, as a collection or an object.
        func concerns(_ plural: String) -> Bool {
            path.split(separator: "/").contains { $0 == plural }
        }
        /// Whether it creates an object of this kind.
        func creates(_ plural: String) -> Bool { method == "POST" && concerns(plural) }

        var path: Substring { target.prefix { $0 != "?" } }
        private var lastWord: String { path.split(separator: "/").last.map(String.init) ?? "" }
    }

    /// What happens to a request.
    enum Fault: Sendable {
        /// It is answered here and never reaches the server.
        case answer(String, [String] = [], String)
        /// The connection ends before it reaches the server.
        case lose
        /// It is carried out, and the connection ends without an answer.
        case loseAnswer
        /// It is carried out, and of the answer only so many bytes of the body come.
        case truncate(Int)
        /// It is carried out, and this comes instead of the answer.
        case replace(String, [String], String)
        /// It waits here for the gate, then goes on.
        case hold(Gate)
        /// Something happens first, then it goes on.
        case first(@Sendable () -> Void)
        /// It goes to the server with another target.
        case retarget(String)
        /// The lines of a watch go through a filter.
        case filter(LineFilter)
    }

    /// What becomes of the next line of a watch, which comes without its line break.
    typealias LineFilter = @Sendable (String) -> [Piece]

    enum Piece: Sendable {
        /// A whole line.
        case line(String)
        /// Bytes as they are.
        case bytes([UInt8])
        /// The connection ends, with a reset or as if it were whole.
        case cut
        case end
        /// Nothing comes any more, and nothing ends.
        case silence
        /// What follows waits for the gate.
        case wait(Gate)
    }

    struct Entry: Sendable {
        let at: Instant
        let exchange: Exchange
    }

    private struct State: Sendable {
        var upstream: Int
        var rule: (@Sendable (Exchange) -> Fault?)?
        var log: [Entry] = []
        var watches: [Int32: Exchange] = [:]
    }

    private final class Core: Sendable {
        let state: Mutex<State>
        init(_ upstream: Int) { state = Mutex(State(upstream: upstream)) }
    }

    private let core: Core
    private let listener: LoopbackServer

    var port: Int { listener.port }
    /// Every request so far.
    var log: [Entry] { core.state.withLock { $0.log } }
    /// How many watches are open.
    var openWatches: Int { core.state.withLock { $0.watches.count } }

    init(upstream: Int) {
        let core = Core(upstream)
        self.core = core
        listener = LoopbackServer { connection in FaultProxy.serve(connection, core) }
    }

    deinit { listener.stop() }

    /// What happens to each request from now on; nil for nothing.
    func spoil(_ rule: (@Sendable (Exchange) -> Fault?)?) {
        core.state.withLock { $0.rule = rule }
    }

    /// Sends new requests to another server.
    func turn(to upstream: Int) { core.state.withLock { $0.upstream = upstream } }

    /// Ends the open watches of a kind, or all.
    func cutWatches(of plural: String? = nil) {
        core.state.withLock { state in
            for (descriptor, exchange) in state.watches
            where plural.map(exchange.concerns) ?? true {
                shutdown(descriptor, Int32(SHUT_RDWR))
            }
        }
    }

    // MARK: - Forwarding

    private static func serve(_ client: LoopbackServer.Connection, _ core: Core) {
        while let request = client.readRequest() {
            let words = request.line.split(separator: " ").map(String.init)
            guard words.count == 3 else { return }
            let (exchange, rule) = core.state.withLock { state in
                let exchange = Exchange(
                    method: words[0], target: words[1],
                    body: String(decoding: request.body, as: UTF8.self), ordinal: state.log.count)
                state.log.append(Entry(at: SystemTime().now.instant, exchange: exchange))
                return (exchange, state.rule)
            }
            guard carry(exchange, request, rule?(exchange), client, core) else { return }
        }
    }

    /// Carries one exchange out; false where the connection is not to be used again.
    private static func carry(
        _ exchange: Exchange, _ request: LoopbackServer.Request, _ fault: Fault?,
        _ client: LoopbackServer.Connection, _ core: Core
    ) -> Bool {
        var target = exchange.target
        switch fault {
        case .answer(let status, let fields, let body):
            client.answer(status, fields, body)
            return true
        case .lose: return false
        case .hold(let gate): gate.pass()
        case .first(let something): something()
        case .retarget(let other): target = other
        default: break
        }
        let upstream = core.state.withLock { $0.upstream }
        guard let server = LoopbackServer.Connection(port: upstream) else { return false }
        defer { close(server.descriptor) }
        var head = ["\(exchange.method) \(target) HTTP/1.1", "Host: upstream"]
        for (name, value) in request.fields.sorted(by: { $0.key < $1.key }) where name != "host" {
            head.append("\(name): \(value)")
        }
        server.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + request.body)
        guard var answer = Answer(from: server) else { return false }
        if answer.isChunked {
            core.state.withLock { $0.watches[client.descriptor] = exchange }
            defer { _ = core.state.withLock { $0.watches.removeValue(forKey: client.descriptor) } }
            var filter: LineFilter?
            if case .filter(let lines)? = fault { filter = lines }
            client.beginChunks()
            WatchRelay(client: client, server: server, filter: filter).run(answer.rest)
            return false
        }
        guard answer.readBody(from: server) else { return false }
        return reply(answer, fault, client)
    }

    private static func reply(
        _ answer: Answer, _ fault: Fault?, _ client: LoopbackServer.Connection
    ) -> Bool {
        switch fault {
        case .loseAnswer: return false
        case .truncate(let count):
            client.write(Array(answer.head.utf8) + answer.rest.prefix(count))
            return false
        case .replace(let status, let fields, let body):
            client.answer(status, fields, body)
            return true
        default: return client.write(Array(answer.head.utf8) + answer.rest)
        }
    }

    /// An answer of the server: its head, and as much of the body as has come.
    private struct Answer {
        let head: String
        var rest: [UInt8]
        let length: Int
        let isChunked: Bool

        init?(from server: LoopbackServer.Connection) {
            var bytes: [UInt8] = []
            while true {
                if let end = Answer.headEnd(bytes) {
                    head = String(decoding: bytes[..<end], as: UTF8.self)
                    rest = Array(bytes[end...])
                    break
                }
                guard let more = server.read() else { return nil }
                bytes += more
            }
            let lines = head.lowercased().split(separator: "\r\n")
            isChunked = lines.contains("transfer-encoding: chunked")
            let field = lines.first { $0.hasPrefix("content-length: ") }
            length = field.flatMap { Int($0.dropFirst(16)) } ?? 0
        }

        mutating func readBody(from server: LoopbackServer.Connection) -> Bool {
            while rest.count < length {
                guard let more = server.read() else { return false }
                rest += more
            }
            return true
        }

        private static func headEnd(_ bytes: [UInt8]) -> Int? {
            guard bytes.count >= 4 else { return nil }
            for at in 0...(bytes.count - 4)
            where bytes[at..<at + 4].elementsEqual([13, 10, 13, 10]) {
                return at + 4
            }
            return nil
        }
    }
}

/// Carries the lines of one watch from the server to the client, through a filter.
private final class WatchRelay {
    private let client: LoopbackServer.Connection
    private let server: LoopbackServer.Connection
    private let filter: FaultProxy.LineFilter?
    private var chunks: [UInt8] = []
    private var line: [UInt8] = []

    init(
        client: LoopbackServer.Connection, server: LoopbackServer.Connection,
        filter: FaultProxy.LineFilter?
    ) {
        self.client = client
        self.server = server
        self.filter = filter
    }

    /// Runs until either side ends, having read `first` already.
    func run(_ first: [UInt8]) {
        chunks = first
        while deliver() {
            var ends = [server.descriptor, client.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            poll(&ends, 2, 60_000)
            if ends[1].revents != 0, client.read() == nil { return }
            guard ends[0].revents != 0 else { continue }
            guard let bytes = server.read() else { return }
            chunks += bytes
        }
    }

    /// Sends on what is complete; false at the end.
    private func deliver() -> Bool {
        while let end = chunks.firstIndex(of: 10) {
            let size = Int(
                String(decoding: chunks[..<end], as: UTF8.self).filter {
                    $0 != "\r" && $0 != "\r\n"
                },
                radix: 16)
            guard let size, chunks.count >= end + 1 + size + 2 else { return size != nil }
            guard size > 0 else {
                client.endChunks()
                return false
            }
            let data = Array(chunks[(end + 1)..<(end + 1 + size)])
            chunks.removeFirst(end + 1 + size + 2)
            guard pass(data) else { return false }
        }
        return true
    }

    private func pass(_ data: [UInt8]) -> Bool {
        guard let filter else { return client.writeChunk(data) }
        for byte in data {
            guard byte == 10 else {
                line.append(byte)
                continue
            }
            let pieces = filter(String(decoding: line, as: UTF8.self))
            line = []
            for piece in pieces {
                guard send(piece) else { return false }
            }
        }
        return true
    }

    private func send(_ piece: FaultProxy.Piece) -> Bool {
        switch piece {
        case .line(let text): return client.writeChunk(Array(text.utf8) + [10])
        case .bytes(let bytes): return client.writeChunk(bytes)
        case .cut:
            client.reset()
            return false
        case .end:
            client.endChunks()
            return false
        case .silence:
            client.waitForClose()
            return false
        case .wait(let gate):
            gate.pass()
            return true
        }
    }
}
