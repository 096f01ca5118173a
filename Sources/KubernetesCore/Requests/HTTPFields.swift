/// The header fields of a request or response: names in lower case, in the order given.
public struct HTTPFields: Hashable, Sendable {
    /// One name with one value; a name may occur several times.
    public struct Field: Hashable, Sendable {
        /// The name in lower case.
        public let name: String
        /// The value without surrounding space.
        public let value: String
    }

    /// The fields in the order given.
    public private(set) var fields: [Field]

    /// No fields.
    public init() { fields = [] }

    /// How many fields there are.
    public var count: Int { fields.count }

    /// The first value of `name`, which is compared without regard to case. Assigning replaces all
    /// fields of that name; assigning `nil` removes them.
    public subscript(_ name: String) -> String? {
        get {
            let wanted = name.lowercased()
            return fields.first { $0.name == wanted }?.value
        }
        set {
            let wanted = name.lowercased()
            fields.removeAll { $0.name == wanted }
            if let newValue { append(wanted, newValue) }
        }
    }

    /// Adds a field behind the others. Line breaks and NUL end a field's value, so that no value
    /// can ever smuggle a second field into a request.
    public mutating func append(_ name: String, _ value: String) {
        let safe = value.unicodeScalars.prefix { $0 != "\r" && $0 != "\n" && $0 != "\0" }
        fields.append(Field(name: name.lowercased(), value: String(safe)))
    }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    /// These fields in this order.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}
