public import KubernetesCore

/// The smallest merge patch (RFC 7386) between two values.
public enum MergeDifference {
    /// The patch that makes `observed` into `desired`; nil where they are already equal. A member
    /// that is `null` counts as absent on both sides, as it does in Kubernetes.
    public static func patch(from observed: JSONValue, to desired: JSONValue) -> JSONValue? {
        guard case .object(let new) = desired else {
            // Not a conditional expression, in which nil would be taken for JSON's null.
            if observed == desired { return nil }
            return desired
        }
        guard case .object(let old) = observed else { return withoutNulls(desired) }
        var members: [(String, JSONValue)] = []
        for (key, value) in new {
            if value.isNull {
                if let before = old[key], !before.isNull { members.append((key, .null)) }
            } else if let before = old[key], !before.isNull {
                if let patch = patch(from: before, to: value) { members.append((key, patch)) }
            } else {
                members.append((key, withoutNulls(value)))
            }
        }
        for (key, value) in old where !value.isNull && !new.keys.contains(key) {
            members.append((key, .null))
        }
        guard !members.isEmpty else { return nil }
        return .object(JSONObject(members))
    }

    /// The value without members that are `null`, in objects at any depth outside arrays.
    private static func withoutNulls(_ value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return value }
        return .object(
            JSONObject(
                members.filter { !$0.1.isNull }.map { ($0.0, withoutNulls($0.1)) }))
    }
}
