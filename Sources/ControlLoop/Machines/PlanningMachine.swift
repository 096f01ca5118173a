public import KubernetesCore

/// A controller's whole brain: told what happened, it answers with what to do. Total, synchronous,
/// without effects; the same inputs at the same moments give the same commands.
public protocol PlanningMachine: Sendable {
    /// The name in metrics and logs.
    static var name: String { get }
    /// Everything its plans may read and write.
    static var access: Access { get }
    /// The kinds whose changes it wants to hear of, local observations included.
    var watched: [any ClusterObject.Type] { get }

    /// What it can tell of its queue, for metrics.
    var statistics: MachineStatistics { get }

    /// Takes one input and returns commands, to be carried out in order.
    mutating func handle(_ input: MachineInput, at now: Moment) -> [MachineCommand]
}

extension PlanningMachine {
    /// Nothing, for machines without a queue of their own.
    public var statistics: MachineStatistics { MachineStatistics() }
}
