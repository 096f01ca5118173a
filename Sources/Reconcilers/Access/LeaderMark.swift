public import ControlLoop
public import KubernetesCore
import SwiftletAPI

/// Which pod of the operator carries the label that the gateway's Service selects by: the one that
/// leads. Only the leader can answer agents, and an unready standby would hold up every rollout; so
/// readiness cannot say it.
public enum LeaderMark {
    /// What is written.
    public static let access = Access(reads: [], writes: [.patch(.pod)], gets: [.pod])

    /// The pods that carry the label.
    public static func selection(in namespace: String) -> Selection {
        Selection(namespace: namespace, labels: SwiftletNames.Label.leader + "=true")
    }

    /// The writes after which the leader alone carries the label; none where that is so.
    /// - Parameters:
    ///   - own: the pod of the process that leads.
    ///   - marked: the pods that carry the label now.
    public static func writes(own: PodView, marked: [PodView]) -> [Action] {
        func mark(_ pod: PodView, _ value: JSONValue) -> Action {
            .patch(
                pod.reference,
                ["metadata": ["labels": .object([SwiftletNames.Label.leader: value])]])
        }
        // The old leader first: it may be alive without leading, and then sends agents away.
        let others = marked.filter { $0.metadata.uid != own.metadata.uid }
            .sorted { $0.metadata.name < $1.metadata.name }.map { mark($0, .null) }
        let isMarked = marked.contains { $0.metadata.uid == own.metadata.uid }
        return others + (isMarked ? [] : [mark(own, "true")])
    }
}
