/// One rule in CEL of a schema (`x-kubernetes-validations`).
public struct ValidationRule: Sendable, Hashable {
    /// The expression; it must be true.
    public var rule: String
    /// What is said where it is not; may be absent.
    public var message: String?
    /// An expression that makes the message; preferred over `message`.
    public var messageExpression: String?
    /// The word for programs: `FieldValueInvalid`, `FieldValueForbidden`, `FieldValueRequired` or
    /// `FieldValueDuplicate`; the first where absent.
    public var reason: String?
    /// Where below the value the fault is reported, as in `.spec.size`; at the value where absent.
    public var fieldPath: String?
    /// Whether `oldSelf` is an optional, so that a transition rule also runs at creation.
    public var optionalOldSelf: Bool?

    /// A rule by its fields.
    public init(
        _ rule: String, message: String? = nil, messageExpression: String? = nil,
        reason: String? = nil, fieldPath: String? = nil, optionalOldSelf: Bool? = nil
    ) {
        self.rule = rule
        self.message = message
        self.messageExpression = messageExpression
        self.reason = reason
        self.fieldPath = fieldPath
        self.optionalOldSelf = optionalOldSelf
    }

    /// Reads an element of `x-kubernetes-validations` that stands at `path`.
    init(reading value: JSONValue, at path: FieldPath) throws(SchemaError) {
        let reader = try SchemaReader(value, at: path)
        guard let rule = try reader.string("rule") else {
            throw SchemaError(path.child("rule"), "a rule needs an expression")
        }
        self.init(
            rule, message: try reader.string("message"),
            messageExpression: try reader.string("messageExpression"),
            reason: try reader.string("reason"), fieldPath: try reader.string("fieldPath"),
            optionalOldSelf: try reader.bool("optionalOldSelf"))
    }

    /// This rule as an element of `x-kubernetes-validations`.
    public var json: JSONValue {
        var members: JSONObject = ["rule": .string(rule)]
        members["message"] = message.map(JSONValue.string)
        members["messageExpression"] = messageExpression.map(JSONValue.string)
        members["reason"] = reason.map(JSONValue.string)
        members["fieldPath"] = fieldPath.map(JSONValue.string)
        members["optionalOldSelf"] = optionalOldSelf.map(JSONValue.bool)
        return .object(members)
    }
}
