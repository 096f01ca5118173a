import KubernetesCore

extension APIServer {
    /// Gives the controllers back what they knew of the objects of a replayed store, and lets them
    /// look at all that they may have left half done.
    mutating func resumeControllers(at now: Timestamp) {
        _ = store.takeUnseen()
        for resource in store.resources where resource != .events {
            for object in store.objects(resource) {
                let seen = Change(
                    revision: object.revision, resource: resource, old: nil, new: object,
                    removed: nil)
                observe(seen, at: now)
            }
        }
        // Events expire in the order in which they were made, counted from then.
        var due = Timestamp(nanoseconds: .min)
        for event in store.objects(.events).sorted(by: { $0.revision < $1.revision }) {
            let made = event.metadata["creationTimestamp"]?.string.flatMap { Timestamp($0) } ?? now
            due = max(due, min(made, now) + ModelControllers.eventLifetime)
            let place = ModelControllers.Place(resource: .events, key: event.key)
            controllers.expiring.append((due, place))
        }
        controllers.hasTerminating = true
        controllers.mustSchedule = true
    }
}
