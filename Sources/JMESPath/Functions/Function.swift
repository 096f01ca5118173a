import KubernetesCore

/// A function that expressions can call.
struct Function: Sendable {
    typealias Body =
        @Sendable (Arguments, inout Interpreter) throws(JMESPathError) -> JSONValue

    let name: String
    /// What each argument may be; of a variadic function the last one stands for all that follow.
    let parameters: [ValueKinds]
    let isVariadic: Bool
    /// Whether the first argument is a regular expression.
    let takesPattern: Bool
    let body: Body

    init(
        _ name: String, _ parameters: [ValueKinds], isVariadic: Bool = false,
        takesPattern: Bool = false, _ body: @escaping Body
    ) {
        self.name = name
        self.parameters = parameters
        self.isVariadic = isVariadic
        self.takesPattern = takesPattern
        self.body = body
    }

    /// Refuses a call with a wrong number of arguments.
    func checkCount(_ count: Int) throws(JMESPathError) {
        let wanted = parameters.count
        guard isVariadic ? count >= wanted : count == wanted else {
            let atLeast = isVariadic ? "at least " : ""
            throw JMESPathError(
                .invalidArity,
                "\(name)() takes \(atLeast)\(wanted) argument\(wanted == 1 ? "" : "s"), "
                    + "not \(count)")
        }
    }

    /// An error of kind `invalid-value`.
    func invalid(_ message: String) -> JMESPathError {
        JMESPathError(.invalidValue, "\(name)(): \(message)")
    }
}

/// The kinds of values that a function takes at one place.
struct ValueKinds: OptionSet, Sendable {
    let rawValue: Int

    static let number = ValueKinds(rawValue: 1)
    static let string = ValueKinds(rawValue: 2)
    static let boolean = ValueKinds(rawValue: 4)
    static let array = ValueKinds(rawValue: 8)
    static let object = ValueKinds(rawValue: 16)
    static let null = ValueKinds(rawValue: 32)
    static let expression = ValueKinds(rawValue: 64)
    /// An array of numbers only.
    static let numbers = ValueKinds(rawValue: 128)
    /// An array of texts only.
    static let strings = ValueKinds(rawValue: 256)
    static let any: ValueKinds = [.number, .string, .boolean, .array, .object, .null]

    /// The kind of `value`.
    static func of(_ value: JSONValue) -> ValueKinds {
        switch value {
        case .null: .null
        case .bool: .boolean
        case .integer, .double: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    private static let names: [(ValueKinds, String)] = [
        (.number, "number"), (.string, "string"), (.boolean, "boolean"), (.array, "array"),
        (.object, "object"), (.null, "null"), (.expression, "expression"),
        (.numbers, "array of numbers"), (.strings, "array of strings"),
    ]

    /// The names of the kinds, for a person.
    var text: String {
        Self.names.filter { contains($0.0) }.map(\.1).joined(separator: " or ")
    }
}
