/// The fields that the maker of an object owns, straight as `fieldsV1`.
///
/// What `FieldComparison` finds and `FieldSet` writes, in one walk without a set in between: most
/// writes are creates. Pinned by `a new object's fields are those that comparing finds`.
struct CreatedFields {
    /// What nobody owns.
    let unowned: FieldSet
    /// What is not tracked, with everything below it.
    let ignored: FieldSet

    /// The fields that `new` has beyond `empty`, which is what objects of the kind have before
    /// anything is set; nil where only the general comparison can tell.
    func json(of new: JSONValue, beyond empty: JSONValue, _ shape: TypeShape) -> JSONObject? {
        guard case .object(let members) = new, case .object(let before) = empty,
            !shape.isLeaf(new)
        else { return nil }
        return level(members, before, shape, unowned, ignored)
    }

    private func level(
        _ members: JSONObject, _ before: JSONObject, _ shape: TypeShape, _ unowned: FieldSet,
        _ ignored: FieldSet
    ) -> JSONObject? {
        var result: [(String, JSONValue)] = []
        result.reserveCapacity(members.count)
        for (key, member) in members {
            let step = PathElement.field(key)
            if !ignored.isEmpty, ignored.has(step) { continue }
            let old = before[key]
            if old == member { continue }
            let below = shape.member(key).shape
            let rest = (unowned.below(step), ignored.below(step))
            var isOwned = false
            var inner = JSONObject()
            switch (old, member) {
            case (nil, _):
                isOwned = true
                inner = fields(of: member, below, rest.0, rest.1)
            case (.object(let one)?, .object(let two)) where !below.isLeaf(member):
                guard let found = level(two, one, below, rest.0, rest.1) else { return nil }
                inner = found
            case (.null?, .object(let two)) where !below.isLeaf(member) && !two.isEmpty:
                inner = fields(of: member, below, rest.0, rest.1)
            case (.null?, .array(let two)) where !below.isLeaf(member) && !two.isEmpty:
                inner = fields(of: member, below, rest.0, rest.1)
            case (.array?, .array), (_, .null): return nil
            default: isOwned = true
            }
            if isOwned, !unowned.isEmpty, unowned.has(step) { isOwned = false }
            CreatedFields.add(step, isOwned, inner, to: &result)
        }
        return JSONObject(result)
    }

    /// Everything inside a value that is wholly new.
    private func fields(
        of value: JSONValue, _ shape: TypeShape, _ unowned: FieldSet, _ ignored: FieldSet
    ) -> JSONObject {
        guard !shape.isLeaf(value) else { return JSONObject() }
        switch value {
        case .object(let members):
            return level(members, JSONObject(), shape, unowned, ignored) ?? JSONObject()
        case .array(let elements):
            var result: [(String, JSONValue)] = []
            var seen: Set<PathElement> = []
            for (index, element) in elements.enumerated() {
                let step = ShapedValue.step(to: element, index, shape)
                guard seen.insert(step).inserted else { continue }
                let inner = fields(of: element, shape.element, FieldSet(), FieldSet())
                CreatedFields.add(step, true, inner, to: &result)
            }
            return JSONObject(result)
        default: return JSONObject()
        }
    }

    private static func add(
        _ step: PathElement, _ isOwned: Bool, _ inner: JSONObject,
        to result: inout [(String, JSONValue)]
    ) {
        guard isOwned || !inner.isEmpty else { return }
        var inner = inner
        if isOwned, !inner.isEmpty { inner["."] = .object(JSONObject()) }
        result.append((step.encoded, .object(inner)))
    }
}
