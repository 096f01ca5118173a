/// One fault of one field, with the texts that a kube-apiserver gives for it.
public struct FieldError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the field.
    public enum Kind: Hashable, Sendable {
        /// A referred object does not exist.
        case notFound
        /// A value that must be there is not.
        case required
        /// A value that must be unique is not.
        case duplicate
        /// A value is malformed or out of bounds.
        case invalid
        /// A value is not one of those listed.
        case notSupported
        /// A value is not allowed under the present conditions.
        case forbidden
        /// A value is too long.
        case tooLong
        /// There are too many values.
        case tooMany
        /// The server failed.
        case internalError
        /// A value is of another type than the schema says.
        case typeInvalid

        /// The word for programs, as causes carry it.
        public var reason: String {
            switch self {
            case .notFound: "FieldValueNotFound"
            case .required: "FieldValueRequired"
            case .duplicate: "FieldValueDuplicate"
            case .invalid: "FieldValueInvalid"
            case .notSupported: "FieldValueNotSupported"
            case .forbidden: "FieldValueForbidden"
            case .tooLong: "FieldValueTooLong"
            case .tooMany: "FieldValueTooMany"
            case .internalError: "InternalError"
            case .typeInvalid: "FieldValueTypeInvalid"
            }
        }

        /// The words for people.
        var title: String {
            switch self {
            case .notFound: "Not found"
            case .required: "Required value"
            case .duplicate: "Duplicate value"
            case .invalid, .typeInvalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .forbidden: "Forbidden"
            case .tooLong: "Too long"
            case .tooMany: "Too many"
            case .internalError: "Internal error"
            }
        }

        /// Whether the message shows the value.
        var showsValue: Bool {
            switch self {
            case .required, .forbidden, .tooLong, .internalError: false
            default: true
            }
        }
    }

    /// What is wrong.
    public let kind: Kind
    /// Where; `<nil>` where the fault has no field.
    public let path: String
    /// The value that is wrong; `nil` leaves it out of the message, `.null` shows `null`.
    public let badValue: JSONValue?
    /// More in words; may be empty.
    public let detail: String

    /// A fault by all its fields.
    public init(_ kind: Kind, path: String, badValue: JSONValue?, detail: String) {
        self.kind = kind
        self.path = path
        self.badValue = badValue
        self.detail = detail
    }

    /// What is wrong, without the path: the message of a cause.
    public var body: String {
        var text = kind.title
        if kind.showsValue, let badValue { text += ": " + FieldError.show(badValue) }
        return detail.isEmpty ? text : text + ": " + detail
    }

    /// The path and what is wrong there.
    public var message: String { path + ": " + body }

    /// The same as `message`.
    public var description: String { message }

    /// This fault as a cause of a `Status`.
    public var cause: APIStatus.Cause {
        APIStatus.Cause(reason: kind.reason, message: body, field: path)
    }

    /// Whether rules in CEL must not be evaluated on the object, because they could rely on what
    /// this fault breaks.
    public var blocksRules: Bool {
        switch kind {
        case .notSupported, .required, .tooLong, .tooMany, .typeInvalid: true
        default: false
        }
    }

    /// What is reported in place of the rules where another fault blocks them.
    public static let rulesNotChecked = FieldError(
        .invalid, path: "<nil>", badValue: .null,
        detail: "some validation rules were not checked because the object was invalid; "
            + "correct the existing errors to complete validation")

    private static func show(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): GoText.quote(text)
        case .double(let number): GoText.general(number)
        default: value.text
        }
    }
}

extension FieldError {
    /// A value that must be there is not.
    public static func required(_ path: FieldPath, _ detail: String = "") -> FieldError {
        FieldError(.required, path: path.description, badValue: nil, detail: detail)
    }

    /// A malformed value; `nil` leaves the value out of the message.
    public static func invalid(
        _ path: FieldPath, _ value: JSONValue?, _ detail: String
    ) -> FieldError {
        FieldError(.invalid, path: path.description, badValue: value, detail: detail)
    }

    /// A value of another type than the schema says.
    public static func typeInvalid(
        _ path: FieldPath, _ value: JSONValue?, _ detail: String
    ) -> FieldError {
        FieldError(.typeInvalid, path: path.description, badValue: value, detail: detail)
    }

    /// A value that is none of `supported`, which are shown in the order given.
    public static func notSupported(
        _ path: FieldPath, _ value: JSONValue, _ supported: [String]
    ) -> FieldError {
        let list = supported.map(GoText.quote).joined(separator: ", ")
        return FieldError(
            .notSupported, path: path.description, badValue: value,
            detail: supported.isEmpty ? "" : "supported values: " + list)
    }

    /// A value that is there twice.
    public static func duplicate(_ path: FieldPath, _ value: JSONValue) -> FieldError {
        FieldError(.duplicate, path: path.description, badValue: value, detail: "")
    }

    /// A value that the present conditions do not allow.
    public static func forbidden(_ path: FieldPath, _ detail: String) -> FieldError {
        FieldError(.forbidden, path: path.description, badValue: nil, detail: detail)
    }

    /// A text of more than `limit` bytes.
    public static func tooLong(_ path: FieldPath, limit: Int) -> FieldError {
        FieldError(
            .tooLong, path: path.description, badValue: nil,
            detail: limit < 0
                ? "value is too long"
                : "may not be more than \(limit) \(limit == 1 ? "byte" : "bytes")")
    }

    /// A list or map of `count` elements where `limit` are allowed.
    public static func tooMany(_ path: FieldPath, count: Int, limit: Int) -> FieldError {
        FieldError(
            .tooMany, path: path.description, badValue: .int(count),
            detail: limit < 0
                ? "has too many items"
                : "must have at most \(limit) \(limit == 1 ? "item" : "items")")
    }

    /// A reference to something that does not exist.
    public static func notFound(_ path: FieldPath, _ value: JSONValue) -> FieldError {
        FieldError(.notFound, path: path.description, badValue: value, detail: "")
    }

    /// A failure of the server at a field.
    public static func internalError(_ path: FieldPath, _ detail: String) -> FieldError {
        FieldError(.internalError, path: path.description, badValue: nil, detail: detail)
    }
}
