import KubernetesCore

/// The downward API: fields of a pod that its own containers may ask for.
enum PodFields {
    /// The value of a field path such as `metadata.name` or `metadata.labels['app']`; nil where
    /// there is no such field.
    static func value(_ path: String, of pod: LocalPod) -> String? {
        switch path {
        case "metadata.name": return pod.name
        case "metadata.namespace": return pod.namespace
        case "metadata.uid": return pod.uid.text
        case "spec.nodeName": return pod.nodeName
        case "spec.serviceAccountName": return pod.serviceAccount
        case "status.podIP", "status.podIPs", "status.hostIP", "status.hostIPs": return "127.0.0.1"
        case "metadata.labels": return lines(pod.labels)
        case "metadata.annotations": return lines(pod.annotations)
        default:
            return entry(path, "metadata.labels['", pod.labels)
                ?? entry(path, "metadata.annotations['", pod.annotations)
        }
    }

    private static func entry(
        _ path: String, _ prefix: String, _ values: [String: String]
    ) -> String? {
        guard path.hasPrefix(prefix), path.hasSuffix("']") else { return nil }
        return values[String(path.dropFirst(prefix.count).dropLast(2))] ?? ""
    }

    private static func lines(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(JSONValue.string($0.value).text)" }.joined(separator: "\n")
    }
}
