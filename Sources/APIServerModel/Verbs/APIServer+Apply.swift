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
        let body: JSONValue
        do {
            body = try JSONValue(parsing: call.request.body)
        } catch {
            throw .badRequest(
                "error decoding YAML: error converting YAML to JSON: \(error.description)")
        }
        try checkApplied(body, call)
        let live = store.object(call.definition.storage, call.namespace, call.path.name)
        let part = call.path.subresource == "status" ? ObjectPart.status : .main
        if live == nil, part == .status { throw .notFound(call.resource, call.path.name) }
        var merged: JSONValue
        do {
            merged = try fieldTracking(call, part).applied(
                live: live.map { call.plainView.value($0) }, patch: body,
                manager: options.fieldManager, apiVersion: call.plainView.apiVersion,
                subresource: part == .status ? "status" : "", force: options.force ?? false,
                at: call.now)
        } catch {
            let status = error.status
            throw Failure(
                code: status.code, reason: status.reason, message: status.message,
                details: status.causes.isEmpty ? nil : Failure.Details(causes: status.causes))
        }
        // Unknown fields are those of the configuration, not of what others made of the object.
        _ = try read(body, &call, options)
        let applied = AppliedFields(fields: merged[path: ["metadata", "managedFields"]])
        merged[path: ["metadata", "managedFields"]] = nil
        var quiet = options
        quiet.fieldValidation = .ignore
        let decoded = try read(merged, &call, quiet)
        guard let live else {
            return call.reply(
                try createObject(decoded, &call, options, apply: applied), status: 201)
        }
        return call.reply(try updateObject(live, decoded, part, &call, options, apply: applied))
    }

    private func checkApplied(_ body: JSONValue, _ call: APICall) throws(Failure) {
        guard let name = body[path: ["metadata", "name"]]?.string, !name.isEmpty else {
            guard body.object != nil else {
                throw .badRequest("error decoding YAML: the configuration is no object")
            }
            return
        }
        try matchName(body, call)
    }

    /// How changes through one endpoint are tracked.
    private func fieldTracking(_ call: APICall, _ part: ObjectPart) -> ServerSideApply {
        let hasStatus =
            call.version.custom?.hasStatus ?? call.definition.traits.contains(.hasStatus)
        var ignored = FieldSet()
        switch part {
        case .main: if hasStatus { ignored = FieldSet([[.field("status")]]) }
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
        let part = subresource == "status" ? ObjectPart.status : .main
        var typed = value
        var before = old
        for (key, text) in [
            ("apiVersion", call.plainView.apiVersion), ("kind", call.definition.kind),
        ] {
            typed[key] = .string(text)
            before?[key] = .string(text)
        }
        var tracked = fieldTracking(call, part).updated(
            live: before, new: typed, manager: options.fieldManager,
            apiVersion: call.plainView.apiVersion, subresource: subresource, at: call.now)
        tracked["apiVersion"] = nil
        tracked["kind"] = nil
        value = tracked
    }
}
