import KubernetesCore

extension APIServer {
    mutating func update(_ call: inout APICall) throws(Failure) -> ServerReply {
        let options = try WriteOptions(
            call.query, kind: "UpdateOptions", userAgent: call.request.header("user-agent") ?? "")
        var decoded = try decode(&call, options)
        try matchNamespace(&decoded.value, call)
        try matchName(decoded.value, call)
        guard
            let old = store.object(call.definition.storage, call.namespace, call.path.name)
        else {
            guard call.definition.traits.contains(.createOnUpdate) else {
                throw .notFound(call.resource, call.path.name)
            }
            var value = decoded.value
            value[path: ["metadata", "resourceVersion"]] = nil
            let created = try createObject(
                Decoded(value: value, kind: decoded.kind), &call, options)
            return call.reply(created, status: 201)
        }
        let part = ObjectPart(subresource: call.path.subresource)
        let object = try updateObject(old, decoded, part, &call, options)
        return call.reply(object)
    }

    /// The object in a body must be the one that the path names.
    func matchName(_ value: JSONValue, _ call: APICall) throws(Failure) {
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        if name.isEmpty {
            throw .badRequest(
                "the name of the object (\(call.path.name) based on URL) was undeterminable: "
                    + "name must be provided")
        }
        guard name == call.path.name else {
            throw .badRequest(
                "the name of the object (\(name)) does not match the name on the URL "
                    + "(\(call.path.name))")
        }
    }

    /// Stores a new version of an object: preconditions, system fields, validation. Without any
    /// difference nothing is stored and the version stays.
    mutating func updateObject(
        _ old: StoredObject, _ decoded: Decoded, _ part: ObjectPart, _ call: inout APICall,
        _ options: WriteOptions, apply: AppliedFields? = nil
    ) throws(Failure) -> StoredObject {
        let alias = call.definition.traits.contains(.isAlias)
        let oldValue = alias ? EventTranslation.fromCore(old.value) : old.value
        var value = decoded.value
        try checkVersion(value, old, call)
        if call.request.method == "PUT" { try checkIdentity(value, old, call) }
        if part == .main { admitUpdate(&value, old, call) }
        keepSystemFields(&value, oldValue)
        part.keepRest(of: oldValue, in: &value, call)
        if part != .status { prepareBuiltIn(&value, call.definition) }
        countGeneration(&value, oldValue, call)
        let errors = updateErrors(value, old: oldValue, kind: decoded.kind, part, call)
        guard errors.isEmpty else {
            throw .invalid(
                kind: call.definition.kind, group: call.definition.group, name: old.name, errors)
        }
        track(
            &value, old: oldValue, call, options, apply: apply,
            subresource: part.subresource)
        try validateAdmission(value, old: oldValue, &call)
        value[path: ["metadata", "resourceVersion"]] =
            oldValue[
                path: ["metadata", "resourceVersion"]]
        let stored = alias ? EventTranslation.toCore(value) : value
        if ObjectPart.isSame(stored, old.value) { return old }
        guard !options.isDryRun else { return StoredObject(stored, revision: old.revision) }
        return commit(stored, over: old, call)
    }

    /// Stores a checked version, or takes the object out where nothing holds it any longer.
    private mutating func commit(
        _ value: JSONValue, over old: StoredObject, _ call: APICall
    ) -> StoredObject {
        let definition = call.definition
        let grace = value[path: ["metadata", "deletionGracePeriodSeconds"]]?.integer ?? 0
        let finalizers = value[path: ["metadata", "finalizers"]]?.array ?? []
        let isFree =
            old.isDeleting && finalizers.isEmpty && grace == 0
            && (definition.storage != .namespaces
                || (value[path: ["spec", "finalizers"]]?.array ?? []).isEmpty)
        if isFree {
            let last = StoredObject(value, revision: old.revision)
            remove(last, of: definition)
            return last
        }
        let object = store.put(value, in: definition.storage)
        didUpdate(object, call)
        return object
    }

    private func checkVersion(
        _ value: JSONValue, _ old: StoredObject, _ call: APICall
    ) throws(Failure) {
        let text = value[path: ["metadata", "resourceVersion"]]?.string ?? ""
        guard text.isEmpty || UInt64(text) != nil else { throw .unreadableVersion(text) }
        if text.isEmpty || UInt64(text) == 0 {
            guard call.definition.traits.contains(.unconditionalUpdate) else {
                throw .invalid(
                    kind: call.resource.resource, group: call.resource.group, name: old.name,
                    [
                        .invalid(
                            FieldPath("metadata.resourceVersion"), 0,
                            "must be specified for an update")
                    ])
            }
            return
        }
        guard text == String(old.revision) else { throw .modified(call.resource, old.name) }
    }

    private func checkIdentity(
        _ value: JSONValue, _ old: StoredObject, _ call: APICall
    ) throws(Failure) {
        let uid = value[path: ["metadata", "uid"]]?.string ?? ""
        guard !uid.isEmpty, uid != old.uid else { return }
        let resource = call.definition.storage
        let place = (resource.group.isEmpty ? "" : resource.group + "/") + resource.resource
        throw .conflict(
            call.resource, old.name,
            "StorageError: invalid object, Code: 4, Key: /registry/\(place)/\(old.key), "
                + "ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
                + "precondition: \(uid), UID in object meta: \(old.uid)")
    }

    /// What nobody but the server changes stays as it was.
    private func keepSystemFields(_ value: inout JSONValue, _ old: JSONValue) {
        guard var metadata = value["metadata"]?.object, let before = old["metadata"]?.object
        else { return }
        if (metadata["uid"]?.string ?? "").isEmpty { metadata["uid"] = before["uid"] }
        metadata["creationTimestamp"] = before["creationTimestamp"]
        metadata["generation"] = before["generation"]
        metadata["selfLink"] = nil
        if let deletion = before["deletionTimestamp"] {
            metadata["deletionTimestamp"] = deletion
            if metadata["deletionGracePeriodSeconds"] == nil {
                metadata["deletionGracePeriodSeconds"] = before["deletionGracePeriodSeconds"]
            }
        }
        if metadata["namespace"] == nil { metadata["namespace"] = before["namespace"] }
        value["metadata"] = .object(metadata)
    }

    /// Counts up the generation where what the user wants has changed.
    private func countGeneration(_ value: inout JSONValue, _ old: JSONValue, _ call: APICall) {
        guard call.definition.isCustom || call.definition.traits.contains(.countsGeneration)
        else { return }
        let hasStatus =
            call.version.custom?.hasStatus ?? call.definition.traits.contains(.hasStatus)
        let isChanged = ObjectPart.wanted(value, hasStatus) != ObjectPart.wanted(old, hasStatus)
        guard isChanged else { return }
        let before = old[path: ["metadata", "generation"]]?.integer ?? 0
        value[path: ["metadata", "generation"]] = .integer(before &+ 1)
    }
}

/// Which part of an object a request writes.
enum ObjectPart: Sendable {
    case main
    case status
    /// The ephemeral containers of a pod.
    case ephemeralContainers
    /// The resources of a pod's containers.
    case resize

    init(subresource: String) {
        switch subresource {
        case "status": self = .status
        case "ephemeralcontainers": self = .ephemeralContainers
        case "resize": self = .resize
        default: self = .main
        }
    }

    /// The subresource that managers are tracked under.
    var subresource: String {
        switch self {
        case .main: ""
        case .status: "status"
        case .ephemeralContainers: "ephemeralcontainers"
        case .resize: "resize"
        }
    }

    /// Puts back what this part does not write.
    func keepRest(of old: JSONValue, in value: inout JSONValue, _ call: APICall) {
        let hasStatus =
            call.version.custom?.hasStatus ?? call.definition.traits.contains(.hasStatus)
        switch self {
        case .main:
            if hasStatus { value["status"] = old["status"] }
        case .ephemeralContainers:
            var kept = old
            kept[path: ["spec", "ephemeralContainers"]] =
                value[
                    path: ["spec", "ephemeralContainers"]]
            value = kept
        case .resize:
            value["status"] = old["status"]
            value["metadata"] = old["metadata"]
        case .status where call.definition.isCustom:
            let status = value["status"]
            let fields = value[path: ["metadata", "managedFields"]]
            value = old
            value["status"] = status
            value[path: ["metadata", "managedFields"]] = fields
        case .status:
            var kept = old
            kept["status"] = value["status"]
            kept["metadata"] = value["metadata"]
            kept[path: ["metadata", "ownerReferences"]] =
                old[
                    path: ["metadata", "ownerReferences"]]
            value = kept
        }
    }

    /// What of an object says what is wanted: all but metadata and status.
    static func wanted(_ value: JSONValue, _ hasStatus: Bool) -> JSONValue {
        var rest = value
        rest["metadata"] = nil
        if hasStatus { rest["status"] = nil }
        return rest
    }

    /// Whether two versions differ in nothing, or in nothing but when their fields were written.
    static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let before = left.object, let after = right.object {
            // Most changes are outside of the metadata, which is the costly part to compare.
            for key in before.keys where key != "metadata" && before[key] != after[key] {
                return false
            }
        }
        if left == right { return true }
        var first = left
        var second = right
        for timeless in [0, 1] {
            var value = timeless == 0 ? first : second
            let entries = value[path: ["metadata", "managedFields"]]?.array ?? []
            value[path: ["metadata", "managedFields"]] = .array(
                entries.map { entry in
                    var rest = entry
                    rest["time"] = nil
                    return rest
                })
            if timeless == 0 { first = value } else { second = value }
        }
        return first == second
    }
}
