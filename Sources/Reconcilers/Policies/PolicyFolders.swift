public import KubernetesCore
public import PolicyEngine
import SwiftletAPI

/// What lies in the folders of policies that the operator was given: a local observation, which
/// whoever reads the folders puts into the cache.
public struct PolicyFolders: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "PolicyFolders",
        plural: "policyfolders", scope: .cluster)
    /// The key under which the folders of this process are.
    public static let key = Key<PolicyFolders>(namespace: "", name: "folders")
    /// The one name.
    public var metadata: ObjectMeta
    /// The documents in the order of their files.
    public var documents: [PolicyDocument]
    /// What could not be read.
    public var problems: [PolicyProblem]

    /// The folders as they are.
    public init(documents: [PolicyDocument], problems: [PolicyProblem] = []) {
        metadata = ObjectMeta(name: PolicyFolders.key.name)
        self.documents = documents
        self.problems = problems
    }
}
