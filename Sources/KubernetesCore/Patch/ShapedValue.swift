/// A value with its shape: what server-side apply compares, merges and prunes.
struct ShapedValue {
    let value: JSONValue
    let shape: TypeShape

    init(_ value: JSONValue, _ shape: TypeShape) {
        self.value = value
        self.shape = shape
    }

    /// The step to an element of a list; its keys by their defaults where they are absent. An
    /// element without its keys is told apart by its index.
    static func step(to element: JSONValue, _ index: Int, _ shape: TypeShape) -> PathElement {
        switch shape.structure {
        case .keyed(_, let keys, let defaults):
            var members = JSONObject()
            for key in keys {
                guard let value = element[key] ?? defaults[key] else { continue }
                members[key] = value
            }
            return members.isEmpty ? .index(index) : .key(members)
        case .set: return .value(element)
        default: return .index(index)
        }
    }

    /// The fields that the value sets.
    var fieldSet: FieldSet { ShapedValue.fieldSet(value, shape) }

    private static func fieldSet(_ value: JSONValue, _ shape: TypeShape) -> FieldSet {
        var result = FieldSet()
        guard !shape.isLeaf(value) else { return result }
        switch value {
        case .object(let members):
            for (key, member) in members {
                let (below, isField) = shape.member(key)
                let isEmpty = member.isNull || member.object?.isEmpty == true
                let isScalar = member.object == nil && member.array == nil
                let isPiece = isScalar || below.isLeaf(member)
                result.insert(
                    .field(key), isMember: isPiece || isEmpty || !isField,
                    fieldSet(member, below))
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                result.insert(
                    step(to: element, index, shape), isMember: true,
                    fieldSet(element, shape.element))
            }
        default: break
        }
        return result
    }

    /// The value without the fields of `set`; nil where nothing of an object or a list is left.
    func removing(_ set: FieldSet) -> JSONValue? {
        guard !shape.isLeaf(value), !set.isEmpty else { return value }
        switch value {
        case .object(let members):
            if members.isEmpty { return value }
            var result = JSONObject()
            for (key, member) in members {
                let element = PathElement.field(key)
                if set.has(element) { continue }
                result[key] =
                    ShapedValue(member, shape.member(key).shape).removing(set.below(element))
                    ?? .null
            }
            return result.isEmpty ? nil : .object(result)
        case .array(let elements):
            if elements.isEmpty { return value }
            var result: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                let step = ShapedValue.step(to: element, index, shape)
                if set.has(step) { continue }
                result.append(
                    ShapedValue(element, shape.element).removing(set.below(step)) ?? .null)
            }
            return result.isEmpty ? nil : .array(result)
        default: return value
        }
    }
}
