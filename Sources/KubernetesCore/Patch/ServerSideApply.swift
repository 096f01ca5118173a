/// Server-side apply and the tracking of field managers (KEP-555), for objects of one kind.
///
/// Both functions return the whole object with `metadata.managedFields`; defaults, pruning and
/// validation are the caller's. Nothing of the object is taken from `live` but what the functions
/// say.
public struct ServerSideApply: Sendable {
    /// How the kind's values are merged.
    public let shape: TypeShape
    /// What an object of the kind has before anything is set.
    public let empty: JSONValue
    /// Fields that the endpoint resets, as `status` on the object itself: never owned, never in
    /// conflict.
    public let ignored: FieldSet

    /// Apply for objects of one kind through one endpoint.
    public init(
        shape: TypeShape, empty: JSONValue = .object(JSONObject()), ignored: FieldSet = FieldSet()
    ) {
        self.shape = shape
        self.empty = empty
        self.ignored = ignored
    }

    /// Fields that the server sets or that identify the object: nobody owns them.
    private static let unowned = FieldSet(
        [
            [.field("apiVersion")], [.field("kind")], [.field("metadata")],
        ]
            + [
                "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName",
                "generation",
                "managedFields", "resourceVersion",
            ].map { [.field("metadata"), .field($0)] })

    private static let fieldsPath = ["metadata", "managedFields"]

    /// `new`, which a create (`live` is nil), an update or a patch makes, with what `manager`
    /// thereby owns and others no longer do.
    public func updated(
        live: JSONValue?, new: JSONValue, manager: String, apiVersion: String,
        subresource: String = "", at time: Timestamp
    ) -> JSONValue {
        let before = live?[path: ServerSideApply.fieldsPath]
        let given = new[path: ServerSideApply.fieldsPath]
        var managed = ManagedFields(reading: before) ?? ManagedFields()
        if subresource.isEmpty, let given, let own = ManagedFields(reading: given), !own.isEmpty {
            managed = own
        }
        if subresource.isEmpty, given == [[:]] { managed = ManagedFields() }
        let bare = ServerSideApply.stripped(new)
        // An object that nobody tracked so far stays untracked until somebody applies.
        if live != nil, managed.isEmpty { return bare }
        let owner = ManagedFields.Owner(
            name: manager, operation: .update, apiVersion: apiVersion, subresource: subresource)
        if managed.isEmpty, let created = created(bare, by: owner, at: time) { return created }
        track(
            from: live.map(ServerSideApply.stripped) ?? emptyObject(like: new), to: bare, by: owner,
            at: time, &managed)
        return ServerSideApply.finished(bare, managed)
    }

    /// A new object with what its maker owns; nil where only the general way finds that out.
    private func created(
        _ object: JSONValue, by owner: ManagedFields.Owner, at time: Timestamp
    ) -> JSONValue? {
        let walk = CreatedFields(unowned: ServerSideApply.unowned, ignored: ignored)
        let empty = emptyObject(like: object)
        guard let fields = walk.json(of: object, beyond: empty, shape) else { return nil }
        guard !fields.isEmpty else { return object }
        var result = object
        result[path: ServerSideApply.fieldsPath] = [
            ManagedFields.json(
                of: owner, apiVersion: owner.apiVersion, fields: .object(fields),
                time: time.description)
        ]
        return result
    }

    /// `live` (nil where there is no object yet) after `manager` applied `patch`: what it sets is
    /// merged in, what it set before and does not set now is removed unless others own it.
    ///
    /// Without `force`, fields that others own and that would change are conflicts.
    public func applied(
        live: JSONValue?, patch: JSONValue, manager: String, apiVersion: String,
        subresource: String = "", force: Bool = false, at time: Timestamp
    ) throws(ApplyError) -> JSONValue {
        if let fields = patch[path: ServerSideApply.fieldsPath], !fields.isNull {
            throw .badRequest("metadata.managedFields must be nil")
        }
        if let fault = PatchShapeFault(in: patch, shape) {
            throw .malformed(
                "failed to create typed patch object (\(fault.subject)): \(fault.message)")
        }
        let bare = live.map(ServerSideApply.stripped) ?? emptyObject(like: patch)
        guard
            var managed = ManagedFields(reading: live?[path: ServerSideApply.fieldsPath])
        else { throw .malformed("failed to decode managed fields of the live object") }
        if managed.isEmpty, live != nil {
            track(
                from: emptyObject(like: bare), to: bare,
                by: ManagedFields.Owner(
                    name: "before-first-apply", operation: .update, apiVersion: apiVersion),
                at: time, &managed)
        }
        let applier = ManagedFields.Owner(
            name: manager, operation: .apply, apiVersion: apiVersion, subresource: subresource)
        let last = managed[applier]
        let set = ShapedValue(patch, shape).fieldSet.recursiveDifference(ignored)
        managed[applier] = ManagedFields.Entry(
            apiVersion: apiVersion, fields: set, time: last?.time ?? time.description)
        let merged = ShapedMerge.merge(bare, patch, shape) ?? bare
        let result = pruned(merged, last: last?.fields ?? FieldSet(), managed)
        try settle(from: bare, to: result, by: applier, force: force, &managed)
        if var entry = managed[applier] {
            entry.fields = entry.fields.difference(ServerSideApply.unowned)
            if result != bare { entry.time = time.description }
            managed[applier] = entry
        }
        return ServerSideApply.finished(result, managed)
    }

    /// The value of a kind before anything is set, with the type of `object`.
    private func emptyObject(like object: JSONValue) -> JSONValue {
        var result = empty
        result["apiVersion"] = object["apiVersion"]
        result["kind"] = object["kind"]
        return result
    }

    private static func stripped(_ object: JSONValue) -> JSONValue {
        guard object[path: fieldsPath] != nil else { return object }
        var result = object
        result[path: fieldsPath] = nil
        return result
    }

    private static func finished(_ object: JSONValue, _ managed: ManagedFields) -> JSONValue {
        var managed = managed
        managed.capUpdaters()
        guard !managed.isEmpty else { return object }
        var result = object
        result[path: fieldsPath] = managed.json
        return result
    }

    /// Gives `manager` what changed and takes it from all others.
    private func track(
        from old: JSONValue, to new: JSONValue, by manager: ManagedFields.Owner,
        at time: Timestamp, _ managed: inout ManagedFields
    ) {
        let comparison = FieldComparison(from: old, to: new, shape).excluding(ignored)
        take(comparison, from: nil, &managed)
        let own = comparison.changed.difference(ServerSideApply.unowned)
        guard !own.isEmpty else { return }
        let previous = managed[manager]?.fields ?? FieldSet()
        managed[manager] = ManagedFields.Entry(
            apiVersion: manager.apiVersion, fields: previous.union(own), time: time.description)
    }

    /// Takes what changed and what went from everyone but `manager`.
    private func take(
        _ comparison: FieldComparison, from manager: ManagedFields.Owner?,
        _ managed: inout ManagedFields
    ) {
        guard !managed.isEmpty else { return }
        let gone = comparison.changed.union(comparison.removed)
        for other in managed.managers where other != manager?.key {
            guard var entry = managed[other] else { continue }
            entry.fields = entry.fields.difference(gone)
            managed[other] = entry
        }
    }

    /// Finds the conflicts of an apply, or resolves them by force.
    private func settle(
        from old: JSONValue, to new: JSONValue, by applier: ManagedFields.Owner, force: Bool,
        _ managed: inout ManagedFields
    ) throws(ApplyError) {
        let comparison = FieldComparison(from: old, to: new, shape).excluding(ignored)
        if !force {
            var conflicts: [ApplyError.Conflict] = []
            for manager in managed.managers where manager != applier.key {
                guard let entry = managed[manager] else { continue }
                let contested = entry.fields.intersection(comparison.changed)
                conflicts += contested.paths.map {
                    ApplyError.Conflict(manager: manager.shown, path: $0)
                }
            }
            guard conflicts.isEmpty else { throw .conflict(conflicts) }
        }
        take(comparison, from: applier, &managed)
    }

    /// `merged` without what the applier set last time and nobody sets now.
    private func pruned(
        _ merged: JSONValue, last: FieldSet, _ managed: ManagedFields
    ) -> JSONValue {
        guard !last.isEmpty else { return merged }
        let named = last.withNamedFields(shape)
        let value = ShapedValue(merged, shape)
        let mergedSet = value.fieldSet.withNamedFields(shape)
        func remove(_ set: FieldSet) -> JSONValue { value.removing(set) ?? .object(JSONObject()) }
        // First everything of the last time goes; what anyone sets now comes back; what was not of
        // the last time comes back as well.
        var result = remove(named)
        let owned = managed.allFields.withNamedFields(shape)
        var left = ShapedValue(result, shape).fieldSet.withNamedFields(shape)
        result = remove(mergedSet.difference(left.union(owned)))
        left = ShapedValue(result, shape).fieldSet.withNamedFields(shape)
        return remove(mergedSet.difference(left).intersection(named))
    }
}
