public import KubernetesCore
import SwiftletAPI

/// Since when this process has seen a pod as it is, by its steady clock: a local observation under
/// the pod's key. The times in a pod are other machines' (the API server's, the node's). A clock
/// that is minutes ahead of theirs would take a pod whose deletion was asked for a moment ago for
/// one whose node does not answer, and an agent that has just been made for one that never came up.
public struct PodSighting: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "PodSighting",
        plural: "podsightings")
    /// The pod's namespace, name and UID.
    public var metadata: ObjectMeta
    /// Since when it has been seen on a node.
    var boundAt: Instant?
    /// Since when it has been seen not to be ready.
    var unreadyAt: Instant?
    /// Since when its deletion has been seen.
    var leavingAt: Instant?

    /// Nothing was seen before.
    static let unseen = PodSighting()

    private init() { metadata = ObjectMeta(name: "") }

    /// A pod that is seen at an instant, and has been seen before as `earlier` tells.
    init(of pod: PodView, after earlier: PodSighting? = nil, at now: Instant) {
        let known = earlier?.metadata.uid == pod.metadata.uid ? earlier : nil
        metadata = ObjectMeta(
            name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid)
        boundAt = pod.node == nil ? nil : known?.boundAt ?? now
        unreadyAt = pod.isReady ? nil : known?.unreadyAt ?? now
        leavingAt = pod.isDeleting ? known?.leavingAt ?? now : nil
    }
}

extension PodView {
    /// The pod with the times that limits rest on as this process has seen them pass.
    func timed(by sighting: PodSighting, at now: Moment) -> PodView {
        let seen = PodSighting(of: self, after: sighting, at: now.instant)
        var result = self
        if let leaving = seen.leavingAt {
            let grace = Duration.seconds(max(0, min(metadata.deletionGraceSeconds ?? 0, 86_400)))
            result.metadata.deletionTime = now.time(at: leaving) + grace
        }
        if let bound = seen.boundAt { result.scheduledTime = now.time(at: bound) }
        if let unready = seen.unreadyAt { result.readyChangeTime = now.time(at: unready) }
        return result
    }
}
