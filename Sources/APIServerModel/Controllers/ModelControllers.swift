import KubernetesCore

/// What the controllers inside the server remember between their runs.
struct ModelControllers: Sendable {
    /// An object by where it is kept.
    struct Place: Hashable, Comparable, Sendable {
        var resource: GroupResource
        var key: String

        static func < (left: Place, right: Place) -> Bool {
            (left.resource, left.key) < (right.resource, right.key)
        }
    }

    /// The objects that name an owner, by the owner's UID.
    var dependents: [String: Set<Place>] = [:]
    /// Where each object that lives is, by its UID.
    var places: [String: Place] = [:]
    /// Objects whose owners must be looked at.
    var suspects: Set<Place> = []
    /// Objects with finalizers of the garbage collector.
    var collecting: Set<Place> = []
    /// What the pods of each node have taken, by the node's name.
    var nodeUse: [String: NodeUse] = [:]
    /// Pods that wait for a node.
    var unbound: Set<Place> = []
    /// Whether pods that found no node must be tried again.
    var mustSchedule = false
    /// Bound pods that are being deleted.
    var leaving: Set<Place> = []
    /// Namespaces whose quotas, or disruption budgets, must be counted again.
    var uncounted: Set<String> = []
    /// Namespaces and definitions that are going.
    var hasTerminating = false
    /// Whether nodes, their Leases or the pods on tainted nodes have changed.
    var mustJudgeNodes = false
    /// When nodes must be looked at again though nothing changes.
    var nodesDue: Timestamp?
    /// Whether any node has a taint that takes pods off it.
    var hasTainted = false
    /// Whether any pod has ever kept others away.
    var hasAntiAffinity = false
    /// Deployments and ReplicaSets that must be looked at.
    var unrolled: Set<Place> = []
    /// When they must be looked at again though nothing changes.
    var workloadsDue: Timestamp?
    /// Whether cluster roles have changed, of which others may be made.
    var mustAggregate = false
    /// Events in the order in which they expire.
    var expiring = Backlog<(time: Timestamp, place: Place)>()

    /// How long events are kept.
    static let eventLifetime = Duration.seconds(3_600)
}
