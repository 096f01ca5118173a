/// Why a request got no answer, or only a part of one. The message is one sentence that names the
/// server and says what to do.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Hashable, Sendable {
        /// The name of the host or proxy has no address.
        case unresolved
        /// Nothing accepts connections there.
        case refused
        /// No connection came about in time, TLS included.
        case connectTimeout
        /// Connected, but no answer began in time, or it did not end in time.
        case timeout
        /// The answer stood still for longer than it may.
        case silent
        /// TLS could not be agreed on.
        case handshake
        /// The server's certificate is not one we trust.
        case untrusted
        /// Our own certificate, key or authority file cannot be used.
        case credentials
        /// The connection broke off.
        case broken
        /// The proxy refused or could not be used.
        case proxy
        /// What came is no HTTP, or breaks its rules.
        case malformed
        /// The answer is larger than may be read.
        case tooLarge
        /// The request was given up by our side.
        case cancelled
        /// The transport itself is stopped or could not be started.
        case stopped
    }

    /// What kind of failure it is.
    public let code: Code
    /// The server, as `host:port`.
    public let endpoint: String
    /// What happened and what to do, in words.
    public let message: String

    /// A failure at `endpoint`.
    public init(_ code: Code, endpoint: String, _ message: String) {
        self.code = code
        self.endpoint = endpoint
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// Whether the server may have carried out the request although no answer arrived. Where this
    /// is false, the request cannot have reached it.
    public var mayHaveTakenEffect: Bool {
        switch code {
        case .unresolved, .refused, .connectTimeout, .handshake, .untrusted, .credentials, .proxy:
            false
        case .timeout, .silent, .broken, .malformed, .tooLarge, .cancelled, .stopped: true
        }
    }
}
