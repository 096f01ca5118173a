import KubernetesCore

extension APIServer {
    /// Keeps the graph of owners.
    mutating func observeOwners(_ change: Change, _ place: ModelControllers.Place) {
        func uids(_ object: StoredObject?) -> Set<String> {
            Set((object?.owners ?? []).compactMap { $0["uid"]?.string })
        }
        let before = uids(change.old)
        let after = uids(change.new)
        if !before.isEmpty || !after.isEmpty {
            for uid in before.subtracting(after) {
                controllers.dependents[uid]?.remove(place)
                if controllers.dependents[uid]?.isEmpty == true {
                    controllers.dependents[uid] = nil
                }
            }
            for uid in after.subtracting(before) {
                controllers.dependents[uid, default: []].insert(place)
                controllers.suspects.insert(place)
            }
        }
        if let new = change.new {
            controllers.places[new.uid] = place
            let isCollecting =
                new.isDeleting
                && new.finalizers.contains { $0 == "orphan" || $0 == "foregroundDeletion" }
            if isCollecting { controllers.collecting.insert(place) }
            return
        }
        guard let old = change.old else { return }
        controllers.places[old.uid] = nil
        controllers.collecting.remove(place)
        controllers.suspects.formUnion(controllers.dependents[old.uid] ?? [])
        for uid in before {
            guard let owner = controllers.places[uid] else { continue }
            controllers.collecting.insert(owner)
        }
    }

    mutating func collectGarbage(at now: Timestamp) {
        let suspects = controllers.suspects.sorted()
        controllers.suspects = []
        for place in suspects { checkOwners(of: place, at: now) }
        for place in controllers.collecting.sorted() { collect(place, at: now) }
    }

    /// Deletes an object none of whose owners lives; takes off references to those that do not.
    private mutating func checkOwners(of place: ModelControllers.Place, at now: Timestamp) {
        guard let object = store.collections[place.resource]?[place.key],
            let definition = registry[place.resource], !object.owners.isEmpty,
            !object.isDeleting
        else { return }
        let living = object.owners.filter { lives($0, for: object) }
        guard living.count < object.owners.count else { return }
        guard living.isEmpty else {
            var value = object.value
            value[path: ["metadata", "ownerReferences"]] = .array(living)
            store.put(value, in: place.resource)
            return
        }
        var options = DeletionOptions()
        options.uid = object.uid
        if !object.finalizers.contains("orphan"), !object.finalizers.contains("foregroundDeletion")
        {
            options.propagation = .background
        }
        // Refused at most for one of the namespaces that every cluster has: those stay.
        _ = try? delete(object, of: definition, options, at: now)
    }

    /// Whether the owner that a reference names exists where the object may see it.
    private func lives(_ owner: JSONValue, for object: StoredObject) -> Bool {
        let apiVersion = owner["apiVersion"]?.string ?? ""
        let kind = owner["kind"]?.string ?? ""
        // Of kinds that are not served nothing is known, and what is not known is not garbage.
        guard let definition = registry.definition(apiVersion: apiVersion, kind: kind) else {
            return true
        }
        let namespace = definition.isNamespaced ? object.namespace : ""
        let found = store.object(
            definition.storage, namespace, owner["name"]?.string ?? "")
        return found?.uid == owner["uid"]?.string
    }

    /// Goes on with an object that waits for the garbage collector.
    private mutating func collect(_ place: ModelControllers.Place, at now: Timestamp) {
        guard let object = store.collections[place.resource]?[place.key], object.isDeleting else {
            controllers.collecting.remove(place)
            return
        }
        if object.finalizers.contains("orphan") {
            orphanDependents(of: object)
            release(object, "orphan", place)
        } else if object.finalizers.contains("foregroundDeletion") {
            let isBlocked = deleteDependents(of: object, at: now)
            if !isBlocked { release(object, "foregroundDeletion", place) }
        }
        controllers.collecting.remove(place)
    }

    private mutating func orphanDependents(of owner: StoredObject) {
        for place in (controllers.dependents[owner.uid] ?? []).sorted() {
            guard let object = store.collections[place.resource]?[place.key] else { continue }
            let rest = object.owners.filter { $0["uid"]?.string != owner.uid }
            var value = object.value
            value[path: ["metadata", "ownerReferences"]] = rest.isEmpty ? nil : .array(rest)
            store.put(value, in: place.resource)
        }
    }

    /// Deletes what an object owns. Returns whether the object must wait for any of it.
    private mutating func deleteDependents(of owner: StoredObject, at now: Timestamp) -> Bool {
        var isBlocked = false
        for place in (controllers.dependents[owner.uid] ?? []).sorted() {
            guard let object = store.collections[place.resource]?[place.key],
                let definition = registry[place.resource]
            else { continue }
            let reference = object.owners.first { $0["uid"]?.string == owner.uid }
            let blocks = reference?["blockOwnerDeletion"]?.bool ?? false
            if object.isDeleting {
                isBlocked = isBlocked || blocks
                continue
            }
            var options = DeletionOptions()
            options.uid = object.uid
            options.propagation =
                controllers.dependents[object.uid] == nil ? .background : .foreground
            // What is refused is still there, and its owner waits for it.
            let deletion = try? delete(object, of: definition, options, at: now)
            if case .gone = deletion { continue }
            isBlocked = isBlocked || blocks
        }
        return isBlocked
    }

    private mutating func release(
        _ object: StoredObject, _ finalizer: String, _ place: ModelControllers.Place
    ) {
        guard let definition = registry[place.resource] else { return }
        var value = object.value
        let rest = object.finalizers.filter { $0 != finalizer }
        value[path: ["metadata", "finalizers"]] = rest.isEmpty ? nil : .strings(rest)
        let grace = value[path: ["metadata", "deletionGracePeriodSeconds"]]?.integer ?? 0
        let updated = store.put(value, in: place.resource)
        if rest.isEmpty, grace == 0, place.resource != .namespaces {
            remove(updated, of: definition)
        }
    }
}
