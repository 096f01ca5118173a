public import KubernetesCore

/// The decisions about one kind of object. Both functions are synchronous, total and without
/// effects; everything that repeats, waits or fails is the `ControllerMachine`'s.
public protocol Reconciler: Sendable {
    /// The kind that is reconciled.
    associatedtype Root: ClusterObject
    /// What a decision depends on: sorted arrays and values, no dictionaries or sets whose order
    /// could reach a plan.
    associatedtype World: Sendable, Equatable

    /// The name in metrics and logs.
    static var name: String { get }
    /// The kinds it reads and the writes it makes.
    static var access: Access { get }
    /// Which changes of other kinds lead to which roots; changes of the root itself always do. A
    /// kind that `observe` reads has to be named here.
    var triggers: [Trigger<Root>] { get }

    /// Copies out of the cache what the decision needs; nil where there is nothing to decide,
    /// because the object is gone.
    func observe(_ key: Key<Root>, in view: ClusterView) -> World?

    /// The same world and context always give the same plan.
    func plan(_ world: World, _ context: PlanContext) -> Plan
}

extension Reconciler {
    /// The plural of the root's kind.
    public static var name: String { Root.type.plural }
}
