/// The methods that the Kubernetes API knows.
public enum HTTPMethod: String, Hashable, Sendable, CustomStringConvertible {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"

    /// The method as it goes over the wire.
    public var description: String { rawValue }

    /// Whether a request may be sent a second time without asking what became of the first one.
    public var isSafe: Bool { self == .get || self == .head }
}
