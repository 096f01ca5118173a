extension StructuralSchema {
    /// `value` with the defaults of this schema.
    ///
    /// A default stands in where a member is absent, or where it is `null` and may not be; a `null`
    /// that may not be and has no default is left out. Elements of arrays and additional members
    /// get their defaults too. A default is itself completed from the schema below it.
    public func defaulted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(var members):
            for (key, schema) in properties {
                let found = members[key]
                if let found, !found.isNull || schema.isNullable { continue }
                if let standIn = schema.defaultValue {
                    members[key] = standIn
                } else if found != nil {
                    members[key] = nil
                }
            }
            var result = JSONObject()
            var changed: [(String, JSONValue)] = []
            changed.reserveCapacity(members.count)
            for (key, member) in members {
                if let schema = properties[key] {
                    changed.append((key, schema.defaulted(member)))
                } else if let schema = additionalSchema {
                    if member.isNull, !schema.isNullable {
                        if let standIn = schema.defaultValue {
                            changed.append((key, schema.defaulted(standIn)))
                        }
                        continue
                    }
                    changed.append((key, schema.defaulted(member)))
                } else {
                    changed.append((key, member))
                }
            }
            result = JSONObject(changed)
            return .object(result)
        case .array(let elements):
            guard let items else { return value }
            return .array(
                elements.map { element in
                    if element.isNull, !items.isNullable, let standIn = items.defaultValue {
                        return items.defaulted(standIn)
                    }
                    return items.defaulted(element)
                })
        default: return value
        }
    }
}
