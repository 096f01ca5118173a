/// How the values of a type are merged: which lists go by keys or as sets, which objects and lists
/// are one piece. Server-side apply and strategic merge patches ask it; validation does not.
public struct TypeShape: Sendable, Equatable {
    /// The kinds of shapes.
    public indirect enum Structure: Sendable, Equatable {
        /// One piece, whatever it is.
        case atomic
        /// Nothing is known: objects go member by member, lists are one piece.
        case untyped
        /// Named fields; others have the shape `others`, and count as fields themselves or as
        /// entries of a map.
        case map(SortedMembers<TypeShape>, others: TypeShape?, othersAreFields: Bool)
        /// Elements that these members tell apart; an absent one counts as its default.
        case keyed(TypeShape, keys: [String], defaults: [String: JSONValue])
        /// Elements that are told apart by themselves.
        case set(TypeShape)
    }

    /// The kind of shape.
    public var structure: Structure
    /// The member by which a strategic merge patch merges a list.
    public var mergeKey: String?
    /// Whether a strategic merge patch merges a list of scalars.
    public var mergesScalars = false
    /// Whether a strategic merge patch replaces an object instead of merging it.
    public var isReplaced = false

    /// A shape of this kind.
    public init(_ structure: Structure, mergeKey: String? = nil, mergesScalars: Bool = false) {
        self.structure = structure
        self.mergeKey = mergeKey
        self.mergesScalars = mergesScalars
    }

    /// One piece.
    public static let atomic = TypeShape(.atomic)
    /// Nothing is known.
    public static let untyped = TypeShape(.untyped)
    /// An object of a built-in type whose fields, and theirs, are merged one by one; lists are one
    /// piece.
    public static let record = TypeShape.record([:])

    /// An object of a built-in type with these special fields; others are as in `record`.
    public static func record(_ fields: SortedMembers<TypeShape>) -> TypeShape {
        TypeShape(.map(fields, others: nil, othersAreFields: true))
    }

    /// An object with any names.
    public static func map(of values: TypeShape = .record) -> TypeShape {
        TypeShape(.map([:], others: values, othersAreFields: false))
    }

    /// A list that goes by the member `key`, in strategic merge patches as well.
    public static func list(by key: String, of element: TypeShape = .record) -> TypeShape {
        TypeShape(.keyed(element, keys: [key], defaults: [:]), mergeKey: key)
    }

    /// The shape of the member `key` of an object, and whether it is a field rather than an entry
    /// of a map.
    func member(_ key: String) -> (shape: TypeShape, isField: Bool) {
        guard case .map(let fields, let others, let othersAreFields) = structure else {
            return (.untyped, false)
        }
        if let field = fields[key] { return (field, true) }
        return (others ?? (othersAreFields ? .record : .untyped), othersAreFields)
    }

    /// Whether an object of this shape may have the member `key`.
    func declares(_ key: String) -> Bool {
        guard case .map(let fields, let others, let othersAreFields) = structure else {
            return true
        }
        return fields[key] != nil || others != nil || othersAreFields
    }

    /// The shape of a list's elements.
    var element: TypeShape {
        switch structure {
        case .keyed(let element, _, _), .set(let element): element
        default: .untyped
        }
    }

    /// Whether `value`, which has this shape, is one piece.
    func isLeaf(_ value: JSONValue) -> Bool {
        switch (structure, value) {
        case (.atomic, _): true
        case (.untyped, .object), (.map, .object): false
        case (.keyed, .array), (.set, .array): false
        default: true
        }
    }
}

extension StructuralSchema {
    /// How whole objects of this schema are merged.
    public var shape: TypeShape {
        var root = self
        root.isEmbeddedResource = true
        return root.partShape
    }

    /// How values of this schema are merged.
    var partShape: TypeShape {
        switch type {
        case .array:
            guard let items else { return .atomic }
            switch listType {
            case .set: return TypeShape(.set(items.partShape))
            case .map:
                var defaults: [String: JSONValue] = [:]
                for key in listMapKeys { defaults[key] = items.properties[key]?.defaultValue }
                return TypeShape(.keyed(items.partShape, keys: listMapKeys, defaults: defaults))
            case .atomic, nil: return .atomic
            }
        case .object:
            if mapType == .atomic { return .atomic }
            var fields = properties.mapValues(\.partShape)
            if isEmbeddedResource {
                fields["apiVersion"] = .atomic
                fields["kind"] = .atomic
                fields["metadata"] = BuiltInShapes.objectMeta
            }
            let unknown: TypeShape? = preservesUnknownFields == true ? .untyped : nil
            let others = additionalSchema?.partShape ?? unknown
            if fields.isEmpty, others == nil { return .untyped }
            return TypeShape(.map(fields, others: others, othersAreFields: false))
        case .string, .integer, .number, .boolean: return .atomic
        case nil: return isIntOrString ? .atomic : .untyped
        }
    }
}
