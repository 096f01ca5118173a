import KubernetesCore

/// What a ReplicaSet wants done, decided from the set and the pods that it controls.
///
/// As kube-controller-manager does it, without the adoption of pods that nobody controls. The rules
/// are pinned by `WorkloadTests`.
struct ReplicaPlan: Equatable {
    /// The most pods that are made at one time.
    static let burst = 500

    /// How many pods to make.
    var creations = 0
    /// The pods to delete, by name.
    var deletions: [String] = []
    /// The status as it must be, conditions aside.
    var status: JSONValue
    /// When a pod that is ready becomes available, if nothing else happens.
    var due: Timestamp?

    /// `pods` are those that the set controls.
    init(of set: JSONValue, pods: [JSONValue], at now: Timestamp) {
        let wanted = Int(clamping: max(0, set[path: ["spec", "replicas"]]?.integer ?? 1))
        let seconds = max(0, set[path: ["spec", "minReadySeconds"]]?.integer ?? 0)
        let living = pods.filter(ReplicaPlan.isActive)
        var ready = 0
        var available = 0
        for pod in living {
            guard let since = ReplicaPlan.readySince(pod) else { continue }
            ready += 1
            let time = since + .seconds(seconds)
            if seconds == 0 || time <= now {
                available += 1
            } else {
                due = min(due ?? time, time)
            }
        }
        let template = set[path: ["spec", "template", "metadata", "labels"]]?.object ?? [:]
        let labeled = living.filter { pod in
            let labels = pod[path: ["metadata", "labels"]]?.object ?? [:]
            return template.allSatisfy { key, value in labels[key] == value }
        }
        status = [
            "replicas": .int(living.count),
            "observedGeneration": set[path: ["metadata", "generation"]] ?? 0,
        ]
        for (name, count) in [
            ("fullyLabeledReplicas", labeled.count), ("readyReplicas", ready),
            ("availableReplicas", available),
            ("terminatingReplicas", pods.filter(ReplicaPlan.isEnding).count),
        ] where count > 0 {
            status[name] = .int(count)
        }
        guard set[path: ["metadata", "deletionTimestamp"]] == nil else { return }
        creations = min(max(0, wanted - living.count), ReplicaPlan.burst)
        let surplus = max(0, living.count - wanted)
        deletions = living.sorted { ReplicaPlan.goesBefore($0, $1) }.prefix(surplus)
            .compactMap { $0[path: ["metadata", "name"]]?.string }
    }

    /// Whether a pod counts: it runs or will run.
    static func isActive(_ pod: JSONValue) -> Bool {
        let phase = pod[path: ["status", "phase"]]?.string
        return phase != "Succeeded" && phase != "Failed"
            && pod[path: ["metadata", "deletionTimestamp"]] == nil
    }

    /// Whether a pod still runs though it is being deleted.
    private static func isEnding(_ pod: JSONValue) -> Bool {
        let phase = pod[path: ["status", "phase"]]?.string
        return phase != "Succeeded" && phase != "Failed"
            && pod[path: ["metadata", "deletionTimestamp"]] != nil
    }

    /// Since when a pod is ready; nil where it is not.
    private static func readySince(_ pod: JSONValue) -> Timestamp? {
        let conditions = pod[path: ["status", "conditions"]]?.array ?? []
        guard
            let ready = conditions.first(where: { $0["type"]?.string == "Ready" }),
            ready["status"]?.string == "True"
        else { return nil }
        return ready["lastTransitionTime"]?.string.flatMap { Timestamp($0) }
            ?? Timestamp(seconds: 0)
    }

    /// Pods that have done least go first: those without a node, those that wait, those that are
    /// not ready, and then the youngest.
    private static func goesBefore(_ left: JSONValue, _ right: JSONValue) -> Bool {
        let first = rank(left)
        let second = rank(right)
        guard first == second else { return first < second }
        let made = ["metadata", "creationTimestamp"]
        let times = (left[path: made]?.string ?? "", right[path: made]?.string ?? "")
        guard times.0 == times.1 else { return times.0 > times.1 }
        let name = ["metadata", "name"]
        return (left[path: name]?.string ?? "") < (right[path: name]?.string ?? "")
    }

    private static func rank(_ pod: JSONValue) -> Int {
        if (pod[path: ["spec", "nodeName"]]?.string ?? "").isEmpty { return 0 }
        switch pod[path: ["status", "phase"]]?.string {
        case "Pending": return 1
        case "Unknown": return 2
        default: return readySince(pod) == nil ? 3 : 4
        }
    }
}
