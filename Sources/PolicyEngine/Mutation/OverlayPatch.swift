import KubernetesCore

/// A `patchStrategicMerge` of Kyverno: a patch in the shape of the object, whose anchors say where
/// it counts, merged into the object.
///
/// Source: https://kyverno.io/docs/policy-types/cluster-policy/mutate/#strategic-merge-patch
enum OverlayPatch {
    /// Why a part of the patch does not count.
    private enum Stop: Error {
        /// A condition of this part does not hold.
        case part
        /// A condition of the whole patch does not hold.
        case whole
    }

    /// `object` with `patch` merged into it. Where the conditions of the patch do not hold, the
    /// object stays as it is.
    static func apply(
        _ patch: JSONValue, to object: JSONValue, of type: ResourceType
    ) throws(EvaluationError) -> JSONValue {
        guard let members = patch.object else {
            throw EvaluationError(.failed, "patchStrategicMerge must be an object")
        }
        let prepared: JSONObject
        do {
            prepared = try OverlayPatch.prepared(members, for: object)
        } catch {
            return object
        }
        guard let stripped = stripped(.object(prepared)) else { return object }
        return ListMerge(type).merge(stripped, into: object)
    }

    // MARK: Conditions

    /// The patch with `+()` decided and templates of lists unfolded.
    private static func prepared(
        _ patch: JSONObject, for object: JSONValue?
    ) throws(Stop) -> JSONObject {
        var result = JSONObject()
        for (raw, value) in patch {
            guard let (anchor, key) = PatternAnchor.parse(raw), anchor == .addIfAbsent else {
                result[raw] = value
                continue
            }
            if object?[key] == nil { result[key] = value }
        }
        try check(result, .global, object)
        try check(result, .condition, object)
        for (raw, value) in result {
            let key = PatternAnchor.parse(raw)?.key ?? raw
            result[raw] = try prepared(value, for: object?[key])
        }
        return result
    }

    private static func prepared(
        _ value: JSONValue, for object: JSONValue?
    ) throws(Stop) -> JSONValue {
        switch value {
        case .object(let members): return .object(try prepared(members, for: object))
        case .array(let elements):
            guard case .object? = elements.first else { return value }
            return .array(try prepared(elements, for: object?.array ?? []))
        default: return value
        }
    }

    private static func check(
        _ patch: JSONObject, _ wanted: PatternAnchor, _ object: JSONValue?
    ) throws(Stop) {
        for (raw, value) in patch {
            guard let (anchor, key) = PatternAnchor.parse(raw), anchor == wanted else { continue }
            let stop: Stop = anchor == .global ? .whole : .part
            guard let found = object?[key] else { throw stop }
            if case .object = value, holdsAddition(value) { continue }
            guard isMatch(value, found) else { throw stop }
        }
    }

    private static func isMatch(_ pattern: JSONValue, _ value: JSONValue) -> Bool {
        // What is no pattern is matched by nothing.
        guard let compiled = try? KyvernoPattern(replaced: ["value": pattern]) else {
            return false
        }
        return compiled.match(["value": value]) == .match
    }

    private static func holdsAddition(_ value: JSONValue) -> Bool {
        holds(value) { $0 == .addIfAbsent }
    }

    private static func holds(_ value: JSONValue, _ isMeant: (PatternAnchor) -> Bool) -> Bool {
        switch value {
        case .object(let members):
            members.contains { raw, value in
                (PatternAnchor.parse(raw).map { isMeant($0.anchor) } ?? false)
                    || holds(value, isMeant)
            }
        case .array(let elements): elements.contains { holds($0, isMeant) }
        default: false
        }
    }

    /// Elements with anchors are templates: each gives one element for every element of the object
    /// that meets its conditions.
    private static func prepared(
        _ patch: [JSONValue], for elements: [JSONValue]
    ) throws(Stop) -> [JSONValue] {
        var result: [JSONValue] = []
        var unfolded: [JSONValue] = []
        for template in patch {
            guard let members = template.object, holds(template, { _ in true }) else {
                result.append(template)
                continue
            }
            var met = false
            var stoppedWhole = false
            for element in elements {
                do {
                    let made = try prepared(members, for: element)
                    met = true
                    guard let name = element["name"],
                        var filled = stripped(.object(made))?.object, !filled.isEmpty
                    else { continue }
                    filled["name"] = name
                    unfolded.append(.object(filled))
                } catch {
                    stoppedWhole = stoppedWhole || error == .whole
                }
            }
            if stoppedWhole, !met { throw .whole }
        }
        return result + unfolded
    }

    // MARK: What is left

    /// The patch without its conditions; `nil` where nothing is left of it.
    private static func stripped(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .object(let members):
            var result = JSONObject()
            for (raw, member) in members {
                guard let (_, key) = PatternAnchor.parse(raw) else {
                    if let kept = stripped(member) { result[raw] = kept }
                    continue
                }
                switch member {
                case .object, .array:
                    if let kept = stripped(member) { result[key] = kept }
                default: continue
                }
            }
            return result.isEmpty && !members.isEmpty ? nil : .object(result)
        case .array(let elements):
            guard case .object? = elements.first else { return value }
            let kept = elements.compactMap(stripped)
            return kept.isEmpty ? nil : .array(kept)
        default: return value
        }
    }
}
