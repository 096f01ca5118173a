/// One thing in a spec that schemas cannot refuse, or that slipped past them: reconcilers show it
/// as a condition and do nothing that depends on it.
public struct ValidationFault: Hashable, Sendable, CustomStringConvertible {
    /// The field's path, as in `spec.autoscaling.floors[0].cron`.
    public let field: String
    /// What is wrong and what would be right, as a sentence without a full stop.
    public let message: String

    /// A fault of `field`.
    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    /// Field and message as one line.
    public var description: String { field + ": " + message }
}
