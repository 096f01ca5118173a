/// Kubernetes' own merge patch, which merges lists of built-in kinds by keys and knows directives:
/// `$patch`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`, `$retainKeys`.
public enum StrategicMergePatch {
    private static let directive = "$patch"
    private static let orderPrefix = "$setElementOrder/"
    private static let deletePrefix = "$deleteFromPrimitiveList/"
    private static let retainKeys = "$retainKeys"

    /// `value` after `patch`; `shape` tells which lists are merged, and by which member.
    public static func apply(
        _ patch: JSONValue, to value: JSONValue, shape: TypeShape
    ) throws(PatchError) -> JSONValue {
        guard let changes = patch.object else {
            throw PatchError(.malformed, "invalid JSON document")
        }
        return .object(try merge(changes, into: value.object ?? JSONObject(), shape))
    }

    private static func merge(
        _ patch: JSONObject, into original: JSONObject, _ shape: TypeShape
    ) throws(PatchError) -> JSONObject {
        var patch = patch
        if let word = patch.remove(directive) {
            switch word.string {
            case "replace": return try clean(.object(patch)).object ?? JSONObject()
            case "delete": return JSONObject()
            case "merge": break
            default:
                throw PatchError(
                    .malformed, "unknown patch type: \(word.string ?? word.text) in map")
            }
        }
        var result = original
        try retain(&result, &patch)
        try order(&result, &patch, shape)
        for (name, change) in patch {
            if name.hasPrefix(deletePrefix) {
                try deleteScalars(String(name.dropFirst(deletePrefix.count)), change, &result)
                continue
            }
            if change.isNull {
                result[name] = nil
                continue
            }
            let below = shape.member(name).shape
            switch (result[name], change) {
            case (.object(let members), .object(let changes)):
                result[name] = .object(
                    below.isReplaced ? changes : try merge(changes, into: members, below))
            case (.array(let elements), .array(let changes)):
                result[name] = .array(try mergeList(changes, into: elements, below))
            default: result[name] = try clean(change)
            }
        }
        return result
    }

    /// Takes away what `$retainKeys` does not name.
    private static func retain(
        _ result: inout JSONObject, _ patch: inout JSONObject
    ) throws(PatchError) {
        guard let list = patch.remove(retainKeys) else { return }
        let fault = PatchError(.malformed, "invalid patch format of retainKeys")
        guard let keys = list.array?.compactMap(\.string) else { throw fault }
        let kept = Set(keys)
        for (name, change) in patch where !change.isNull {
            if name.hasPrefix(orderPrefix) || name.hasPrefix(deletePrefix) { continue }
            guard kept.contains(name) else { throw fault }
        }
        for key in result.keys where !kept.contains(key) { result[key] = nil }
    }

    /// Merges the lists that have an order of their own and puts them into it.
    private static func order(
        _ result: inout JSONObject, _ patch: inout JSONObject, _ shape: TypeShape
    ) throws(PatchError) {
        for name in patch.keys where name.hasPrefix(orderPrefix) {
            guard let order = patch.remove(name)?.array else {
                throw PatchError(
                    .malformed, "invalid patch format of setElementOrder list")
            }
            let key = String(name.dropFirst(orderPrefix.count))
            let below = shape.member(key).shape
            let original = result[key]?.array
            let changes = patch[key]?.array
            let merged: [JSONValue]
            switch (original, changes) {
            case (let original?, nil): merged = original
            case (nil, let changes?): merged = try cleanElements(changes)
            case (let original?, let changes?):
                try check(changes, follow: order, below)
                merged = try mergeList(changes, into: original, below)
            case (nil, nil): continue
            }
            result[key] = .array(
                arrange(merged, by: order, then: original ?? [], below.mergeKey))
            patch[key] = nil
        }
    }

    /// The elements that a patch brings must stand in its order list, in the same order.
    private static func check(
        _ changes: [JSONValue], follow order: [JSONValue], _ shape: TypeShape
    ) throws(PatchError) {
        var position = 0
        for change in changes where change[directive] == nil {
            let identity = identity(change, shape.mergeKey)
            while position < order.count,
                self.identity(order[position], shape.mergeKey) != identity
            {
                position += 1
            }
            guard position < order.count else {
                throw PatchError(
                    .malformed, "The order in patch list doesn't match $setElementOrder list")
            }
        }
    }

    private static func deleteScalars(
        _ key: String, _ list: JSONValue, _ result: inout JSONObject
    ) throws(PatchError) {
        guard let removed = list.array else {
            throw PatchError(.malformed, "invalid patch format of primitive list")
        }
        guard let elements = result[key]?.array else { return }
        let gone = Set(removed)
        result[key] = .array(elements.filter { !gone.contains($0) })
    }

    private static func mergeList(
        _ changes: [JSONValue], into elements: [JSONValue], _ shape: TypeShape
    ) throws(PatchError) -> [JSONValue] {
        guard shape.mergeKey != nil || shape.mergesScalars else { return changes }
        if changes.isEmpty { return elements }
        if (elements + changes).contains(where: { $0.array != nil }) {
            throw PatchError(.unprocessable, "lists of lists are not supported")
        }
        guard let key = shape.mergeKey else {
            var seen: Set<JSONValue> = []
            let merged = (elements + changes).filter { seen.insert($0).inserted }
            return arrange(merged, by: changes, then: elements, nil)
        }
        var remaining = elements
        var plain: [JSONValue] = []
        var replaces = false
        for change in changes {
            guard let word = change[directive] else {
                plain.append(change)
                continue
            }
            switch word.string {
            case "delete":
                guard let value = change[key] else {
                    throw PatchError(.malformed, "delete patch type with no merge key defined")
                }
                remaining.removeAll { $0[key] == value }
            case "replace": replaces = true
            case "merge":
                throw PatchError(
                    .malformed, "merging lists cannot yet be specified in the patch")
            default:
                throw PatchError(
                    .malformed, "unknown patch type: \(word.string ?? word.text) in map")
            }
        }
        if replaces { return try cleanElements(plain) }
        let original = remaining
        try mergeElements(plain, into: &remaining, key, shape.element)
        return arrange(remaining, by: plain, then: original, key)
    }

    private static func mergeElements(
        _ changes: [JSONValue], into elements: inout [JSONValue], _ key: String,
        _ shape: TypeShape
    ) throws(PatchError) {
        var positions: [JSONValue: Int] = [:]
        for (index, element) in elements.enumerated() {
            guard let value = element[key] else { continue }
            positions[value] = positions[value] ?? index
        }
        for change in changes {
            guard let members = change.object, let value = members[key] else {
                throw PatchError(
                    .malformed, "map: \(change.text) does not contain declared merge key: \(key)")
            }
            if let index = positions[value] {
                elements[index] = .object(
                    try merge(members, into: elements[index].object ?? JSONObject(), shape))
            } else {
                positions[value] = elements.count
                elements.append(try clean(change))
            }
        }
    }

    /// The elements that `order` names in that order; the others in the order of `server`, put in
    /// before the first ordered one that they preceded there.
    private static func arrange(
        _ merged: [JSONValue], by order: [JSONValue], then server: [JSONValue], _ key: String?
    ) -> [JSONValue] {
        let ranks = positions(order, key)
        let serverRanks = positions(server, key)
        func rank(_ value: JSONValue, _ ranks: [JSONValue: Int]) -> Int {
            ranks[identity(value, key)] ?? Int.max
        }
        let left = merged.filter { rank($0, ranks) == Int.max }
        let right = merged.filter { rank($0, ranks) < Int.max }
        let others = stable(left) { rank($0, serverRanks) }
        let ordered = stable(right) { rank($0, ranks) }
        var result: [JSONValue] = []
        var at = 0
        for element in ordered {
            let place = rank(element, serverRanks)
            while at < others.count, place < Int.max, rank(others[at], serverRanks) < place {
                result.append(others[at])
                at += 1
            }
            result.append(element)
        }
        return result + others[at...]
    }

    private static func stable(
        _ values: [JSONValue], by rank: (JSONValue) -> Int
    ) -> [JSONValue] {
        values.enumerated().sorted {
            (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
        }.map(\.element)
    }

    private static func positions(_ values: [JSONValue], _ key: String?) -> [JSONValue: Int] {
        var result: [JSONValue: Int] = [:]
        for (index, value) in values.enumerated() {
            let name = identity(value, key)
            result[name] = result[name] ?? index
        }
        return result
    }

    /// What tells an element apart: its merge key, or itself.
    private static func identity(_ value: JSONValue, _ key: String?) -> JSONValue {
        key.flatMap { value[$0] } ?? value
    }

    /// A new value as it is stored: without directives and without members that are `null`.
    private static func clean(_ value: JSONValue) throws(PatchError) -> JSONValue {
        switch value {
        case .object(let members):
            var result = JSONObject()
            for (name, member) in members where !member.isNull {
                if name == directive || name == retainKeys || name.hasPrefix(orderPrefix)
                    || name.hasPrefix(deletePrefix)
                {
                    continue
                }
                result[name] = try clean(member)
            }
            return .object(result)
        case .array(let elements): return .array(try cleanElements(elements))
        default: return value
        }
    }

    private static func cleanElements(
        _ elements: [JSONValue]
    ) throws(PatchError) -> [JSONValue] {
        var result: [JSONValue] = []
        for element in elements {
            if let kept = try cleanElement(element) { result.append(kept) }
        }
        return result
    }

    /// An element of a new list; nil where it only says that one is to go.
    private static func cleanElement(_ value: JSONValue) throws(PatchError) -> JSONValue? {
        if value[directive]?.string == "delete" { return nil }
        if value[directive]?.string == "replace", value.object?.count == 1 { return nil }
        return try clean(value)
    }
}
