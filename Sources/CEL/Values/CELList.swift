import KubernetesCore

/// A list; what comes from JSON is converted element by element, only when it is looked at.
public struct CELList: Sendable {
    enum Storage: Sendable {
        case values([CELValue])
        /// Values that are compared and joined as a schema says.
        case shaped([CELValue], SchemaType)
        case json([JSONValue])
        case typed([JSONValue], SchemaType)
    }

    let storage: Storage

    /// A list of these values.
    public init(_ values: [CELValue]) { storage = .values(values) }

    init(values: [CELValue], _ schema: SchemaType) { storage = .shaped(values, schema) }

    init(json elements: [JSONValue]) { storage = .json(elements) }

    init(_ elements: [JSONValue], _ schema: SchemaType) { storage = .typed(elements, schema) }

    /// How many elements there are.
    public var count: Int {
        switch storage {
        case .values(let values), .shaped(let values, _): values.count
        case .json(let elements): elements.count
        case .typed(let elements, _): elements.count
        }
    }

    /// The element at `index`, which must be inside; fails where the JSON does not fit its schema.
    func element(_ index: Int) throws(CELError) -> CELValue {
        switch storage {
        case .values(let values), .shaped(let values, _): values[index]
        case .json(let elements): CELValue(elements[index])
        case .typed(let elements, let schema): try schema.elementValue(elements[index])
        }
    }

    /// All elements.
    func elements() throws(CELError) -> [CELValue] {
        if case .values(let values) = storage { return values }
        if case .shaped(let values, _) = storage { return values }
        var result: [CELValue] = []
        result.reserveCapacity(count)
        for index in 0..<count { result.append(try element(index)) }
        return result
    }

    /// The schema, where the list has one.
    var schema: SchemaType? {
        switch storage {
        case .typed(_, let schema), .shaped(_, let schema): schema
        case .values, .json: nil
        }
    }
}
