/// Putting a store back together. What is put back is news to nobody: neither controllers nor
/// watches nor the journal are told; but the history that watches resume from grows as it did.
extension ObjectStore {
    /// Puts back an object of a picture, as it was at the picture's revision or before.
    mutating func restore(_ object: StoredObject, in resource: GroupResource) {
        place(object, at: object.key, in: resource)
    }

    /// Repeats the storing of an object as the next revision.
    mutating func replay(_ object: StoredObject, in resource: GroupResource) {
        let old = collections[resource]?[object.key]
        place(object, at: object.key, in: resource)
        remember(
            Change(
                revision: object.revision, resource: resource, old: old, new: object, removed: nil))
    }

    /// Repeats the removal of an object as the next revision. Returns whether it was there.
    mutating func replayRemoval(
        of key: String, in resource: GroupResource, revision: UInt64
    ) -> Bool {
        guard let old = collections[resource]?[key] else { return false }
        place(nil, at: key, in: resource)
        remember(
            Change(
                revision: revision, resource: resource, old: old, new: nil,
                removed: ObjectStore.stamped(old.value, revision)))
        return true
    }
}
