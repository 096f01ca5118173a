public import KubernetesCore

/// Why a write did not happen, as far as a decision needs to know.
public struct WriteFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What can help.
    public enum Disposition: Sendable, Equatable {
        /// The same write may succeed later; not before `after`, where the server named a time.
        case retry(after: Duration?)
        /// Only a change of the objects or of our permissions can help.
        case terminal
    }

    /// What can help.
    public let disposition: Disposition
    /// The object that was to be written.
    public let target: ObjectRef
    /// The HTTP status; 0 where no answer came, or where no request was sent.
    public let code: Int
    /// The server's word for it, as in `Forbidden` or `Invalid`; ours where no answer came.
    public let reason: String
    /// A sentence for people.
    public let message: String
    /// The faults in detail, where the server lists them.
    public let causes: [APIStatus.Cause]

    /// A failure by all its fields.
    public init(
        _ disposition: Disposition, target: ObjectRef, code: Int, reason: String, message: String,
        causes: [APIStatus.Cause] = []
    ) {
        self.disposition = disposition
        self.target = target
        self.code = code
        self.reason = reason
        self.message = message
        self.causes = causes
    }

    /// Whether the server itself refused; false where it could not be asked.
    public var isAnswer: Bool { code != 0 }

    /// The object, the reason and the sentence.
    public var description: String { "\(target): \(reason): \(message)" }
}
