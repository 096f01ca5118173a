/// What went wrong with one API call. `code` is for programs, `description` for people.
public struct APIError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Hashable, Sendable {
        /// 400: the request makes no sense to the server.
        case badRequest
        /// 401: the server does not know us, or no longer.
        case unauthorized
        /// 403: we may not; also quota and admission.
        case forbidden
        /// 404: there is no such object, or no such kind.
        case notFound
        /// 409: an object of this name exists.
        case alreadyExists
        /// 409: the object is another one, or another version, than the request says.
        case conflict
        /// 410: the version asked for is no longer kept; as a status, or inside a stream.
        case expired
        /// The version asked for lies in the server's future.
        case versionAhead
        /// 413: the request or the object is too large for the server.
        case tooLarge
        /// 405, 406, 415, 501: the server does not do this.
        case unsupported
        /// 422: fields of the object are wrong; the status names them.
        case invalid
        /// 429: the server has too much to do.
        case throttled
        /// 408, 504: the server gave up waiting for something behind it.
        case timedOut
        /// Any other 5xx.
        case serverFailure
        /// No answer, or only a part of one; `cause` says why.
        case unreachable
        /// We gave the call up ourselves.
        case cancelled
        /// An answer that is no JSON, or not the object it should be.
        case undecodable
        /// A status that no rule covers, such as a redirect.
        case unexpected
    }

    /// What the caller should do.
    public enum Disposition: Hashable, Sendable {
        /// The same request may succeed, after this long where the server named a time.
        case retry(after: Duration?)
        /// Our picture was stale: observe again, then plan.
        case reread
        /// Only a change to the object can help.
        case terminal
    }

    /// What kind of failure it is.
    public let code: Code
    /// Which call.
    public let request: RequestSummary
    /// What the server said, if it said something.
    public let status: APIStatus?
    /// Why there was no answer, where there was none.
    public let cause: TransportError?
    /// What is wrong with an answer that could not be read; empty otherwise.
    public let detail: String

    /// An error by all its parts.
    public init(
        _ code: Code, _ request: RequestSummary, status: APIStatus? = nil,
        cause: TransportError? = nil, detail: String = ""
    ) {
        self.code = code
        self.request = request
        self.status = status
        self.cause = cause
        self.detail = detail
    }

    /// A call that got no answer.
    public init(_ request: RequestSummary, _ cause: TransportError) {
        self.init(
            cause.code == .cancelled ? .cancelled : .unreachable, request, cause: cause)
    }

    /// A call that the server refused with `status`.
    public init(_ request: RequestSummary, _ status: APIStatus) {
        self.init(Code(status), request, status: status)
    }

    /// A call whose answer is not what it should be.
    public init(_ request: RequestSummary, undecodable error: JSONError) {
        self.init(.undecodable, request, detail: error.description)
    }

    /// What the caller should do.
    public var disposition: Disposition {
        switch code {
        case .notFound, .alreadyExists, .conflict, .expired: .reread
        case .badRequest, .invalid, .tooLarge, .unsupported, .unexpected: .terminal
        // Rights, quotas and tokens change without the object, so these are tried again, slowly.
        case .unauthorized, .forbidden: .retry(after: status?.retryAfter)
        case .versionAhead, .throttled, .timedOut, .serverFailure, .unreachable, .cancelled,
            .undecodable:
            .retry(after: status?.retryAfter)
        }
    }

    /// Whether the server may have carried out the call all the same, so that a write must be
    /// looked up before it is repeated.
    public var mayHaveTakenEffect: Bool {
        switch code {
        case .unreachable, .cancelled: cause?.mayHaveTakenEffect ?? true
        case .timedOut, .serverFailure, .undecodable: true
        default: false
        }
    }

    /// The call and what went wrong with it, as one sentence.
    public var description: String {
        let reason: String
        if let cause {
            reason = cause.message
        } else if let status {
            let text = status.message.isEmpty ? status.reason : status.message
            reason = text.isEmpty ? "status \(status.code)" : "\(text) (\(status.code))"
        } else {
            reason = detail.isEmpty ? code.rawValue : detail
        }
        return "\(request): \(reason)"
    }
}
