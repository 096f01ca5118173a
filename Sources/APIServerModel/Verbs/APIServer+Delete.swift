import KubernetesCore

extension APIServer {
    /// What became of an object whose deletion was asked for.
    enum Deletion: Sendable {
        /// It is gone; its last form.
        case gone(StoredObject)
        /// It stays until somebody has done something.
        case pending(StoredObject)
    }

    mutating func delete(_ call: inout APICall) throws(Failure) -> ServerReply {
        let options = try DeletionOptions(call)
        let object = try existing(call)
        let deletion = try delete(object, of: call.definition, options, at: call.now)
        switch deletion {
        case .pending(let object): return call.reply(object)
        case .gone(let object):
            if call.definition.traits.contains(.returnsDeleted) { return call.reply(object) }
            return call.reply([
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
                "details": Failure.json(
                    Failure.Details(
                        name: object.name, group: call.definition.group,
                        kind: call.definition.resource.resource, uid: object.uid)),
            ])
        }
    }

    mutating func deleteCollection(_ call: inout APICall) throws(Failure) -> ServerReply {
        let options = try DeletionOptions(call)
        let filter = try self.filter(call)
        let found = store.objects(call.definition.storage, namespace: filter.namespace).filter {
            filter.matches($0)
        }
        var items: [JSONValue] = []
        for object in found {
            let deletion = try delete(object, of: call.definition, options, at: call.now)
            switch deletion {
            case .gone(let object), .pending(let object):
                var value = call.plainView.value(object)
                if !call.definition.isCustom {
                    value["kind"] = nil
                    value["apiVersion"] = nil
                }
                items.append(value)
            }
        }
        var metadata: JSONValue = ["resourceVersion": .string(String(store.revision))]
        if call.definition.isCustom { metadata["continue"] = "" }
        return call.reply([
            "kind": .string(call.definition.listKind),
            "apiVersion": .string(call.plainView.apiVersion), "metadata": metadata,
            "items": .array(items),
        ])
    }

    /// Deletes an object, or marks it as being deleted where somebody must act first.
    mutating func delete(
        _ object: StoredObject, of definition: ResourceDefinition, _ options: DeletionOptions,
        at now: Timestamp
    ) throws(Failure) -> Deletion {
        try checkPreconditions(object, definition, options)
        switch definition.storage {
        case .namespaces: return try deleteNamespace(object, definition, options, at: now)
        case .definitions where !object.isDeleting:
            return .pending(markDefinition(object, options, at: now))
        default: break
        }
        let graceful = definition.storage == .pods
        var value = object.value
        var isMarked = false
        if object.isDeleting {
            let grace = object.metadata["deletionGracePeriodSeconds"]?.integer ?? 0
            if graceful, grace > 0 {
                guard let wanted = options.graceSeconds.map({ max($0, 0) }), wanted < grace else {
                    return .pending(object)
                }
                shorten(&value, from: grace, to: wanted)
                isMarked = true
            }
        } else if graceful {
            mark(&value, grace: PodLifecycle.grace(object.value, options.graceSeconds), at: now)
            isMarked = true
        }
        let finalizers = options.finalizers(of: object)
        if finalizers != object.finalizers {
            value[path: ["metadata", "finalizers"]] =
                finalizers.isEmpty ? nil : .strings(finalizers)
        }
        if !finalizers.isEmpty, !isMarked { markAsDeleting(&value, at: now) }
        let grace = value[path: ["metadata", "deletionGracePeriodSeconds"]]?.integer ?? 0
        let mustWait = !finalizers.isEmpty || (isMarked && grace > 0)
        guard !options.isDryRun else {
            return mustWait
                ? .pending(StoredObject(value, revision: object.revision)) : .gone(object)
        }
        var latest = object
        if value != object.value { latest = store.put(value, in: definition.storage) }
        if mustWait { return .pending(latest) }
        return .gone(remove(latest, of: definition))
    }

    /// Takes an object out of the store and does what its kind needs then.
    @discardableResult
    mutating func remove(
        _ object: StoredObject, of definition: ResourceDefinition
    ) -> StoredObject {
        let removed = store.remove(object, from: definition.storage)
        if definition.storage == .definitions { withdraw(removed) }
        return removed
    }

    private func checkPreconditions(
        _ object: StoredObject, _ definition: ResourceDefinition, _ options: DeletionOptions
    ) throws(Failure) {
        let kind = GroupResource(group: definition.group, resource: definition.kind)
        if let uid = options.uid, uid != object.uid {
            throw .conflict(
                kind, object.name,
                "the UID in the precondition (\(uid)) does not match the UID in record "
                    + "(\(object.uid)). The object might have been deleted and then recreated")
        }
        if let version = options.resourceVersion, version != String(object.revision) {
            throw .conflict(
                kind, object.name,
                "the ResourceVersion in the precondition (\(version)) does not match the "
                    + "ResourceVersion in record (\(object.revision)). The object might have "
                    + "been modified")
        }
    }

    /// Marks a pod: it goes when its grace is over.
    func mark(_ value: inout JSONValue, grace: Int64, at now: Timestamp) {
        value[path: ["metadata", "deletionTimestamp"]] = .string(
            (now + .seconds(grace)).description)
        value[path: ["metadata", "deletionGracePeriodSeconds"]] = .integer(grace)
        countUp(&value)
    }

    private func shorten(_ value: inout JSONValue, from grace: Int64, to wanted: Int64) {
        let text = value[path: ["metadata", "deletionTimestamp"]]?.string ?? ""
        guard let time = Timestamp(text) else { return }
        value[path: ["metadata", "deletionTimestamp"]] = .string(
            (time - .seconds(grace) + .seconds(wanted)).description)
        value[path: ["metadata", "deletionGracePeriodSeconds"]] = .integer(wanted)
    }

    /// Marks an object that waits for its finalizers.
    func markAsDeleting(_ value: inout JSONValue, at now: Timestamp) {
        if value[path: ["metadata", "deletionGracePeriodSeconds"]] == nil { countUp(&value) }
        if value[path: ["metadata", "deletionTimestamp"]] == nil {
            value[path: ["metadata", "deletionTimestamp"]] = .string(now.description)
        }
        value[path: ["metadata", "deletionGracePeriodSeconds"]] = 0
    }

    private func countUp(_ value: inout JSONValue) {
        let generation = value[path: ["metadata", "generation"]]?.integer ?? 0
        guard generation > 0 else { return }
        value[path: ["metadata", "generation"]] = .integer(generation &+ 1)
    }
}

/// What pods need for their deletion.
enum PodLifecycle {
    /// The grace a pod gets: none before it is bound and after it has ended.
    static func grace(_ pod: JSONValue, _ asked: Int64?) -> Int64 {
        let phase = pod[path: ["status", "phase"]]?.string
        guard let node = pod[path: ["spec", "nodeName"]]?.string, !node.isEmpty,
            phase != "Failed", phase != "Succeeded"
        else { return 0 }
        let grace = asked ?? pod[path: ["spec", "terminationGracePeriodSeconds"]]?.integer ?? 0
        return grace < 0 ? 1 : min(grace, 1 << 31)
    }
}
