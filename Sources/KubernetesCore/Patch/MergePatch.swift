/// JSON merge patches (RFC 7386).
public enum MergePatch {
    /// `value` after `patch`: objects are merged member by member, `null` removes a member,
    /// anything else replaces.
    public static func apply(_ patch: JSONValue, to value: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = value.object ?? JSONObject()
        for (key, change) in changes {
            members[key] = change.isNull ? nil : apply(change, to: members[key] ?? .null)
        }
        return .object(members)
    }

    /// The smallest patch that makes `to` from `from`; an empty object where nothing differs.
    ///
    /// A merge patch cannot write `null`: a member that is `null` in `to` is removed by it. Where
    /// either side is no object, the patch is `to` itself.
    public static func difference(from: JSONValue, to: JSONValue) -> JSONValue {
        guard case .object(let old) = from, case .object(let new) = to else { return to }
        var patch = JSONObject()
        for key in old.keys where new[key] == nil { patch[key] = .null }
        for (key, value) in new {
            guard let before = old[key] else {
                patch[key] = withoutNulls(value)
                continue
            }
            if before == value { continue }
            guard before.object != nil, value.object != nil else {
                patch[key] = withoutNulls(value)
                continue
            }
            let below = difference(from: before, to: value)
            if below.object?.isEmpty == false { patch[key] = below }
        }
        return .object(patch)
    }

    /// A new value as a patch has to write it; the members that it cannot write are left out.
    private static func withoutNulls(_ value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return value }
        return .object(
            JSONObject(members.filter { !$0.1.isNull }.map { ($0.0, withoutNulls($0.1)) }))
    }
}
