/// What the status page answers: everything but the sending.
public struct PageReply: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// The media type.
    public var type: String
    /// The content.
    public var body: String
    /// How long a browser may keep it, in seconds; 0 for not at all.
    public var keepSeconds: Int

    /// A reply by all its fields.
    public init(status: Int, type: String, body: String, keepSeconds: Int = 0) {
        self.status = status
        self.type = type
        self.body = body
        self.keepSeconds = keepSeconds
    }

    /// The header fields. Nothing but our own style and script is loaded or run, nothing is sent
    /// anywhere but here, and no other page may show this one.
    public var fields: [(name: String, value: String)] {
        [
            ("Content-Type", type),
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                    + "img-src 'self'; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'"
            ),
            ("Cache-Control", keepSeconds > 0 ? "max-age=\(keepSeconds)" : "no-store"),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
    }
}
