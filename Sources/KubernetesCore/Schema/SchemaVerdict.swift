/// What a schema says of a value: the faults, and how much of the schema the value met, by which
/// the best of several failed alternatives is found.
struct SchemaVerdict {
    /// More faults than this are not collected: nobody reads them, and the answer stays bounded.
    static let errorsMax = 250

    private(set) var errors: [FieldError] = []
    private(set) var matches = 0

    var isValid: Bool { errors.isEmpty }
    var hasRoom: Bool { errors.count < SchemaVerdict.errorsMax }

    mutating func count() { matches += 1 }

    mutating func add(_ error: FieldError) {
        if hasRoom { errors.append(error) }
    }

    /// Takes over the faults of `other`, each once.
    mutating func merge(_ other: SchemaVerdict) {
        matches += other.matches
        for error in other.errors where errors.isEmpty || !errors.contains(error) { add(error) }
    }

    /// A value at `path` that is not of type `expected`.
    mutating func wrongType(_ expected: String, _ found: String, at path: String) {
        add(
            .typeInvalid(
                SchemaVerdict.place(path), .string(found),
                "\(path) in body must be of type \(expected): \(GoText.quote(found))"))
    }

    /// A value that breaks a bound; the message speaks of `subject`, or else of the path.
    mutating func invalid(
        _ value: JSONValue, _ message: String, at path: String, subject: String? = nil
    ) {
        add(
            .invalid(SchemaVerdict.place(path), value, "\(subject ?? path) in body \(message)"))
    }

    /// A fault that names no field of its own.
    mutating func general(_ message: String) { add(.invalid(.root, "", message)) }

    /// The path of an error: without the dot that members of the object itself begin with.
    static func place(_ path: String) -> FieldPath {
        FieldPath(path.hasPrefix(".") ? String(path.dropFirst()) : path)
    }
}
