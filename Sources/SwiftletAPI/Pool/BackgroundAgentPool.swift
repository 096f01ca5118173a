public import KubernetesCore

/// A set of interchangeable agent pods and the queue of tasks that they work on.
public struct BackgroundAgentPool: KubeObject {
    /// `swiftlet.dev/v1alpha1` BackgroundAgentPool.
    public static let type = ResourceType.backgroundAgentPool
    /// The pool's metadata.
    public var metadata: ObjectMeta
    /// What people want of the pool; nobody but they write it.
    public var spec: BackgroundAgentPoolSpec
    /// What has become of it, as the operator last wrote it.
    public var status: BackgroundAgentPoolStatus

    /// A pool by its parts. For tests and models.
    public init(
        metadata: ObjectMeta, spec: BackgroundAgentPoolSpec,
        status: BackgroundAgentPoolStatus = BackgroundAgentPoolStatus()
    ) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// Reads a pool; the error names the path of what does not fit.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        spec = try BackgroundAgentPoolSpec(reading: try node.required("spec"))
        status = try BackgroundAgentPoolStatus(reading: node["status"])
    }
}
