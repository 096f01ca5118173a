/// The `Status` object with which an API server answers when it does not answer with an object.
public struct APIStatus: Error, Hashable, Sendable {
    /// One reason in detail: which field, and what is wrong with it.
    public struct Cause: Hashable, Sendable {
        /// A word for programs, as in `FieldValueInvalid`.
        public let reason: String
        /// A sentence for people.
        public let message: String
        /// The field's path, as in `spec.replicas`.
        public let field: String

        /// A cause by all its fields.
        public init(reason: String, message: String, field: String) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// The HTTP status code.
    public let code: Int
    /// A word for programs, as in `NotFound`; empty where the server gave none.
    public let reason: String
    /// A sentence for people.
    public let message: String
    /// The faults in detail, where the server lists them.
    public let causes: [Cause]
    /// How long to wait before asking again, where the server says so.
    public let retryAfter: Duration?

    /// A status by all its fields.
    public init(
        code: Int, reason: String, message: String, causes: [Cause] = [],
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.causes = causes
        self.retryAfter = retryAfter
    }

    /// Reads a `Status` object; what is missing or of a wrong type is left empty, because an error
    /// about an error helps nobody.
    public init(reading node: JSONNode, fallbackCode: Int) {
        code = (try? node["code"]?.integer()) ?? fallbackCode
        reason = (try? node["reason"]?.string()) ?? ""
        message = (try? node["message"]?.string()) ?? ""
        let details = node["details"]
        causes = (details?["causes"]?.elements ?? []).prefix(50).map { cause in
            Cause(
                reason: (try? cause["reason"]?.string()) ?? "",
                message: (try? cause["message"]?.string()) ?? "",
                field: (try? cause["field"]?.string()) ?? "")
        }
        let seconds = (try? details?["retryAfterSeconds"]?.integer()) ?? 0
        retryAfter = seconds > 0 ? .seconds(min(seconds, 3_600)) : nil
    }
}
