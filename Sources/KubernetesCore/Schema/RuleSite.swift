/// A place in an object at which rules in CEL must hold.
public struct RuleSite: Sendable {
    /// Where the value stands in the object.
    public let path: FieldPath
    /// The schema of the value.
    public let schema: StructuralSchema
    /// What the schema asks of the value in CEL, in the schema's order.
    public let rules: [ValidationRule]
    /// The value; never `null`.
    public let value: JSONValue
    /// What the value was before the change; `nil` where it was not there, or where the list or map
    /// around it does not say which element it was.
    public let oldValue: JSONValue?
    /// Whether the value is a whole Kubernetes object.
    public let isResourceRoot: Bool
    /// The position of the schema's place in `RuleTree.sites`.
    public let ordinal: Int
}
