import ArgumentParser
import KubernetesCore
import SwiftletAPI

/// A task as people name it: `task/x`, `bt/x`, `backgroundtask/x` or just `x`.
struct TaskReference: ExpressibleByArgument, Sendable {
    let name: String

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last.map(String.init), NameRules.dnsSubdomainErrors(name).isEmpty,
            parts.count == 1 || (parts.count == 2 && ShownKind(String(parts[0])) == .tasks)
        else { return nil }
        self.name = name
    }

    init(name: String) { self.name = name }

    /// Where the task is.
    func object(in namespace: String) -> ObjectRef {
        ObjectRef(type: .backgroundTask, namespace: namespace, name: name)
    }
}
