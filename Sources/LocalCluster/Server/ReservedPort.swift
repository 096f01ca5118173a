import Glibc
import Locking

/// A port of 127.0.0.1 that is this process's own from the moment it is chosen until the server
/// listens there: a port that was only looked up could be gone by then (`ReservedPortTests`).
final class ReservedPort: Sendable {
    /// Free ports are looked for here: below the range from which Linux takes the ports of outgoing
    /// connections (`ip_local_port_range`, from 32 768). From there a client that calls again and
    /// again while a server is being started anew could be given the very port that it calls, and
    /// be connected to itself.
    private static let range: ClosedRange<UInt16> = 20_000...32_000
    private static let triesMax = 64
    /// Connections that wait to be taken.
    private static let backlog: Int32 = 512

    /// Which port it is.
    let number: Int
    private let socket: Mutex<Int32?>

    /// Holds `port`; for 0, a free one. Throws where it is no port, or one that is in use.
    init(_ port: Int) throws(LocalClusterError) {
        guard let wanted = UInt16(exactly: port) else { throw .noPort(port) }
        let held = try wanted == 0 ? Self.any() : Self.hold(wanted)
        number = Int(held.port)
        socket = Mutex(held.socket)
    }

    deinit { if let held = take() { close(held) } }

    /// The socket, which listens, for a server that closes it. Throws where one has it already.
    func listening() throws(LocalClusterError) -> Int32 {
        guard let held = take() else { throw .socket(number, EADDRINUSE) }
        return held
    }

    /// Lets as many connections wait as a cluster needs whose clients all come back at once.
    static func setBacklog(of socket: Int32) { _ = listen(socket, backlog) }

    private func take() -> Int32? {
        socket.withLock { socket in
            defer { socket = nil }
            return socket
        }
    }

    private static func any() throws(LocalClusterError) -> (socket: Int32, port: UInt16) {
        for _ in 0..<triesMax {
            do throws(LocalClusterError) {
                return try hold(UInt16.random(in: range))
            } catch {
                guard case .socket(_, EADDRINUSE) = error else { throw error }
            }
        }
        // That part of the ports is crowded: the kernel knows a free one.
        return try hold(0)
    }

    private static func hold(
        _ port: UInt16
    ) throws(LocalClusterError) -> (socket: Int32, port: UInt16) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .socket(Int(port), errno) }
        var reuse: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) != 0 || listen(descriptor, backlog) != 0
                    || getsockname(descriptor, generic, &size) != 0
            }
        }
        guard !failed else {
            let code = errno
            close(descriptor)
            throw .socket(Int(port), code)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
