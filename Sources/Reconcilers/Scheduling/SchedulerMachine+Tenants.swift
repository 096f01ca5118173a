import ControlLoop
import KubernetesCore
import SwiftletAPI
import TaskScheduling

extension SchedulerMachine {
    /// Who the work of a namespace is done for: the tenant that an administrator's label names, or
    /// else the namespace itself, which no label can name.
    func tenant(ofNamespace name: String) -> String {
        let namespace = view[Key<NamespaceView>(namespace: "", name: name)]
        return namespace?.tenant ?? "namespace/\(name)"
    }

    /// Takes a changed namespace in: what its tenant weighs, and the tasks that change hands.
    mutating func take(_ change: Change<NamespaceView>, at now: Timestamp) {
        guard change.old?.metadata.labels != change.new?.metadata.labels else { return }
        for tenant in Set([change.old, change.new].compactMap { $0?.tenant }).sorted() {
            refresh(tenant: tenant)
        }
        for task in view.all(BackgroundTask.self)
        where !task.isFinished && task.metadata.namespace == change.key.name {
            refresh(task: task.key, at: now)
        }
    }

    /// Brings the weights of all tenants up to what their namespaces say.
    mutating func refreshTenants() {
        let tenants = Set(view.all(NamespaceView.self).compactMap(\.tenant))
        for tenant in tenants.sorted() { refresh(tenant: tenant) }
    }

    /// The largest weight that one of the tenant's namespaces names counts.
    private mutating func refresh(tenant: String) {
        let weights = view.all(NamespaceView.self).filter { $0.tenant == tenant }
            .compactMap(\.tenantWeight)
        engine.setWeight(weights.max() ?? 1, ofTenant: tenant)
    }
}

extension NamespaceView {
    /// The tenant that an administrator's label names; nil where there is none.
    fileprivate var tenant: String? {
        metadata.labels[SwiftletNames.Label.tenant].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What the namespace says its tenant weighs; nil where it says nothing that makes sense.
    fileprivate var tenantWeight: Int? {
        metadata.labels[SwiftletNames.Label.tenantWeight].flatMap { Int($0) }.flatMap {
            (1...SchedulingEngine.weightMax).contains($0) ? $0 : nil
        }
    }
}
