import KubernetesCore

/// Events are stored as `v1` and shown as `events.k8s.io/v1` under other names of their fields.
enum EventTranslation {
    private static let names: [(core: String, events: String)] = [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ]

    /// A `v1` event as `events.k8s.io/v1`.
    static func fromCore(_ value: JSONValue) -> JSONValue {
        rename(value, names.map { ($0.core, $0.events) })
    }

    /// An event of `events.k8s.io/v1` as `v1`.
    static func toCore(_ value: JSONValue) -> JSONValue {
        var core = rename(value, names.map { ($0.events, $0.core) })
        for (key, zero) in [
            ("involvedObject", JSONValue.object([:])), ("source", .object([:])),
            ("firstTimestamp", .null), ("lastTimestamp", .null), ("eventTime", .null),
            ("reportingComponent", .string("")), ("reportingInstance", .string("")),
        ] where core[key] == nil {
            core[key] = zero
        }
        return core
    }

    private static func rename(
        _ value: JSONValue, _ pairs: [(from: String, to: String)]
    ) -> JSONValue {
        guard var members = value.object else { return value }
        for (from, to) in pairs {
            guard let moved = members.remove(from) else { continue }
            members[to] = moved
        }
        return .object(members)
    }
}
