import KubernetesCore
import SwiftletAPI

/// What `swiftlet get` can show.
enum ShownKind: String, CaseIterable, Sendable {
    case tasks
    case pools
    case agents

    /// The kind that people mean by a word: plural, singular, short.
    init?(_ word: String) {
        switch word.lowercased() {
        case "task", "tasks", "bt", "bts", "backgroundtask", "backgroundtasks": self = .tasks
        case "pool", "pools", "bap", "baps", "backgroundagentpool", "backgroundagentpools":
            self = .pools
        case "agent", "agents": self = .agents
        default: return nil
        }
    }

    /// The kind of the cluster that it is read from.
    var type: ResourceType { self == .tasks ? .backgroundTask : .backgroundAgentPool }
}
