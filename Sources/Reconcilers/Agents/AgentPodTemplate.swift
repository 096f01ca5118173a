import ControlLoop
public import KubernetesCore
public import SwiftletAPI

/// The pods of a pool: the pool's template with everything that makes it an agent.
public struct AgentPodTemplate: Sendable {
    /// Where things are inside an agent's containers.
    enum Place {
        /// The folder that the init container copies the runner to.
        static let programs = "/swiftlet/bin"
        /// The runner.
        static let runner = programs + "/swiftlet-agent"
        /// The folder with the token and the gateway's CA.
        static let gateway = "/swiftlet/gateway"
        /// The folder that attempts work in.
        static let work = "/swiftlet/work"
        /// The folder with the persona.
        static let persona = "/swiftlet/persona"
        /// The folder of the pool's workspace volume.
        static let workspace = "/swiftlet/workspace"
    }

    /// The pool.
    public let pool: BackgroundAgentPool
    /// The hash of everything that agents of this template have in common.
    public let revision: String
    private let tenant: String
    private let spec: JSONValue
    private let additions: PodAdditions?

    /// The template of `pool` for `tenant`, with what policies add to it.
    public init(
        pool: BackgroundAgentPool, tenant: String, settings: AgentPodSettings,
        additions: PodAdditions? = nil
    ) {
        self.pool = pool
        self.tenant = tenant
        self.additions = additions
        spec = additions?.spec ?? AgentPodBuilder(pool: pool, settings: settings).spec
        var common: JSONValue = [
            "spec": spec, "metadata": pool.spec.template["metadata"] ?? [:],
            "tenant": .string(tenant),
        ]
        if let additions {
            common["labels"] = .object(additions.labels)
            common["annotations"] = .object(additions.annotations)
        }
        revision = AgentPodTemplate.shortHash(common.text)
    }

    /// The tenant of a pool: what the namespace's label names, else what the pool says, else the
    /// namespace.
    static func tenant(of pool: BackgroundAgentPool, in namespace: NamespaceView?) -> String {
        namespace?.metadata.labels[SwiftletNames.Label.tenant] ?? pool.spec.tenant
            ?? pool.metadata.namespace
    }

    /// What the containers of an agent request, without the template's own defaults where it names
    /// some.
    static func requests(of spec: BackgroundAgentPoolSpec) -> [[String: String]] {
        (spec.template[path: ["spec", "containers"]]?.array ?? []).map { container in
            guard let resources = container["resources"]?.object, !resources.isEmpty else {
                return AgentPodBuilder.defaultRequests
            }
            var result: [String: String] = [:]
            // Where only limits are given, requests are the same.
            let given = resources["requests"] ?? resources["limits"]
            for (name, value) in given?.object ?? JSONObject() {
                result[name] = value.string ?? value.text
            }
            return result
        }
    }

    /// What an agent's own container may use, in units; without what has no limit, and what cannot
    /// be read.
    static func limits(of spec: BackgroundAgentPoolSpec) -> [String: Double] {
        let resources = spec.template[path: ["spec", "containers"]]?[0]?["resources"]
        guard resources?["limits"] != nil || resources?["requests"] != nil else {
            return AgentPodBuilder.defaultLimits.compactMapValues {
                (try? Quantity($0))?.inDouble
            }
        }
        var result: [String: Double] = [:]
        for (name, value) in resources?["limits"]?.object ?? JSONObject() {
            result[name] = (try? Quantity(reading: value))?.inDouble
        }
        return result
    }

    /// The labels by which people and scalers find the agents of a pool.
    public static func selector(of pool: Key<BackgroundAgentPool>) -> String {
        SwiftletNames.Label.pool + "=" + labelValue(pool.name)
    }

    /// The name of the ConfigMap that gives a pool's agents the gateway's CA.
    public static func authorityName(of pool: Key<BackgroundAgentPool>) -> String {
        clipped(pool.name, 50) + "-gateway-ca"
    }

    /// The name of an object beside the pool's agents.
    static func objectName(of pool: Key<BackgroundAgentPool>, _ what: String) -> String {
        clipped(pool.name, 50) + "-" + what
    }

    /// The name of the agent `index`: the same pool and index always give the same name, so that a
    /// create that was lost or repeated finds itself.
    public static func name(of pool: BackgroundAgentPool, index: Int) -> String {
        let hash = shortHash("\(pool.metadata.uid.text)/\(index)")
        return clipped(pool.metadata.name, 52) + "-" + hash
    }

    /// The agent `index`, ready to be created.
    public func pod(index: Int) -> JSONValue {
        let given = pool.spec.template["metadata"]
        var labels = given?["labels"]?.object ?? JSONObject()
        for (key, value) in additions?.labels ?? [:] { labels[key] = value }
        labels[SwiftletNames.Label.pool] = .string(AgentPodTemplate.labelValue(pool.metadata.name))
        labels[SwiftletNames.Label.tenant] = .string(tenant)
        labels[SwiftletNames.Label.templateRevision] = .string(revision)
        labels[SwiftletNames.Label.managedBy] = .string(SwiftletNames.managedBy)
        labels[SwiftletNames.Label.component] = "agent"
        var annotations = given?["annotations"]?.object ?? JSONObject()
        for (key, value) in additions?.annotations ?? [:] { annotations[key] = value }
        annotations[SwiftletNames.Annotation.draining] = nil
        labels[SwiftletNames.Label.busy] = nil
        annotations[SwiftletNames.Annotation.agentIndex] = .string(String(index))
        return [
            "apiVersion": .string(ResourceType.pod.apiVersion),
            "kind": .string(ResourceType.pod.kind),
            "metadata": [
                "name": .string(AgentPodTemplate.name(of: pool, index: index)),
                "namespace": .string(pool.metadata.namespace),
                "labels": .object(labels), "annotations": .object(annotations),
                "ownerReferences": [pool.asController.json],
            ],
            "spec": spec,
        ]
    }

    /// The ConfigMap that gives the agents the gateway's CA.
    static func authority(
        of pool: BackgroundAgentPool, certificates: String
    ) -> JSONValue {
        [
            "apiVersion": .string(ResourceType.configMap.apiVersion),
            "kind": .string(ResourceType.configMap.kind),
            "metadata": [
                "name": .string(authorityName(of: pool.key)),
                "namespace": .string(pool.metadata.namespace),
                "labels": [
                    SwiftletNames.Label.managedBy: .string(SwiftletNames.managedBy),
                    SwiftletNames.Label.pool: .string(labelValue(pool.metadata.name)),
                ],
                "ownerReferences": [pool.asController.json],
            ],
            "data": [AuthorityView.key: .string(certificates)],
        ]
    }

    /// Ten characters without vowels, so that no word comes of them.
    static func shortHash(_ text: String) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        var number = SeededGenerator.hash(text)
        var result = ""
        for _ in 0..<10 {
            result.append(alphabet[Int(number % UInt64(alphabet.count))])
            number /= UInt64(alphabet.count)
        }
        return result
    }

    /// A pool's name as the value of a label: the name itself wherever it fits.
    static func labelValue(_ name: String) -> String {
        name.utf8.count <= 63 ? name : clipped(name, 52) + "-" + shortHash(name)
    }

    /// `name` as the beginning of a DNS label: without dots, cut, and not ending in a hyphen.
    private static func clipped(_ name: String, _ length: Int) -> String {
        var result = String(name.map { $0 == "." ? "-" : $0 }.prefix(length))
        while result.hasSuffix("-") { result.removeLast() }
        return result.isEmpty ? "agent" : result
    }
}

/// What Swiftlet reads of the ConfigMaps that it keeps beside a pool: the one that gives agents the
/// gateway's CA, and the one with what the pool has learned. Of others it keeps the metadata alone.
public struct AuthorityView: KubeObject {
    /// `v1` ConfigMap.
    public static let type = ResourceType.configMap
    /// The key of the certificates.
    public static let key = "ca.crt"
    /// The key of what the pool has learned.
    static let statisticsKey = "statistics.json"
    /// The ConfigMap's metadata.
    public var metadata: ObjectMeta
    /// The certificates; nil where this is no ConfigMap of ours.
    public var certificates: String?
    /// What the pool has learned; nil where this is another ConfigMap.
    public var statistics: String?

    /// A ConfigMap by both fields. For tests and models.
    public init(metadata: ObjectMeta, certificates: String?) {
        self.metadata = metadata
        self.certificates = certificates
    }

    /// Reads a ConfigMap.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        guard metadata.labels[SwiftletNames.Label.managedBy] == SwiftletNames.managedBy else {
            return
        }
        certificates = try node["data"]?["ca.crt"]?.string()
        statistics = try node["data"]?["statistics.json"]?.string()
    }
}
