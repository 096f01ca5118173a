public import KubernetesCore
public import PolicyEngine
import SwiftletAPI

/// What the operator judges agents by: a local observation, for logs and metrics.
public struct LoadedPolicies: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "LoadedPolicies",
        plural: "loadedpolicies", scope: .cluster)
    /// The one name.
    public var metadata: ObjectMeta
    /// How many policies hold.
    public var count: Int
    /// What was refused, in the order of sources.
    public var faults: [PolicyFault]

    /// The policies of this process.
    public init(count: Int, faults: [PolicyFault]) {
        metadata = ObjectMeta(name: "policies")
        self.count = count
        self.faults = faults
    }
}

/// A policy or a rule that could not be loaded.
public struct PolicyFault: Hashable, Sendable {
    /// What it means for agents.
    public enum Effect: String, Hashable, Sendable, CaseIterable {
        /// No agent may be created as long as it is there: the rule would be enforced, it may
        /// concern pods, and nothing says that failures are ignored.
        case forbids
        /// Agents are created, and people are told that they were not judged by it.
        case reported
        /// It is not about what agents may be.
        case unrelated
    }

    /// What is wrong, and where.
    public var problem: PolicyProblem
    /// What it means for agents.
    public var effect: Effect

    /// A fault by both fields.
    public init(_ problem: PolicyProblem, _ effect: Effect) {
        self.problem = problem
        self.effect = effect
    }

    /// Whether no agent may be created because of it.
    public var forbids: Bool { effect == .forbids }
}
