/// Types of objects that a program declares, as `request` of an admission policy.
///
/// They tell the type checker which fields there are. Values are plain JSON.
extension SchemaType {
    /// Anything.
    public static let anything = SchemaType("dyn", .dynamic)
    /// A text.
    public static let text = SchemaType("string", .string)
    /// A whole number.
    public static let whole = SchemaType("int", .integer)
    /// A truth value.
    public static let flag = SchemaType("bool", .boolean)
    /// A point in time.
    public static let time = SchemaType("timestamp", .dateTime)

    /// A list of `element`.
    public static func list(of element: SchemaType) -> SchemaType {
        SchemaType("list(\(element.name))", .array, element: element)
    }

    /// A map of texts to `element`.
    public static func map(of element: SchemaType) -> SchemaType {
        SchemaType("map(string, \(element.name))", .map, element: element)
    }

    /// An object called `name` with these fields; two of the same name count as one type.
    public static func object(_ name: String, _ fields: [String: SchemaType]) -> SchemaType {
        SchemaType(
            name, .object,
            fields: fields.sorted { $0.key < $1.key }.map { (name: $0.key, type: $0.value) })
    }
}
