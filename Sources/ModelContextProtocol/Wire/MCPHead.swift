/// What the headers of a request say, as far as the protocol reads them.
public struct MCPHead: Hashable, Sendable {
    /// The HTTP method, as in `POST`.
    public var method: String
    /// `Origin`: sent by browsers alone.
    public var origin: String?
    /// `Host`: what the caller takes this server for.
    public var host: String?
    /// `Content-Type`.
    public var contentType: String?
    /// `Accept`.
    public var accept: String?
    /// `MCP-Protocol-Version`.
    public var version: String?
    /// `Mcp-Method`, which has to repeat the body's method.
    public var named: String?
    /// `Mcp-Name`, which has to repeat the name of a tool or the handle of a task.
    public var subject: String?

    /// Headers by all their fields.
    public init(
        method: String = "POST", origin: String? = nil, host: String? = nil,
        contentType: String? = "application/json", accept: String? = nil, version: String? = nil,
        named: String? = nil,
        subject: String? = nil
    ) {
        self.method = method
        self.origin = origin
        self.host = host
        self.contentType = contentType
        self.accept = accept
        self.version = version
        self.named = named
        self.subject = subject
    }

    /// Why a request with these headers is refused before its body is read; nil where it is not.
    ///
    /// A browser that was led astray by a name which now stands for our address says where it comes
    /// from: no origin is taken but those that `origins` names.
    /// - Parameter names: what a server that only its own machine can reach is called, in lower
    ///   case: no other name is taken for it either. Nil where it may be called anything.
    public func refusal(origins: Set<String> = [], names: Set<String>? = nil) -> MCPReply? {
        if let names, let host, !names.contains(Self.name(in: host)) {
            return .refused(403, .invalidRequest, "\(Self.shown(host)) is not this server")
        }
        if let origin, !origins.contains(origin) {
            return .refused(403, .invalidRequest, "requests from \(Self.shown(origin)) are refused")
        }
        guard method == "POST" else {
            var reply = MCPReply.refused(
                405, .invalidRequest,
                "only POST: a stream is the answer to one, and no session is kept")
            reply.fields["allow"] = "POST"
            return reply
        }
        guard let contentType, Self.media(contentType) == "application/json" else {
            return .refused(415, .invalidRequest, "the body must be application/json")
        }
        guard accept.map(Self.takesJSON) ?? true else {
            return .refused(406, .invalidRequest, "answers are application/json")
        }
        return nil
    }

    /// What every machine calls itself.
    public static let localNames: Set<String> = ["localhost", "127.0.0.1", "::1"]

    /// The name or address in a `Host`, in lower case and without its port.
    private static func name(in host: String) -> String {
        let bare =
            host.hasPrefix("[")
            ? String(host.prefix { $0 != "]" }.dropFirst())
            : String(host.prefix { $0 != ":" })
        return bare.lowercased()
    }

    private static func media(_ text: some StringProtocol) -> String {
        String(text.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }).lowercased()
    }

    /// Whether the client takes an answer that stays open.
    var takesEvents: Bool {
        accept.map { Self.takes(["text/event-stream", "text/*", "*/*"], $0) } ?? true
    }

    private static func takesJSON(_ accept: String) -> Bool {
        takes(["application/json", "application/*", "*/*"], accept)
    }

    private static func takes(_ media: Set<String>, _ accept: String) -> Bool {
        accept.split(separator: ",").contains { media.contains(Self.media($0)) }
    }

    private static func shown(_ text: String) -> String {
        String(
            text.unicodeScalars.prefix(80).map {
                $0.isASCII && $0.value > 0x20 ? Character($0) : "?"
            })
    }

    /// What a header says that may be wrapped as `=?base64?…?=`; nil where the wrapping is broken,
    /// so that a broken header equals nothing.
    static func unwrapped(_ text: String) -> String? {
        let (begin, end) = ("=?base64?", "?=")
        guard text.hasPrefix(begin), text.hasSuffix(end), text.utf8.count >= begin.utf8.count + 2
        else { return text }
        guard let bytes = Base64Text.bytes(of: text.dropFirst(begin.count).dropLast(end.count))
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
