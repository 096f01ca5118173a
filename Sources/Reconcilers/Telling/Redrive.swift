public import KubernetesCore
import SwiftletAPI

/// A task that has ended, submitted again: a new task with the same spec. The old one stays as it
/// is, because a task ends only once.
public enum Redrive {
    /// Why a task is not submitted again, in a sentence.
    public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// The object to be created in place of `object`, a whole `BackgroundTask` as the server has
    /// it. Its name follows from the old one's UID, so that a redrive which is repeated finds
    /// itself.
    public static func object(of object: JSONValue) throws(Refusal) -> JSONValue {
        let task: BackgroundTask
        do {
            task = try BackgroundTask(reading: JSONDocument(parsing: object.encoded()).root)
        } catch {
            throw Refusal(description: "The task cannot be read: \(error)")
        }
        guard task.status.phase == .failed || task.status.phase == .cancelled else {
            throw Refusal(
                description: "Task \(task.key) is \(task.status.phase.rawValue): only a task that "
                    + "has failed or was cancelled can be submitted again.")
        }
        if let parent = task.parent {
            throw Refusal(
                description: "Task \(task.key) is a part of task \(parent.name): "
                    + "submit that one again.")
        }
        var spec = object["spec"]?.object ?? JSONObject()
        spec["state"] = nil
        spec["notBefore"] = nil
        var labels = object[path: ["metadata", "labels"]]?.object ?? JSONObject()
        labels[SwiftletNames.Label.managedBy] = nil
        var annotations = object[path: ["metadata", "annotations"]]?.object ?? JSONObject()
        annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
        annotations[SwiftletNames.Annotation.redriveOf] = .string(task.metadata.uid.text)
        return [
            "apiVersion": .string(BackgroundTask.type.apiVersion),
            "kind": .string(BackgroundTask.type.kind),
            "metadata": [
                "name": .string(name(of: task)), "namespace": .string(task.metadata.namespace),
                "labels": .object(labels), "annotations": .object(annotations),
            ],
            "spec": .object(spec),
        ]
    }

    /// The name of the new task: that of the first in the line, and a hash of the old one's UID.
    private static func name(of task: BackgroundTask) -> String {
        var stem = task.metadata.name
        if task.metadata.annotations[SwiftletNames.Annotation.redriveOf] != nil,
            let end = stem.range(of: "-again-")
        {
            stem = String(stem[..<end])
        }
        stem = String(stem.prefix(200))
        while let last = stem.last, last == "-" || last == "." { stem.removeLast() }
        let hash = AgentPodTemplate.shortHash(task.metadata.uid.text).prefix(5)
        return "\(stem)-again-\(hash)"
    }
}

extension String {
    /// Where the last occurrence of `text` begins; nil where there is none.
    fileprivate func range(of text: String) -> String.Index? {
        var index = endIndex
        while index > startIndex {
            index = self.index(before: index)
            if self[index...].hasPrefix(text) { return index }
        }
        return nil
    }
}
