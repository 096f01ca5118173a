public import KubernetesCore
public import SwiftletAPI

/// A piece of work with a beginning and an end, as tracing backends show it (OpenTelemetry).
public struct Span: Sendable, Hashable {
    /// Few different ones, as in `swiftlet.attempt`.
    public let name: String
    /// What names it.
    public let context: TraceContext
    /// The span that it is a part of; `nil` for the first of a trace.
    public let parent: String?
    /// When it began.
    public let start: Timestamp
    /// When it ended; not before `start`.
    public let end: Timestamp
    /// What else there is to know, by the names of OpenTelemetry where there are any.
    public let attributes: [Attribute]
    /// What went wrong; `nil` where nothing did.
    public let fault: String?

    /// A name and a value.
    public struct Attribute: Sendable, Hashable {
        /// The name, as in `k8s.pod.name`.
        public let name: String
        /// A text, a number or a truth value.
        public let value: JSONValue

        init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}
