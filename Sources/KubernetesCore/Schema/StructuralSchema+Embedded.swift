extension StructuralSchema {
    /// What is wrong with the type and metadata of whole objects inside `value`; those of `value`
    /// itself are checked with `NameRules.objectMetaErrors`.
    public func embeddedErrors(_ value: JSONValue) -> [FieldError] {
        var root = self
        root.isEmbeddedResource = false
        return root.embeddedErrors(value, at: .root)
    }

    private func embeddedErrors(_ value: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        switch value {
        case .object(let members):
            if isEmbeddedResource { errors += StructuralSchema.resourceErrors(members, at: path) }
            for (key, member) in members {
                if let schema = properties[key] {
                    errors += schema.embeddedErrors(member, at: path.child(key))
                } else if let schema = additionalSchema {
                    errors += schema.embeddedErrors(member, at: path.key(key))
                }
            }
        case .array(let elements):
            guard let items else { return [] }
            for (index, element) in elements.enumerated() {
                errors += items.embeddedErrors(element, at: path[index])
            }
        default: break
        }
        return errors
    }

    private static func resourceErrors(
        _ members: JSONObject, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        for key in ["apiVersion", "kind"] {
            guard let value = members[key] else {
                errors.append(.required(path.child(key)))
                continue
            }
            guard let text = value.string else {
                errors.append(.invalid(path.child(key), value, "must be a string"))
                continue
            }
            if text.isEmpty {
                errors.append(.required(path.child(key)))
            } else if key == "apiVersion" {
                if text.utf8.count(where: { $0 == UInt8(ascii: "/") }) > 1 {
                    errors.append(
                        .invalid(
                            path.child(key), value, "unexpected GroupVersion string: " + text))
                }
            } else {
                let faults = NameRules.dns1035LabelErrors(text.lowercased())
                guard !faults.isEmpty else { continue }
                errors.append(
                    .invalid(
                        path.child(key), value,
                        "may have mixed case, but should otherwise match: "
                            + faults.joined(separator: ",")))
            }
        }
        if let metadata = members["metadata"] {
            var named = metadata
            if named["name"]?.string ?? "" == "" { named["name"] = "fakename" }
            errors += NameRules.objectMetaErrors(
                named, isNamespaced: !(metadata["namespace"]?.string ?? "").isEmpty,
                nameRule: .pathSegment, at: path.child("metadata"))
        }
        return errors
    }
}
