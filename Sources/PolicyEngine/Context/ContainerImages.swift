import KubernetesCore

/// The images of a pod, or of the pods that a controller makes, as `images` of a rule's context.
enum ContainerImages {
    private static let lists = ["initContainers", "containers", "ephemeralContainers"]

    /// Where the pod's spec stands in objects of `kind`; `nil` for kinds without pods.
    static func podSpecPath(of kind: String) -> [String]? {
        switch kind {
        case "Pod": ["spec"]
        case "DaemonSet", "Deployment", "Job", "StatefulSet", "ReplicaSet",
            "ReplicationController":
            ["spec", "template", "spec"]
        case "CronJob": ["spec", "jobTemplate", "spec", "template", "spec"]
        default: nil
        }
    }

    /// `images` for an object; `nil` where there is no image in it. Fails where a text is no image
    /// reference.
    static func json(of object: JSONValue, kind: String) throws(EvaluationError) -> JSONValue? {
        guard let path = podSpecPath(of: kind), let spec = object[path: path] else { return nil }
        var result = JSONObject()
        for list in lists {
            var images: [(String, JSONValue)] = []
            for (index, container) in (spec[list]?.array ?? []).enumerated() {
                guard let text = container["image"]?.string, !text.isEmpty,
                    let name = container["name"]?.string
                else { continue }
                guard let image = ContainerImage(text) else {
                    throw EvaluationError(
                        .failed, "the image \"\(text.prefix(300))\" is no image reference")
                }
                let pointer = "/" + path.joined(separator: "/") + "/\(list)/\(index)/image"
                images.append((name, image.json(pointer: pointer)))
            }
            if !images.isEmpty { result[list] = .object(JSONObject(images)) }
        }
        return result.isEmpty ? nil : .object(result)
    }
}
