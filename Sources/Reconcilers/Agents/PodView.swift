public import KubernetesCore
import SwiftletAPI

/// What Swiftlet reads of a pod.
public struct PodView: KubeObject {
    /// Where a pod is in its life.
    public enum Phase: String, Hashable, Sendable, CaseIterable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
        case unknown = "Unknown"

        /// Whether the pod has ended; it never runs again.
        public var isTerminal: Bool { self == .succeeded || self == .failed }
    }

    /// `v1` Pod.
    public static let type = ResourceType.pod
    /// The pod's metadata.
    public var metadata: ObjectMeta
    /// Where the pod is in its life.
    public var phase: Phase
    /// The node that it is bound to; nil before that.
    public var node: String?
    /// When it was bound; nil before that, or where nobody noted it.
    public var scheduledTime: Timestamp?
    /// Whether its `Ready` condition holds.
    public var isReady: Bool
    /// Since when its `Ready` condition has been what it is.
    public var readyChangeTime: Timestamp?
    /// Why no node takes it, in the scheduler's words; nil where one does.
    public var unschedulableMessage: String?
    /// Whether its end has been announced: drain, eviction, preemption.
    public var isDisruptionTarget: Bool
    /// Why it is in its phase, in one word, as in `Evicted`.
    public var reason: String?
    /// Why it is in its phase, in a sentence.
    public var message: String?
    /// Its IP addresses, in the words of its node; none before it has any.
    public var addresses: [String]
    /// Its init containers.
    public var initContainers: [PodContainerView]
    /// Its containers.
    public var containers: [PodContainerView]
    /// What its containers request, one map of quantities each.
    public var requests: [[String: String]]
    /// The ServiceAccount that it runs as.
    public var serviceAccountName: String?

    /// A pod that nobody has bound yet. For tests and models.
    public init(metadata: ObjectMeta, phase: Phase = .pending, node: String? = nil) {
        self.metadata = metadata
        self.phase = phase
        self.node = node
        isReady = false
        isDisruptionTarget = false
        addresses = []
        initContainers = []
        containers = []
        requests = []
    }

    /// Reads a pod; a phase that this version does not know counts as `unknown`.
    public init(reading node: JSONNode) throws(JSONError) {
        self.init(metadata: try ObjectMeta(reading: try node.required("metadata")))
        if let spec = node["spec"] { try readSpec(spec) }
        if let status = node["status"] { try readStatus(status) }
    }

    private mutating func readSpec(_ spec: JSONNode) throws(JSONError) {
        node = try spec["nodeName"]?.string()
        serviceAccountName = try spec["serviceAccountName"]?.string()
        for container in spec["containers"]?.elements ?? [] {
            guard let map = container["resources"]?["requests"] else { continue }
            var request: [String: String] = [:]
            for (name, value) in map.members {
                // The API server gives quantities back as strings or plain numbers.
                request[name] = (try? value.string()) ?? value.value().text
            }
            requests.append(request)
        }
    }

    private mutating func readStatus(_ status: JSONNode) throws(JSONError) {
        if let text = try status["phase"]?.string() { phase = Phase(rawValue: text) ?? .unknown }
        reason = try status["reason"]?.string()
        message = try status["message"]?.string()
        for condition in status["conditions"]?.elements ?? [] {
            let holds = try condition["status"]?.string() == "True"
            switch try condition["type"]?.string() {
            case "Ready":
                isReady = holds
                readyChangeTime = try condition["lastTransitionTime"]?.timestamp()
            case "PodScheduled" where holds:
                scheduledTime = try condition["lastTransitionTime"]?.timestamp()
            case "PodScheduled":
                guard try condition["reason"]?.string() == "Unschedulable" else { continue }
                unschedulableMessage = try condition["message"]?.string() ?? "unschedulable"
            case "DisruptionTarget": isDisruptionTarget = holds
            default: continue
            }
        }
        // One of each family; more are none that a node has given.
        for address in status["podIPs"]?.elements.prefix(8) ?? [] {
            if let text = try address["ip"]?.string() { addresses.append(text) }
        }
        if addresses.isEmpty, let text = try status["podIP"]?.string(), !text.isEmpty {
            addresses = [text]
        }
        for container in status["initContainerStatuses"]?.elements ?? [] {
            initContainers.append(try PodContainerView(reading: container))
        }
        for container in status["containerStatuses"]?.elements ?? [] {
            containers.append(try PodContainerView(reading: container))
        }
    }
}

extension PodView {
    /// Whether deletion has been asked for.
    public var isDeleting: Bool { metadata.isDeleting }

    /// Whether the pod could take or have tasks: it is bound, runs, is ready and stays.
    public var isAvailable: Bool { phase == .running && isReady && !isDeleting }

    /// The template revision that the pod was made from; nil where the label is missing.
    public var templateRevision: String? {
        metadata.labels[SwiftletNames.Label.templateRevision]
    }

    /// Whether the operator has asked that it gets no new task.
    public var isDraining: Bool { metadata.annotations[SwiftletNames.Annotation.draining] != nil }

    /// Since when it has been draining; nil where it is not, or where the mark cannot be read.
    public var drainingSince: Timestamp? {
        metadata.annotations[SwiftletNames.Annotation.draining].flatMap { Timestamp($0) }
    }

    /// How often its containers were started anew.
    public var restartCount: Int {
        containers.reduce(0) { min($0 + $1.restartCount, 1_000_000_000) }
    }

    /// The container that a person should hear about first: one that cannot start or has failed.
    public var troubledContainer: PodContainerView? {
        (initContainers + containers).first(where: \.isTroubled)
    }
}
