/// Which request an error is about: enough for a message, a metric and a log line; no secrets.
public struct RequestSummary: Hashable, Sendable, CustomStringConvertible {
    /// What a request does, in the words of Kubernetes' authorisation.
    public enum Verb: String, Hashable, Sendable {
        case get, list, watch, create, update, patch, apply, delete
    }

    /// What the request does.
    public let verb: Verb
    /// The path without the query.
    public let path: String

    /// A request by verb and path.
    public init(_ verb: Verb, _ path: String) {
        self.verb = verb
        self.path = path
    }

    /// `list /api/v1/pods`.
    public var description: String { verb.rawValue + " " + path }
}
