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
}
