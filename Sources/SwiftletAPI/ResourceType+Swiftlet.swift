public import KubernetesCore

extension ResourceType {
    /// Pools of background agents, `swiftlet.dev/v1alpha1`.
    public static let backgroundAgentPool = ResourceType(
        group: SwiftletNames.group, version: SwiftletNames.version, kind: "BackgroundAgentPool",
        plural: "backgroundagentpools")
    /// Background tasks, `swiftlet.dev/v1alpha1`.
    public static let backgroundTask = ResourceType(
        group: SwiftletNames.group, version: SwiftletNames.version, kind: "BackgroundTask",
        plural: "backgroundtasks")
    /// The logs of `v1` pods, as roles name them: a subresource that is only read.
    public static let podLog = ResourceType(
        group: "", version: "v1", kind: "Pod", plural: "pods/log")
    /// Reviews of what a user may do, of `authorization.k8s.io/v1`.
    public static let subjectAccessReview = ResourceType(
        group: "authorization.k8s.io", version: "v1", kind: "SubjectAccessReview",
        plural: "subjectaccessreviews", scope: .cluster)
}
