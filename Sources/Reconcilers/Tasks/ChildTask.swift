import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// The tasks that a task with shards or a matrix is cut into.
///
/// Their names follow from the parent's UID and their index, so that a create which was repeated,
/// or whose answer was lost, finds itself.
enum ChildTask {
    /// The longest beginning of a child's name that is the parent's.
    private static let stemMax = 200

    /// The name of child `index`.
    static func name(of parent: BackgroundTask, index: Int) -> String {
        var stem = String(parent.metadata.name.prefix(stemMax))
        while let last = stem.last, last == "-" || last == "." { stem.removeLast() }
        let hash = AgentPodTemplate.shortHash(parent.metadata.uid.text).prefix(5)
        return "\(stem)-\(hash)-\(index)"
    }

    /// The object of child `index`, to be created.
    static func object(of parent: BackgroundTask, index: Int) -> JSONValue {
        let variables = parent.spec.combination(index).map {
            BackgroundTaskSpec.EnvironmentVariable(name: $0.name, source: .value($0.value))
        }
        var labels = JSONObject()
        for (key, value) in parent.metadata.labels.sorted(by: { $0.key < $1.key }) {
            labels[key] = .string(value)
        }
        labels[SwiftletNames.Label.parentTask] = .string(
            AgentPodTemplate.labelValue(parent.metadata.name))
        labels[SwiftletNames.Label.managedBy] = .string(SwiftletNames.managedBy)
        return [
            "apiVersion": .string(BackgroundTask.type.apiVersion),
            "kind": .string(BackgroundTask.type.kind),
            "metadata": [
                "name": .string(name(of: parent, index: index)),
                "namespace": .string(parent.metadata.namespace),
                "labels": .object(labels),
                "annotations": [
                    SwiftletNames.Annotation.shard:
                        .string("\(index)/\(parent.spec.childCount)"),
                    SwiftletNames.Annotation.traceparent: .string(parent.trace.traceparent),
                ],
                "ownerReferences": [parent.asController.json],
            ],
            "spec": parent.spec.childSpec(pool: parent.spec.poolRef, variables: variables),
        ]
    }
}

extension BackgroundTask {
    /// The task that this one is a part of; nil where it stands for itself.
    var parent: OwnerReference? {
        guard let owner = metadata.controller, owner.kind == BackgroundTask.type.kind,
            owner.apiVersion.hasPrefix(SwiftletNames.group + "/")
        else { return nil }
        return owner
    }

    /// Which of how many shards it is; nil where it is none.
    var shard: (index: Int, count: Int)? {
        guard parent != nil,
            let parts = metadata.annotations[SwiftletNames.Annotation.shard]?.split(
                separator: "/", omittingEmptySubsequences: false),
            parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
            (1...BackgroundTaskSpec.childrenMax).contains(count), (0..<count).contains(index)
        else { return nil }
        return (index, count)
    }
}
