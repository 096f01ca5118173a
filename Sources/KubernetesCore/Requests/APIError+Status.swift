extension APIError.Code {
    /// The kind of failure that a server's `Status` tells of. Reasons come before codes, because
    /// several reasons share 409 and 500.
    public init(_ status: APIStatus) {
        if status.isVersionAhead {
            self = .versionAhead
            return
        }
        switch status.reason {
        case "AlreadyExists": self = .alreadyExists
        case "Conflict": self = .conflict
        case "Expired", "Gone": self = .expired
        case "TooManyRequests": self = .throttled
        case "ServerTimeout", "Timeout": self = .timedOut
        default: self = APIError.Code.byNumber[status.code] ?? .other(status.code)
        }
    }

    private static let byNumber: [Int: APIError.Code] = [
        400: .badRequest, 401: .unauthorized, 403: .forbidden, 404: .notFound, 405: .unsupported,
        406: .unsupported, 408: .timedOut, 409: .conflict, 410: .expired, 413: .tooLarge,
        415: .unsupported, 422: .invalid, 429: .throttled, 501: .unsupported, 504: .timedOut,
    ]

    private static func other(_ number: Int) -> APIError.Code {
        switch number {
        case 500...599: .serverFailure
        case 400...499: .badRequest
        default: .unexpected
        }
    }
}

extension APIStatus {
    /// Whether the server has not yet reached the version it was asked for.
    var isVersionAhead: Bool {
        causes.contains { $0.reason == "ResourceVersionTooLarge" }
            || (code == 504 && message.hasPrefix("Too large resource version"))
    }
}

extension APIError {
    /// The error that an answer other than success is: a `Status` object where the server sent one,
    /// else the beginning of whatever text came, so that a proxy's error page is recognised as one.
    /// - Parameter now: the wall clock, for a `Retry-After` that is a date in an answer without
    /// one.
    public init(
        _ request: RequestSummary, _ head: HTTPResponseHead, body: [UInt8], at now: Timestamp? = nil
    ) {
        self.init(request, APIStatus(head: head, body: body, at: now))
    }
}

extension APIStatus {
    /// What an answer other than success says.
    init(head: HTTPResponseHead, body: [UInt8], at now: Timestamp? = nil) {
        let asked = head.retryAfter(at: now)
        if let document = try? JSONDocument(parsing: body),
            (try? document.root["kind"]?.string()) == "Status"
        {
            let said = APIStatus(reading: document.root, fallbackCode: head.status)
            self.init(
                code: said.code, reason: said.reason, message: said.message, causes: said.causes,
                retryAfter: asked ?? said.retryAfter)
            return
        }
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let location = head.fields["location"].map { " to \($0)" } ?? ""
        var message = "the server answered \(head.status)\(location) and no Kubernetes Status"
        message += words.isEmpty ? "" : ", but: \(words)"
        self.init(code: head.status, reason: "", message: message, retryAfter: asked)
    }
}
