import Glibc
import NIOCore
import NIOSSL

/// What went wrong with a connection. Equal ones are told together.
enum ConnectionFault: Hashable, Sendable {
    /// What was sent is no TLS, or the two sides do not trust each other.
    case tls
    /// The connection broke off.
    case broken
    /// The handshake or a header did not come in time.
    case slowHead
    /// A body did not come in time.
    case slowBody
    /// The client did not take in time what was sent to it.
    case slowReader
    /// There were as many requests at once as may be.
    case overload
    /// The client took back too many requests before they were answered.
    case resets
    /// Something else, by the error's type.
    case other(String)

    /// The fault that an error of a connection stands for; nil where there is none: most clients
    /// end their connections without the farewell that TLS asks for.
    init?(_ error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown: return nil
        case is NIOSSLError, is BoringSSLError: self = .tls
        case let error as IOError where [ECONNRESET, EPIPE, ETIMEDOUT].contains(error.errnoCode):
            self = .broken
        case let error as ChannelError:
            guard error != .inputClosed, error != .eof, error != .alreadyClosed else { return nil }
            self = .other("ChannelError")
        default: self = .other("\(type(of: error))")
        }
    }

    /// What to tell a person, and what can be done.
    var message: String {
        switch self {
        case .tls:
            "a TLS connection failed: a client that does not trust this cluster's authority, or "
                + "shows a certificate of another one, has an old kubeconfig"
        case .broken: "a connection broke off"
        case .slowHead: "a client was cut off: its handshake or header did not come in time"
        case .slowBody: "a client was cut off: its body did not come in time"
        case .slowReader: "a client was cut off: it did not take its answer in time"
        case .resets: "a client was cut off: it took back too many requests"
        case .overload: "requests were refused: there were too many at once"
        case .other(let type): "a connection failed (\(type))"
        }
    }
}
