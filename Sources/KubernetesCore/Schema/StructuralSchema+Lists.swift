extension StructuralSchema {
    /// Every element that breaks the uniqueness which its list's type asks for: equal elements of
    /// sets, equal keys of maps. Where `old` already broke it, nothing is reported.
    public func listErrors(_ value: JSONValue, old: JSONValue? = nil) -> [FieldError] {
        if let old, !listErrors(old, at: .root).isEmpty { return [] }
        return listErrors(value, at: .root)
    }

    private func listErrors(_ value: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        switch value {
        case .object(let members):
            if let additionalSchema {
                for (key, member) in members {
                    errors += additionalSchema.listErrors(member, at: path.key(key))
                }
            }
            for (key, member) in members {
                guard let schema = properties[key] else { continue }
                errors += schema.listErrors(member, at: path.child(key))
            }
        case .array(let elements):
            switch listType {
            case .set:
                errors += StructuralSchema.repeated(elements).map { index in
                    .duplicate(path[index], elements[index])
                }
            case .map: errors += mapErrors(elements, at: path)
            case .atomic, nil: break
            }
            guard let items else { return errors }
            for (index, element) in elements.enumerated() {
                errors += items.listErrors(element, at: path[index])
            }
        default: break
        }
        return errors
    }

    private func mapErrors(_ elements: [JSONValue], at path: FieldPath) -> [FieldError] {
        for (index, element) in elements.enumerated()
        where element.object == nil && !element.isNull {
            return [
                .invalid(path[index], element, "must be an object for an array of list-type map")
            ]
        }
        let keys = elements.map { listKey(of: $0) }
        return StructuralSchema.repeated(keys).map { .duplicate(path[$0], keys[$0]) }
    }

    /// The members that tell an element of a list of type `map` apart; absent ones stay absent.
    func listKey(of element: JSONValue) -> JSONValue {
        var key = JSONObject()
        for name in listMapKeys { key[name] = element[name] }
        return .object(key)
    }

    /// The indexes of the first repetition of each value.
    private static func repeated(_ values: [JSONValue]) -> [Int] {
        guard values.count > 1 else { return [] }
        var times: [JSONValue: Int] = [:]
        return values.indices.filter { index in
            times[values[index], default: 0] += 1
            return times[values[index]] == 2
        }
    }
}
