public import KubernetesCore

/// One unit of work, run at most `1 + maxRetries` times on an agent of a pool.
public struct BackgroundTask: KubeObject {
    /// `swiftlet.dev/v1alpha1` BackgroundTask.
    public static let type = ResourceType.backgroundTask
    /// The task's metadata.
    public var metadata: ObjectMeta
    /// What people want of the task; nobody but they write it.
    public var spec: BackgroundTaskSpec
    /// What has become of it, as the operator last wrote it.
    public var status: BackgroundTaskStatus

    /// A task by its parts. For tests and models.
    public init(
        metadata: ObjectMeta, spec: BackgroundTaskSpec = BackgroundTaskSpec(),
        status: BackgroundTaskStatus = BackgroundTaskStatus()
    ) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// Reads a task; the error names the path of what does not fit.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        spec = try BackgroundTaskSpec(reading: Optional(node).nested("spec"))
        status = try BackgroundTaskStatus(reading: Optional(node).nested("status"))
    }

    /// Whether the task has ended.
    public var isFinished: Bool { status.phase.isTerminal }
}
