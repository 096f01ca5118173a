import KubernetesCore

extension APIServer {
    /// The scale subresource: replica counts under the names that every
    /// kind with a scale has.
    mutating func scale(_ call: inout APICall) throws(Failure) -> ServerReply {
        guard let paths = call.version.scale else { throw .unknownResource }
        let old = try existing(call)
        let current = APIServer.scaleObject(old, paths)
        let method = call.request.method
        guard method != "GET", method != "HEAD" else { return call.reply(current) }
        guard method == "PUT" || method == "PATCH" else { throw methodNotAllowed(call) }
        let media = MediaType(call.request.header("content-type") ?? "").type
        let isApply = method == "PATCH" && media == "application/apply-patch+yaml"
        let options = try WriteOptions(
            call.query, kind: method == "PUT" ? "UpdateOptions" : "PatchOptions",
            userAgent: call.request.header("user-agent") ?? "", isApply: isApply)
        let fields = ScaleFields(
            parent: old.value[path: ["metadata", "managedFields"]], path: paths.specReplicas,
            apiVersion: call.plainView.apiVersion)
        var written = try scaleWritten(&call, current, media: media)
        var tracked = current
        tracked[path: ["metadata", "managedFields"]] = fields.ofScale
        if isApply {
            do {
                written = try ServerSideApply(shape: .record).applied(
                    live: tracked, patch: written, manager: options.fieldManager,
                    apiVersion: ScaleFields.apiVersion, subresource: "scale",
                    force: options.force ?? false, at: call.now)
            } catch {
                throw Failure(error)
            }
        } else {
            written["apiVersion"] = .string(ScaleFields.apiVersion)
            written["kind"] = "Scale"
            written = ServerSideApply(
                shape: .record, ignored: FieldSet([[.field("status")], [.field("metadata")]])
            ).updated(
                live: tracked, new: written, manager: options.fieldManager,
                apiVersion: ScaleFields.apiVersion, subresource: "scale", at: call.now)
        }
        let object = try writeScale(written, over: old, fields, paths, &call, options)
        return call.reply(APIServer.scaleObject(object, paths))
    }

    /// What a request makes of the scale; of an apply, the configuration.
    private func scaleWritten(
        _ call: inout APICall, _ current: JSONValue, media: String
    ) throws(Failure) -> JSONValue {
        guard call.request.method == "PATCH" else {
            let written = try readBody(&call, as: "Scale", kind: "Scale")
            let namespace = written[path: ["metadata", "namespace"]]?.string ?? ""
            guard namespace.isEmpty || namespace == call.namespace else {
                throw .namespaceMismatch
            }
            try matchName(written, call)
            return written
        }
        let accepted = [
            "application/json-patch+json", "application/merge-patch+json",
            "application/apply-patch+yaml",
        ]
        guard accepted.contains(media) else { throw .unsupportedMediaType(accepted) }
        if media == "application/apply-patch+yaml" {
            let (body, _) = try readConfiguration(call)
            let version = body["apiVersion"]?.string ?? ""
            guard version == ScaleFields.apiVersion else {
                throw .badRequest(
                    "Incorrect version specified in apply patch. Specified patch version: "
                        + "\(version), expected: \(ScaleFields.apiVersion)")
            }
            try matchName(body, call)
            return body
        }
        let patch = try readPatch(media, call)
        let patched = try apply(patch, to: current, shape: .record)
        var reader = TypedReader(catalog: .builtIn)
        let written: JSONValue
        do {
            written = try reader.read(patched, as: "Scale")
        } catch {
            throw .patchedBadly(patch.shown, patched.text, error.message)
        }
        try matchName(written, call)
        return written
    }

    private mutating func writeScale(
        _ written: JSONValue, over old: StoredObject, _ fields: ScaleFields, _ paths: ScalePaths,
        _ call: inout APICall, _ options: WriteOptions
    ) throws(Failure) -> StoredObject {
        let replicas = written[path: ["spec", "replicas"]]?.integer ?? 0
        guard replicas >= 0 else {
            throw .invalid(
                kind: "Scale", group: "autoscaling", name: old.name,
                [
                    .invalid(
                        FieldPath("spec.replicas"), .integer(replicas),
                        "must be greater than or equal to 0")
                ])
        }
        let version = written[path: ["metadata", "resourceVersion"]]?.string ?? ""
        var value = old.value
        if !version.isEmpty { value[path: ["metadata", "resourceVersion"]] = .string(version) }
        value[path: paths.specReplicas] = .integer(replicas)
        let managed = fields.ofParent(
            after: written[path: ["metadata", "managedFields"]])
        return try updateObject(
            old, Decoded(value: value, kind: call.definition.kind), .main, &call, options,
            apply: AppliedFields(fields: managed))
    }

    /// The selector of the pods: custom resources keep it as text, built-in kinds as an object.
    private static func selectorText(_ object: StoredObject, _ paths: ScalePaths) -> String? {
        guard let path = paths.labelSelector, let given = object.value[path: path] else {
            return nil
        }
        return given.string ?? BuiltInColumns.selector(given)
    }

    private static func scaleObject(_ object: StoredObject, _ paths: ScalePaths) -> JSONValue {
        var metadata = JSONObject()
        for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[key] = object.metadata[key]
        }
        var status: JSONValue = [
            "replicas": .integer(object.value[path: paths.statusReplicas]?.integer ?? 0)
        ]
        if let selector = selectorText(object, paths), !selector.isEmpty {
            status["selector"] = .string(selector)
        }
        var spec = JSONObject()
        let replicas = object.value[path: paths.specReplicas]?.integer ?? 0
        if replicas != 0 { spec["replicas"] = .integer(replicas) }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata),
            "spec": .object(spec), "status": status,
        ]
    }
}

/// Who owns the replica count of an object, as the object tracks it and as its scale shows it: the
/// same owners under another name of the field.
struct ScaleFields {
    static let apiVersion = "autoscaling/v1"
    private static let ownPath = [PathElement.field("spec"), .field("replicas")]

    private let entries: [JSONValue]
    private let path: FieldSet
    private let parentVersion: String

    init(parent: JSONValue?, path: [String], apiVersion: String) {
        entries = parent?.array ?? []
        self.path = FieldSet([path.map { PathElement.field($0) }])
        parentVersion = apiVersion
    }

    /// The entries of the scale.
    var ofScale: JSONValue? {
        let own = FieldSet([ScaleFields.ownPath])
        let owners = entries.filter { !fields($0).intersection(path).isEmpty }.map { entry in
            var shown = entry
            shown["apiVersion"] = .string(ScaleFields.apiVersion)
            shown["fieldsV1"] = own.json
            return shown
        }
        return owners.isEmpty ? nil : .array(owners)
    }

    /// The entries of the object once those of the scale are these: who lost the count gives it
    /// up, who took it gets it.
    func ofParent(after scale: JSONValue?) -> JSONValue? {
        let own = FieldSet([ScaleFields.ownPath])
        let owners = (scale?.array ?? []).filter { !fields($0).intersection(own).isEmpty }
        var result: [JSONValue] = []
        var known: [JSONValue] = []
        for entry in entries {
            let set = fields(entry)
            let ownsCount = !set.intersection(path).isEmpty
            let keeps = owners.contains { ScaleFields.identity($0) == ScaleFields.identity(entry) }
            guard ownsCount, !keeps else {
                result.append(entry)
                if ownsCount { known.append(ScaleFields.identity(entry)) }
                continue
            }
            let rest = set.difference(path)
            guard !rest.isEmpty else { continue }
            var less = entry
            less["fieldsV1"] = rest.json
            result.append(less)
        }
        for owner in owners where !known.contains(ScaleFields.identity(owner)) {
            var entry = owner
            entry["apiVersion"] = .string(parentVersion)
            entry["fieldsV1"] = path.json
            result.append(entry)
        }
        return result.isEmpty ? nil : .array(result)
    }

    /// What an entry of `managedFields` owns; the server wrote it and can read it.
    private func fields(_ entry: JSONValue) -> FieldSet {
        (try? FieldSet(reading: entry["fieldsV1"] ?? [:])) ?? FieldSet()
    }

    private static func identity(_ entry: JSONValue) -> JSONValue {
        [
            "manager": entry["manager"] ?? "", "operation": entry["operation"] ?? "",
            "subresource": entry["subresource"] ?? "",
        ]
    }
}
