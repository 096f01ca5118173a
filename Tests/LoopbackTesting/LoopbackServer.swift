import Glibc
import Locking

/// A server on the loopback interface that says exactly what a test wants, byte by byte. Every
/// connection is served by `serve` on a thread of its own.
package final class LoopbackServer: Sendable {
    /// One accepted connection.
    package struct Connection: Sendable {
        package let descriptor: Int32
        /// Which connection of the server this is, counted from 1.
        package let ordinal: Int

        package init(descriptor: Int32, ordinal: Int) {
            self.descriptor = descriptor
            self.ordinal = ordinal
        }

        /// Connects to a server on the loopback interface; `nil` where nobody listens.
        package init?(port: Int) {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let code = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard code == 0 else {
                close(descriptor)
                return nil
            }
            self.init(descriptor: descriptor, ordinal: 0)
        }

        /// Ends the connection from our side; whoever reads from it wakes.
        package func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

        /// Reads a request up to the end of its body; `nil` where the client has gone.
        package func readRequest() -> Request? {
            var bytes: [UInt8] = []
            while true {
                if let request = Request(bytes) { return request }
                guard let chunk = read() else { return nil }
                bytes += chunk
            }
        }

        /// Sends all of `text`; false where the client has gone.
        @discardableResult
        package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

        /// Sends all of `bytes`; false where the client has gone.
        @discardableResult
        package func write(_ bytes: [UInt8]) -> Bool {
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
        package func answer(_ status: String = "200 OK", _ fields: [String] = [], _ body: String) {
            let lines = ["HTTP/1.1 " + status, "Content-Length: \(body.utf8.count)"] + fields
            write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        /// Begins an answer in chunks.
        package func beginChunks(_ fields: [String] = ["Content-Type: application/json"]) {
            let lines = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"] + fields
            write(lines.joined(separator: "\r\n") + "\r\n\r\n")
        }

        /// Sends one chunk.
        @discardableResult
        package func writeChunk(_ bytes: [UInt8]) -> Bool {
            write(Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [13, 10])
        }

        /// Ends an answer in chunks.
        package func endChunks() { write("0\r\n\r\n") }

        /// Makes the close that follows a reset, which throws away what is still under way.
        package func reset() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }

        /// Waits until the client has closed the connection, and throws away what it sends.
        package func waitForClose() { while read() != nil {} }

        /// Whatever comes next; `nil` where the other side has closed.
        package func read() -> [UInt8]? {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            return count > 0 ? Array(chunk[..<count]) : nil
        }
    }

    /// A request as it came.
    package struct Request: Sendable {
        package let line: String
        package let fields: [String: String]
        package let body: [UInt8]

        package var target: String { String(line.split(separator: " ").dropFirst().first ?? "") }

        package init?(_ bytes: [UInt8]) {
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

    package let port: Int
    private let listener: Int32
    private let accepted = Mutex(0)
    private let isStopped = Mutex(false)

    /// How many connections came so far.
    package var connectionCount: Int { accepted.withLock { $0 } }

    /// Listens on a free port.
    package init(_ serve: @escaping @Sendable (Connection) -> Void) {
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
    package func stop() {
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
package func detach(_ body: @escaping @Sendable () -> Void) {
    final class Start {
        package let body: @Sendable () -> Void
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
