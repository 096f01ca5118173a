extension StructuralSchema {
    /// `value`, a whole object of the API, without the members that this schema does not know, and
    /// the paths of what was left out, ascending, as strict field validation names them.
    ///
    /// `apiVersion`, `kind` and the known members of `metadata` always stay. Below
    /// `preservesUnknownFields` everything stays that no property describes.
    public func pruned(_ value: JSONValue) -> (value: JSONValue, unknownFields: [String]) {
        var root = self
        root.isEmbeddedResource = true
        var pruning = Pruning()
        let result = pruning.prune(value, root, at: "")
        return (result, pruning.unknown.sorted())
    }

    /// What strict field validation answers for unknown and repeated fields, given by their paths.
    public static func strictDecodingMessage(
        unknownFields: [String], duplicateFields: [String] = []
    ) -> String {
        let faults =
            duplicateFields.map { "duplicate field " + GoText.quote($0) }
            + unknownFields.map { "unknown field " + GoText.quote($0) }
        return "strict decoding error: " + faults.joined(separator: ", ")
    }

    /// What `metadata` may have, by the types of the API.
    static let objectMeta: StructuralSchema = {
        let text = StructuralSchema.string()
        let owner = StructuralSchema.object([
            "apiVersion": text, "kind": text, "name": text, "uid": text,
            "controller": .boolean(), "blockOwnerDeletion": .boolean(),
        ])
        let entry = StructuralSchema.object([
            "manager": text, "operation": text, "apiVersion": text, "time": text,
            "fieldsType": text, "fieldsV1": .freeObject(), "subresource": text,
        ])
        return .object([
            "name": text, "generateName": text, "namespace": text, "selfLink": text, "uid": text,
            "resourceVersion": text, "generation": .integer(), "creationTimestamp": text,
            "deletionTimestamp": text, "deletionGracePeriodSeconds": .integer(),
            "labels": .map(of: text), "annotations": .map(of: text),
            "ownerReferences": .array(of: owner), "finalizers": .array(of: text),
            "managedFields": .array(of: entry),
        ])
    }()
}

/// One walk that drops unknown members and notes their paths.
private struct Pruning {
    var unknown: [String] = []

    mutating func prune(
        _ value: JSONValue, _ schema: StructuralSchema?, at path: String
    ) -> JSONValue {
        let preserves = schema?.preservesUnknownFields ?? false
        switch value {
        case .object(let members):
            return .object(prune(members, schema, preserves, at: path))
        case .array(let elements):
            var result: [JSONValue] = []
            result.reserveCapacity(elements.count)
            var items = schema?.items
            if preserves {
                guard items != nil else { return value }
                items?.preservesUnknownFields = true
            }
            for (index, element) in elements.enumerated() {
                result.append(prune(element, items, at: path + "[\(index)]"))
            }
            return .array(result)
        default: return value
        }
    }

    private mutating func prune(
        _ members: JSONObject, _ schema: StructuralSchema?, _ preserves: Bool, at path: String
    ) -> JSONObject {
        var result: [(String, JSONValue)] = []
        result.reserveCapacity(members.count)
        for (key, member) in members {
            let place = path.isEmpty ? key : path + "." + key
            if let schema, schema.isEmbeddedResource {
                if key == "apiVersion" || key == "kind" {
                    result.append((key, member))
                    continue
                }
                if key == "metadata" {
                    result.append((key, prune(member, StructuralSchema.objectMeta, at: place)))
                    continue
                }
            }
            if let known = schema?.properties[key] {
                result.append((key, prune(member, known, at: place)))
            } else if let additional = schema?.additionalProperties {
                var below: StructuralSchema?
                if case .schema(let known) = additional { below = known }
                result.append((key, prune(member, below, at: place)))
            } else if preserves {
                result.append((key, member))
            } else {
                unknown.append(place)
            }
        }
        return JSONObject(result)
    }
}
