public import KubernetesCore

/// A pod, or a template of pods, as the Pod Security Standards look at it.
///
/// Values of a type that the API does not allow count as absent: a server refuses them before.
public struct PodSecuritySubject: Sendable {
    /// A container of any of the three lists.
    struct Container: Sendable {
        let name: String
        let value: JSONValue
        let path: FieldPath

        /// The value below `securityContext`; an explicit `null` counts as none.
        func security(_ path: String...) -> JSONValue? {
            PodSecuritySubject.present(value[path: ["securityContext"] + path])
        }

        /// The place of a field of `securityContext`.
        func securityPath(_ path: String) -> FieldPath {
            self.path.child("securityContext").child(path)
        }
    }

    /// The lists of containers in the order in which they are visited.
    static let lists = ["initContainers", "containers", "ephemeralContainers"]

    let annotations: JSONObject
    let spec: JSONValue
    let containers: [Container]

    /// A pod by its metadata and spec.
    public init(metadata: JSONValue, spec: JSONValue) {
        annotations = metadata["annotations"]?.object ?? [:]
        self.spec = spec
        containers = PodSecuritySubject.lists.flatMap { list in
            (spec[list]?.array ?? []).enumerated().map { index, value in
                Container(
                    name: value["name"]?.string ?? "", value: value,
                    path: FieldPath("spec").child(list)[index])
            }
        }
    }

    /// A value that is not `null`.
    static func present(_ value: JSONValue?) -> JSONValue? {
        value?.isNull == true ? nil : value
    }

    /// The value below the pod's `securityContext`; an explicit `null` counts as none.
    func security(_ path: String...) -> JSONValue? {
        PodSecuritySubject.present(spec[path: ["securityContext"] + path])
    }

    /// The place of a field of the pod's `securityContext`.
    func securityPath(_ path: String) -> FieldPath {
        FieldPath("spec.securityContext").child(path)
    }

    /// Whether the pod says that it runs on Windows.
    var isWindows: Bool { spec[path: ["os", "name"]]?.string == "windows" }

    /// Whether users inside of the pod are others than those of the host.
    var hasUserNamespace: Bool { spec["hostUsers"]?.bool == false }
}

extension PodSecuritySubject {
    /// The kinds that hold a template of pods, and where; a pod is its own.
    public static let templatePaths: [String: [String]] = [
        "Pod": [], "PodTemplate": ["template"], "ReplicationController": ["spec", "template"],
        "ReplicaSet": ["spec", "template"], "Deployment": ["spec", "template"],
        "StatefulSet": ["spec", "template"], "DaemonSet": ["spec", "template"],
        "Job": ["spec", "template"], "CronJob": ["spec", "jobTemplate", "spec", "template"],
    ]

    /// The pod that an object is, or the pods that it would make; nil where its kind has none or
    /// the object leaves the template out.
    public init?(of object: JSONValue, kind: String) {
        guard let path = PodSecuritySubject.templatePaths[kind],
            let template = PodSecuritySubject.present(object[path: path])
        else { return nil }
        self.init(metadata: template["metadata"] ?? [:], spec: template["spec"] ?? [:])
    }
}
