public import KubernetesCore

/// What a machine wants done.
public enum MachineCommand: Sendable {
    /// Carry the plan out; the machine is told of its end by the token. `root` is what its status
    /// belongs to, with its UID.
    case apply(Plan, token: PlanToken, root: ObjectRef)
    /// Send `.timer` at this instant; a later command replaces an earlier one.
    case wake(at: Instant)
    /// Put a local observation into the cache, over any earlier one of its kind and key.
    case publish(any ClusterObject)
    /// Take a local observation out of the cache.
    case retract(ObjectRef)
}

extension MachineCommand: Equatable {
    /// Whether both want the same.
    public static func == (left: MachineCommand, right: MachineCommand) -> Bool {
        switch (left, right) {
        case (.apply(let plan, let token, let root), .apply(let plan2, let token2, let root2)):
            plan == plan2 && token == token2 && root == root2
        case (.wake(let at), .wake(let at2)): at == at2
        case (.publish(let object), .publish(let object2)): object.isEqual(to: object2)
        case (.retract(let object), .retract(let object2)): object == object2
        default: false
        }
    }
}

extension ClusterObject {
    /// Whether `other` is of the same type and equal.
    func isEqual(to other: any ClusterObject) -> Bool { (other as? Self) == self }
}
