/// Which fields differ between two values of one shape.
struct FieldComparison {
    private(set) var added = FieldSet()
    private(set) var removed = FieldSet()
    private(set) var modified = FieldSet()

    /// Compares the old value with the new one.
    init(from old: JSONValue, to new: JSONValue, _ shape: TypeShape) {
        compare(old, new, shape, [])
    }

    var changed: FieldSet { modified.union(added) }

    /// The same without the fields of `set` and what is below them.
    func excluding(_ set: FieldSet) -> FieldComparison {
        guard !set.isEmpty else { return self }
        var result = self
        result.added = added.recursiveDifference(set)
        result.removed = removed.recursiveDifference(set)
        result.modified = modified.recursiveDifference(set)
        return result
    }

    private mutating func compare(
        _ old: JSONValue?, _ new: JSONValue?, _ shape: TypeShape, _ path: [PathElement]
    ) {
        if old == new { return }
        if let old, let new {
            switch (old, new) {
            case (.object(let before), .object(let after)) where !shape.isLeaf(new):
                return compare(before, after, shape, path)
            case (.array(let before), .array(let after)) where !shape.isLeaf(new):
                return compare(before, after, shape, path)
            case (.null, .object(let members)) where !shape.isLeaf(new) && !members.isEmpty:
                return descend(new, shape, path, isNew: true)
            case (.null, .array(let elements)) where !shape.isLeaf(new) && !elements.isEmpty:
                return descend(new, shape, path, isNew: true)
            case (.object(let members), .null) where !shape.isLeaf(old) && !members.isEmpty:
                return descend(old, shape, path, isNew: false)
            case (.array(let elements), .null) where !shape.isLeaf(old) && !elements.isEmpty:
                return descend(old, shape, path, isNew: false)
            default: break
            }
            modified.insert(path[...])
        } else if let new {
            added.insert(path[...], FieldComparison.fields(in: new, shape))
        } else if let old {
            removed.insert(path[...], FieldComparison.fields(in: old, shape))
        }
    }

    /// Everything below a value, each step a field of its own.
    private static func fields(in value: JSONValue, _ shape: TypeShape) -> FieldSet {
        var result = FieldSet()
        guard !shape.isLeaf(value) else { return result }
        switch value {
        case .object(let members):
            for (key, member) in members {
                let below = fields(in: member, shape.member(key).shape)
                result.insert(.field(key), isMember: true, below)
            }
        case .array(let elements):
            for (step, element) in Self.elements(elements, shape).ordered {
                result.insert(step, isMember: true, fields(in: element, shape.element))
            }
        default: break
        }
        return result
    }

    /// Everything inside a value that takes the place of null, or gives way to it.
    private mutating func descend(
        _ value: JSONValue, _ shape: TypeShape, _ path: [PathElement], isNew: Bool
    ) {
        switch value {
        case .object(let members):
            compare(isNew ? [:] : members, isNew ? members : [:], shape, path)
        case .array(let elements):
            compare(isNew ? [] : elements, isNew ? elements : [], shape, path)
        default: break
        }
    }

    private mutating func compare(
        _ before: JSONObject, _ after: JSONObject, _ shape: TypeShape, _ path: [PathElement]
    ) {
        for key in before.keys where after[key] == nil {
            compare(before[key], nil, shape.member(key).shape, path + [.field(key)])
        }
        for (key, member) in after {
            compare(before[key], member, shape.member(key).shape, path + [.field(key)])
        }
    }

    private mutating func compare(
        _ before: [JSONValue], _ after: [JSONValue], _ shape: TypeShape, _ path: [PathElement]
    ) {
        let old = FieldComparison.elements(before, shape)
        let new = FieldComparison.elements(after, shape)
        for (step, element) in old.ordered where new.found[step] == nil {
            compare(element, nil, shape.element, path + [step])
        }
        for (step, element) in new.ordered {
            compare(old.found[step], element, shape.element, path + [step])
        }
    }

    private static func elements(
        _ values: [JSONValue], _ shape: TypeShape
    ) -> (ordered: [(PathElement, JSONValue)], found: [PathElement: JSONValue]) {
        var ordered: [(PathElement, JSONValue)] = []
        var found: [PathElement: JSONValue] = [:]
        for (index, value) in values.enumerated() {
            let step = ShapedValue.step(to: value, index, shape)
            guard found[step] == nil else { continue }
            found[step] = value
            ordered.append((step, value))
        }
        return (ordered, found)
    }
}
