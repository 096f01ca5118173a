import KubernetesCore

/// Who owns which fields after an apply: worked out before the object is stored.
struct AppliedFields: Sendable {
    var fields: JSONValue?
}

extension APIServer {
    /// Server-side apply: creates the object where it does not exist.
    mutating func applyPatch(
        _ call: inout APICall, _ options: WriteOptions
    ) throws(Failure) -> ServerReply {
        let (body, duplicates) = try readConfiguration(call)
        let live = store.object(call.definition.storage, call.namespace, call.path.name)
        let part = ObjectPart(subresource: call.path.subresource)
        if live == nil, part != .main { throw .notFound(call.resource, call.path.name) }
        try checkConfiguration(body, call)
        var merged: JSONValue
        do {
            merged = try fieldTracking(call, part).applied(
                live: live.map { call.plainView.value($0) }, patch: body,
                manager: options.fieldManager, apiVersion: call.plainView.apiVersion,
                subresource: part.subresource, force: options.force ?? false,
                at: call.now)
        } catch {
            throw Failure(error)
        }
        if let first = duplicates.first {
            let fault = "duplicate field \"\(first)\""
            switch options.fieldValidation {
            case .ignore: break
            case .warn: call.warnings.append(fault)
            case .strict: throw .badRequest("error strict decoding YAML: \(fault)")
            }
        }
        let applied = AppliedFields(fields: merged[path: ["metadata", "managedFields"]])
        merged[path: ["metadata", "managedFields"]] = nil
        var quiet = options
        quiet.fieldValidation = .ignore
        let decoded = try read(merged, &call, quiet)
        guard let live else {
            let uid = body[path: ["metadata", "uid"]]?.string ?? ""
            guard uid.isEmpty else {
                throw .conflict(
                    call.resource, call.path.name,
                    "uid mismatch: the provided object specified uid \(uid), and no existing "
                        + "object was found")
            }
            try matchPatched(decoded.value, call)
            let object = try createObject(decoded, &call, options, apply: applied)
            return call.reply(object, status: 201)
        }
        try matchPatched(decoded.value, call)
        let object = try updateObject(live, decoded, part, &call, options, apply: applied)
        return call.reply(object)
    }

    /// Reads the body of an apply.
    func readConfiguration(
        _ call: APICall
    ) throws(Failure) -> (body: JSONValue, duplicates: [String]) {
        let text = call.request.body
        guard let body = try? JSONValue(parsing: text) else {
            throw .badRequest(
                "error decoding YAML: error converting YAML to JSON: "
                    + (configuration.yaml.fault?(text) ?? GoJSONFault.describe(text)))
        }
        guard body.object != nil || body.isNull else {
            throw .badRequest(
                "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot "
                    + "unmarshal \(body.goTypeName) into Go value of type map[string]interface {}")
        }
        let duplicates = DocumentOrder(text).duplicates
        return (body.isNull ? [:] : body, duplicates)
    }

    /// A configuration must be of the version and the kind of the path, and must fit its types.
    private func checkConfiguration(_ body: JSONValue, _ call: APICall) throws(Failure) {
        let expected = call.plainView.apiVersion
        let given = body["apiVersion"]?.string ?? ""
        guard given == expected else {
            throw .badRequest(
                "Incorrect version specified in apply patch. Specified patch version: \(given), "
                    + "expected: \(expected)")
        }
        if body[path: ["metadata", "managedFields"]].map({ !$0.isNull }) ?? false {
            throw .badRequest("metadata.managedFields must be nil")
        }
        let kind = body["kind"]?.string ?? ""
        let subject = AppliedTypes.subject(body)
        let faults: [String]
        if kind != call.definition.kind {
            let group = call.definition.group
            faults = [
                "no corresponding type for \(group)/\(call.version.name), Kind=\(kind)"
            ]
        } else if let custom = call.version.custom {
            faults = AppliedTypes.faults(body, custom.schema)
        } else {
            faults = AppliedTypes.faults(body, call.version.typeName)
        }
        guard !faults.isEmpty else { return }
        let list =
            faults.count == 1
            ? faults.joined() : (["errors:"] + faults.map { "  " + $0 }).joined(separator: "\n")
        throw Failure(
            code: 500, reason: "",
            message: "failed to create typed patch object (\(subject)): \(list)", details: nil)
    }

    /// How changes through one endpoint are tracked.
    private func fieldTracking(_ call: APICall, _ part: ObjectPart) -> ServerSideApply {
        let hasStatus =
            call.version.custom?.hasStatus ?? call.definition.traits.contains(.hasStatus)
        var ignored = FieldSet()
        switch part {
        case .main, .ephemeralContainers, .resize:
            if hasStatus { ignored = FieldSet([[.field("status")]]) }
        case .status:
            ignored = FieldSet(
                call.definition.isCustom
                    ? [[.field("spec")], [.field("metadata")]] : [[.field("spec")]])
        }
        guard !call.definition.isCustom else {
            return ServerSideApply(shape: shape(of: call), ignored: ignored)
        }
        let type = ResourceType(
            group: call.definition.group, version: call.version.name,
            kind: call.definition.kind, plural: call.definition.resource.resource)
        return ServerSideApply(
            shape: shape(of: call), empty: BuiltInShapes.emptyObject(of: type), ignored: ignored)
    }

    /// Notes in `metadata.managedFields` what the writer of this version owns.
    func track(
        _ value: inout JSONValue, old: JSONValue?, _ call: APICall, _ options: WriteOptions,
        apply: AppliedFields?, subresource: String
    ) {
        if let apply {
            value[path: ["metadata", "managedFields"]] = apply.fields
            return
        }
        let part = ObjectPart(subresource: subresource)
        var typed = value
        var before = old
        let apiVersion = call.definition.apiVersion(call.version.name)
        for (key, text) in [("apiVersion", apiVersion), ("kind", call.definition.kind)] {
            typed[key] = .string(text)
            before?[key] = .string(text)
        }
        var tracked = fieldTracking(call, part).updated(
            live: before, new: typed, manager: options.fieldManager,
            apiVersion: apiVersion, subresource: subresource, at: call.now)
        tracked["apiVersion"] = nil
        tracked["kind"] = nil
        value = tracked
    }
}

extension Failure {
    /// The refusal of an apply.
    init(_ error: ApplyError) {
        let status = error.status
        self.init(
            code: status.code, reason: status.reason, message: status.message,
            details: status.causes.isEmpty ? nil : Details(causes: status.causes))
    }
}
