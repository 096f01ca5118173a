public import ControlLoop
public import KubernetesCore
import SwiftletAPI

/// Who is answered as an agent, and from which picture.
public enum AgentAdmission {
    /// What must have been seen whole before an agent is answered: an agent whose lease is missing
    /// in an answer stops its attempt.
    public static let required: [ResourceType] = [.backgroundTask, .backgroundAgentPool, .pod]

    /// The picture to answer from; nil while agents must not be answered from it: this process does
    /// not lead, or not everything has been seen.
    public static func picture(
        _ view: ClusterView, under leadership: Leadership?, at now: Instant
    ) -> ClusterView? {
        guard let leadership, leadership.validUntil > now else { return nil }
        return required.allSatisfy(view.isSynced) ? view : nil
    }

    /// Whether the pod that a token was proven to belong to is an agent: one that a pool of this
    /// cluster controls.
    public static func accepts(_ key: Key<PodView>, uid: UID, in view: ClusterView) -> Bool {
        guard let pod = view[key], pod.metadata.uid == uid, let owner = pod.metadata.controller
        else { return false }
        return owner.kind == BackgroundAgentPool.type.kind
            && owner.apiVersion.hasPrefix(SwiftletNames.group + "/")
    }
}
