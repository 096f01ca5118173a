import KubernetesCore

/// The rules of events, old and new: the ones of `events.k8s.io` are held to more.
enum EventValidation {
    private static let lengthMax = 128
    private static let noteMax = 1_024

    static func errors(_ value: JSONValue, old: JSONValue?, _ call: APICall) -> [FieldError] {
        let isNewKind = call.definition.traits.contains(.isAlias)
        let core = isNewKind ? EventTranslation.toCore(value) : value
        let errors = commonErrors(core, call.namespace, isNewKind: isNewKind)
        guard isNewKind else { return errors }
        guard let old else { return errors + seriesErrors(core) + creationErrors(core) }
        return errors + seriesErrors(core)
            + changeErrors(core, old: EventTranslation.toCore(old))
    }

    private static func isSet(_ time: JSONValue?) -> Bool { time?.string != nil }

    private static func commonErrors(
        _ event: JSONValue, _ home: String, isNewKind: Bool
    ) -> [FieldError] {
        let about = event[path: ["involvedObject", "namespace"]]?.string ?? ""
        let foreign = FieldError.invalid(
            FieldPath("involvedObject.namespace"), .string(about), "does not match event.namespace")
        guard isSet(event["eventTime"]) else {
            let fits = about.isEmpty ? home == "default" : about == home
            return fits ? [] : [foreign]
        }
        var errors: [FieldError] = []
        if about.isEmpty, home != "default", home != "kube-system" { errors.append(foreign) }
        let controller = event["reportingComponent"]?.string ?? ""
        let path = FieldPath(isNewKind ? "reportingController" : "reportingComponent")
        if controller.isEmpty { errors.append(.required(path)) }
        errors += NameRules.qualifiedNameErrors(controller).map {
            .invalid(path, .string(controller), $0)
        }
        for name in ["reportingInstance", "action", "reason"] {
            let text = event[name]?.string ?? ""
            if text.isEmpty { errors.append(.required(FieldPath(name))) }
            if text.utf8.count > lengthMax { errors.append(tooLong(name, lengthMax)) }
        }
        if (event["message"]?.string ?? "").utf8.count > noteMax {
            errors.append(tooLong("message", noteMax))
        }
        return errors
    }

    private static func tooLong(_ name: String, _ limit: Int) -> FieldError {
        .invalid(FieldPath(name), "", "can have at most \(limit) characters")
    }

    private static func seriesErrors(_ event: JSONValue) -> [FieldError] {
        guard let series = event["series"], !series.isNull else { return [] }
        var errors: [FieldError] = []
        if (series["count"]?.integer ?? 0) < 2 {
            errors.append(.invalid(FieldPath("series.count"), "", "should be at least 2"))
        }
        if !isSet(series["lastObservedTime"]) {
            errors.append(.required(FieldPath("series.lastObservedTime")))
        }
        return errors
    }

    private static func creationErrors(_ event: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        if !isSet(event["eventTime"]) { errors.append(.required(FieldPath("eventTime"))) }
        let type = event["type"]?.string ?? ""
        if type != "Normal", type != "Warning" {
            errors.append(.invalid(FieldPath("type"), "", "has invalid value: \(type)"))
        }
        func forbid(_ name: String, _ isSet: Bool) {
            if isSet { errors.append(.invalid(FieldPath(name), "", "needs to be unset")) }
        }
        forbid("firstTimestamp", isSet(event["firstTimestamp"]))
        forbid("lastTimestamp", isSet(event["lastTimestamp"]))
        forbid("count", (event["count"]?.integer ?? 0) != 0)
        forbid("source", event["source"]?.object?.isEmpty == false)
        return errors
    }

    /// Of an event that exists only the series changes.
    private static func changeErrors(_ event: JSONValue, old: JSONValue) -> [FieldError] {
        let fields = [
            "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp",
            "count", "reason", "type", "eventTime", "action", "related", "reportingController",
            "reportingInstance",
        ]
        return fields.compactMap { name in
            let key = name == "reportingController" ? "reportingComponent" : name
            guard event[key] != old[key] else { return nil }
            return .invalid(FieldPath(name), event[key] ?? .null, "field is immutable")
        }
    }
}
