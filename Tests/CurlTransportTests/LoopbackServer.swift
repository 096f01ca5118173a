import Glibc
import Synchronization

/// A server on the loopback interface that says exactly what a test wants, byte by byte. Every
/// connection is served by `serve` on a thread of its own.
final class LoopbackServer: Sendable {
    /// One accepted connection.
    struct Connection: Sendable {
        let descriptor: Int32
        /// Which connection of the server this is, counted from 1.
        let ordinal: Int

        /// Reads a request up to the end of its body; `nil` where the client has gone.
        func readRequest() -> Request? {
            var bytes: [UInt8] = []
            while true {
                if let request = Request(bytes) { return request }
                guard let chunk = read() else { return nil }
                bytes += chunk
            }
        }

        /// Sends all of `text`; false where the client has gone.
        @discardableResult
        func write(_ text: String) -> Bool { write(Array(text.utf8)) }

        /// Sends all of `bytes`; false where the client has gone.
        @discardableResult
        func write(_ bytes: [UInt8]) -> Bool {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }

        /// Sends a whole answer.
        func answer(_ status: String = "200 OK", _ fields: [String] = [], _ body: String) {
            let lines = ["HTTP/1.1 " + status, "Content-Length: \(body.utf8.count)"] + fields
            write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        /// Begins an answer in chunks.
        func beginChunks(_ fields: [String] = ["Content-Type: application/json"]) {
            let lines = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"] + fields
            write(lines.joined(separator: "\r\n") + "\r\n\r\n")
        }

        /// Sends one chunk.
        @discardableResult
        func writeChunk(_ bytes: [UInt8]) -> Bool {
            write(Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [13, 10])
        }

        /// Ends an answer in chunks.
        func endChunks() { write("0\r\n\r\n") }

        /// Makes the close that follows a reset, which throws away what is still under way.
        func reset() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }

        /// Waits until the client has closed the connection, and throws away what it sends.
        func waitForClose() { while read() != nil {} }

        private func read() -> [UInt8]? {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            return count > 0 ? Array(chunk[..<count]) : nil
        }
    }

    /// A request as it came.
    struct Request: Sendable {
        let line: String
        let fields: [String: String]
        let body: [UInt8]

        var target: String { String(line.split(separator: " ").dropFirst().first ?? "") }

        init?(_ bytes: [UInt8]) {
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(ofHeadEnd: ()) else { return nil }
            let lines = text[..<end.lowerBound].split(separator: "\r\n")
            var fields: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
            }
            let body = Array(text[end.upperBound...].utf8)
            guard body.count >= Int(fields["content-length"] ?? "0") ?? 0 else { return nil }
            line = String(lines.first ?? "")
            self.fields = fields
            self.body = body
        }
    }

    let port: Int
    private let listener: Int32
    private let accepted = Mutex(0)
    private let isStopped = Mutex(false)

    /// How many connections came so far.
    var connectionCount: Int { accepted.withLock { $0 } }

    /// Listens on a free port.
    init(_ serve: @escaping @Sendable (Connection) -> Void) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length)
                getsockname(listener, generic, &length)
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
        self.port = port
        listen(listener, 256)
        detach { [self] in accept(serve) }
    }

    deinit { stop() }

    /// Takes no more connections.
    func stop() {
        isStopped.withLock { isStopped in
            // A second time, the number could be another socket's.
            if !isStopped { shutdown(listener, Int32(SHUT_RDWR)) }
            isStopped = true
        }
    }

    private func accept(_ serve: @escaping @Sendable (Connection) -> Void) {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            // A program that another test starts must not keep the connection open.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let ordinal = accepted.withLock { count in
                count += 1
                return count
            }
            detach {
                serve(Connection(descriptor: descriptor, ordinal: ordinal))
                close(descriptor)
            }
        }
        close(listener)
    }
}

extension String {
    /// The empty line behind the head of a message.
    fileprivate func range(ofHeadEnd: Void) -> Range<String.Index>? {
        let bytes = Array(utf8)
        guard bytes.count >= 4 else { return nil }
        for at in 0...(bytes.count - 4) where bytes[at..<at + 4].elementsEqual([13, 10, 13, 10]) {
            let start = utf8.index(utf8.startIndex, offsetBy: at)
            return start..<utf8.index(start, offsetBy: 4)
        }
        return nil
    }
}

/// Runs `body` on a thread of its own.
func detach(_ body: @escaping @Sendable () -> Void) {
    final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(body))
    pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, start.toOpaque())
    pthread_detach(thread)
}

/// A gate between threads of a test: closed until it is opened, then open for ever.
final class Gate: Sendable {
    private let descriptors: (reading: Int32, writing: Int32)
    private let isOpen = Mutex(false)

    init() {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        descriptors = (ends[0], ends[1])
    }

    deinit {
        open()
        close(descriptors.reading)
    }

    /// Lets everybody pass.
    func open() {
        isOpen.withLock { isOpen in
            // Closed twice, the number could by then be another descriptor's.
            if !isOpen { close(descriptors.writing) }
            isOpen = true
        }
    }

    /// Waits until the gate is open; false after ten seconds.
    @discardableResult
    func pass() -> Bool {
        var end = pollfd(fd: descriptors.reading, events: Int16(POLLIN), revents: 0)
        return poll(&end, 1, 10_000) > 0
    }
}
