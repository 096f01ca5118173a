public import ControlLoop
import KubernetesCore
public import SwiftletAPI

/// Who a task's work is done for.
public enum TaskTenant {
    /// The tenant that an administrator's label on the task's namespace names, or else the
    /// namespace itself, which no label can name.
    public static func of(_ task: BackgroundTask, in view: ClusterView) -> String {
        let name = task.metadata.namespace
        let namespace = view[Key<NamespaceView>(namespace: "", name: name)]
        return namespace?.metadata.labels[SwiftletNames.Label.tenant] ?? "namespace/\(name)"
    }
}
