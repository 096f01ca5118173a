import KubernetesCore

/// What a Deployment wants done, decided from the Deployment and the ReplicaSets that it controls.
///
/// As kube-controller-manager does it: one set for each template, and from the old ones to the new
/// one within surge and unavailability. The rules are pinned by `WorkloadTests`.
struct RolloutPlan: Equatable {
    /// One change.
    enum Step: Equatable {
        /// Make this set.
        case create(JSONValue)
        /// Give a set another number of pods.
        case resize(set: String, replicas: Int)
        /// Say which revision a set is of.
        case number(set: String, revision: Int64)
        /// Take out a set of the history that is longer than wanted.
        case remove(set: String)
    }

    /// Where revisions are counted.
    static let revisionKey = "deployment.kubernetes.io/revision"
    /// The label that tells the pods of one template from those of another.
    static let hashKey = "pod-template-hash"

    var steps: [Step] = []
    /// The status as it must be.
    var status: JSONValue = [:]
    /// The revision that the template is of; nil where it has no set yet.
    var revision: Int64?
    /// When it counts as stuck, if nothing else happens.
    var due: Timestamp?

    private let deployment: JSONValue
    private let current: JSONValue?
    private let old: [JSONValue]
    private let wanted: Int

    /// `sets` are those that the Deployment controls.
    init(of deployment: JSONValue, sets: [JSONValue], at now: Timestamp) {
        self.deployment = deployment
        let template = RolloutPlan.template(of: deployment)
        let ordered = sets.sorted { RolloutPlan.order($0) < RolloutPlan.order($1) }
        current = ordered.first { RolloutPlan.template(of: $0) == template }
        let name = current?[path: ["metadata", "name"]]
        old = ordered.filter { $0[path: ["metadata", "name"]] != name }
        wanted = Int(clamping: max(0, deployment[path: ["spec", "replicas"]]?.integer ?? 1))
        revision = current.map { _ in highestRevision(old) + 1 }
        decide()
        judge(at: now)
    }

    private var isPaused: Bool { deployment[path: ["spec", "paused"]]?.bool == true }

    private mutating func decide() {
        guard deployment[path: ["metadata", "deletionTimestamp"]] == nil else { return }
        if deployment[path: ["spec", "strategy", "type"]]?.string == "Recreate" {
            recreate()
        } else {
            roll()
        }
        guard let current else { return }
        if let revision, RolloutPlan.revision(of: current) < revision, !isPaused {
            steps.append(.number(set: RolloutPlan.name(current), revision: revision))
        }
        let limit = deployment[path: ["spec", "revisionHistoryLimit"]]?.integer ?? 10
        let idle = old.filter {
            RolloutPlan.replicas($0) == 0 && RolloutPlan.count($0, "replicas") == 0
        }
        for set in idle.dropLast(Int(clamping: max(0, limit))) {
            steps.append(.remove(set: RolloutPlan.name(set)))
        }
    }

    /// First the old ones go, then the new ones come.
    private mutating func recreate() {
        guard !isPaused || current != nil else { return }
        for set in old where RolloutPlan.replicas(set) > 0 {
            steps.append(.resize(set: RolloutPlan.name(set), replicas: 0))
        }
        let isClear = old.allSatisfy {
            RolloutPlan.replicas($0) == 0 && RolloutPlan.count($0, "replicas") == 0
                && RolloutPlan.count($0, "terminatingReplicas") == 0
        }
        guard isClear else { return }
        grow(to: wanted)
    }

    /// New ones come and old ones go, within the limits of both.
    private mutating func roll() {
        let surge = share("maxSurge", roundsUp: true)
        var unavailable = share("maxUnavailable", roundsUp: false)
        if surge == 0, unavailable == 0 { unavailable = 1 }
        let present = current.map(RolloutPlan.replicas) ?? 0
        let others = old.map(RolloutPlan.replicas).reduce(0, +)
        if present > wanted || others == 0 {
            grow(to: wanted)
        } else {
            grow(to: min(wanted, present + max(0, wanted + surge - present - others)))
        }
        guard let current, !isPaused else { return }
        let pending = max(0, present - RolloutPlan.count(current, "availableReplicas"))
        var removable = max(0, present + others - (wanted - unavailable) - pending)
        var left: [String: Int] = [:]
        // Old ones that serve nobody go first: they cost nothing.
        for set in old {
            let replicas = RolloutPlan.replicas(set)
            let idle = max(0, replicas - RolloutPlan.count(set, "availableReplicas"))
            let taken = min(idle, removable)
            removable -= taken
            left[RolloutPlan.name(set)] = replicas - taken
        }
        let serving = ([current] + old).map { RolloutPlan.count($0, "availableReplicas") }
            .reduce(0, +)
        removable = min(removable, max(0, serving - (wanted - unavailable)))
        for set in old {
            let name = RolloutPlan.name(set)
            let remaining = left[name] ?? 0
            let taken = min(remaining, removable)
            removable -= taken
            guard remaining - taken != RolloutPlan.replicas(set) else { continue }
            steps.append(.resize(set: name, replicas: remaining - taken))
        }
    }

    /// Brings the set of the template to a size, and makes it where there is none.
    private mutating func grow(to size: Int) {
        if let current {
            guard RolloutPlan.replicas(current) != size else { return }
            steps.append(.resize(set: RolloutPlan.name(current), replicas: size))
        } else if !isPaused {
            steps.append(.create(newSet(replicas: size)))
        }
    }

    private func newSet(replicas: Int) -> JSONValue {
        var template = deployment[path: ["spec", "template"]] ?? [:]
        let collisions = deployment[path: ["status", "collisionCount"]]?.integer ?? 0
        let hash = TemplateHash.text(of: template, salt: collisions)
        template[path: ["metadata", "labels", RolloutPlan.hashKey]] = .string(hash)
        var selector = deployment[path: ["spec", "selector"]] ?? [:]
        selector[path: ["matchLabels", RolloutPlan.hashKey]] = .string(hash)
        let metadata = deployment["metadata"] ?? [:]
        // Among them the cause of the change, which the history of a rollout shows.
        var annotations = metadata["annotations"]?.object ?? [:]
        annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
        annotations[RolloutPlan.revisionKey] = .string(String(highestRevision(old) + 1))
        let name = metadata["name"]?.string ?? ""
        return [
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": [
                "name": .string(name + "-" + hash), "namespace": metadata["namespace"] ?? "",
                "labels": template[path: ["metadata", "labels"]] ?? [:],
                "annotations": .object(annotations),
                "ownerReferences": [
                    [
                        "apiVersion": "apps/v1", "kind": "Deployment", "name": .string(name),
                        "uid": metadata["uid"] ?? "", "controller": true,
                        "blockOwnerDeletion": true,
                    ]
                ],
            ],
            "spec": [
                "replicas": .int(replicas), "selector": selector, "template": template,
                "minReadySeconds": deployment[path: ["spec", "minReadySeconds"]] ?? 0,
            ],
        ]
    }

    /// A share of the wanted pods, as the strategy says it; a quarter where it says nothing.
    private func share(_ field: String, roundsUp: Bool) -> Int {
        let given = deployment[path: ["spec", "strategy", "rollingUpdate", field]] ?? "25%"
        if let number = given.integer { return Int(clamping: max(0, number)) }
        guard let text = given.string, text.hasSuffix("%"), let percent = Int(text.dropLast()),
            (0...100).contains(percent)
        else { return 0 }
        // A foreign number of replicas may be as large as 2^31: its hundredfold fits.
        return (wanted * percent + (roundsUp ? 99 : 0)) / 100
    }

    private func highestRevision(_ sets: [JSONValue]) -> Int64 {
        min(sets.map(RolloutPlan.revision).max() ?? 0, Int64.max - 1)
    }
}

// MARK: - Status

extension RolloutPlan {
    private mutating func judge(at now: Timestamp) {
        let all = (current.map { [$0] } ?? []) + old
        func total(_ field: String) -> Int { all.map { RolloutPlan.count($0, field) }.reduce(0, +) }
        let before = deployment["status"] ?? [:]
        let updated = current.map { RolloutPlan.count($0, "replicas") } ?? 0
        let available = total("availableReplicas")
        status = ["observedGeneration": deployment[path: ["metadata", "generation"]] ?? 0]
        status["collisionCount"] = before["collisionCount"]
        for (name, count) in [
            ("replicas", total("replicas")), ("updatedReplicas", updated),
            ("readyReplicas", total("readyReplicas")), ("availableReplicas", available),
            ("terminatingReplicas", total("terminatingReplicas")),
            ("unavailableReplicas", max(0, max(wanted, total("replicas")) - available)),
        ] where count > 0 {
            status[name] = .int(count)
        }
        let isComplete =
            updated == wanted && total("replicas") == wanted && available == wanted
        let enough = available >= wanted - share("maxUnavailable", roundsUp: false)
        var conditions = [
            condition(
                "Available", enough ? "True" : "False",
                enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                enough
                    ? "Deployment has minimum availability."
                    : "Deployment does not have minimum availability.", at: now)
        ]
        conditions.append(progress(isComplete: isComplete, at: now))
        let failed = all.lazy.compactMap { set in
            (set[path: ["status", "conditions"]]?.array ?? []).first {
                $0["type"]?.string == "ReplicaFailure"
            }
        }.first
        if let failed { conditions.append(failed) }
        status["conditions"] = .array(conditions)
    }

    /// Whether it gets on: it is done, something has changed, or nothing has for too long.
    private mutating func progress(isComplete: Bool, at now: Timestamp) -> JSONValue {
        let set = current.map(RolloutPlan.name)
        if isComplete {
            return condition(
                "Progressing", "True", "NewReplicaSetAvailable",
                "ReplicaSet \"\(set ?? "")\" has successfully progressed.", at: now)
        }
        let before = deployment["status"] ?? [:]
        let known = known("Progressing")
        let counts = ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"]
        let hasMoved = counts.contains { before[$0] != status[$0] }
        let since = known?["lastUpdateTime"]?.string.flatMap { Timestamp($0) } ?? now
        let deadline = deployment[path: ["spec", "progressDeadlineSeconds"]]?.integer ?? 600
        let end = since + .seconds(min(max(0, deadline), Int64(Int32.max)))
        let wasStuck = known?["reason"]?.string == "ProgressDeadlineExceeded"
        let wasComplete = known?["reason"]?.string == "NewReplicaSetAvailable"
        if known != nil, !hasMoved, !wasComplete, !isPaused {
            guard end > now, !wasStuck else {
                return condition(
                    "Progressing", "False", "ProgressDeadlineExceeded",
                    "ReplicaSet \"\(set ?? "")\" has timed out progressing.", at: now)
            }
            due = end
        }
        var moving = condition(
            "Progressing", "True", set == nil ? "NewReplicaSetCreated" : "ReplicaSetUpdated",
            set.map { "ReplicaSet \"\($0)\" is progressing." } ?? "Created new replica set", at: now
        )
        if hasMoved || wasComplete {
            moving["lastUpdateTime"] = .string(now.description)
            due = now + .seconds(min(max(0, deadline), Int64(Int32.max)))
        }
        return moving
    }

    private func known(_ type: String) -> JSONValue? {
        (deployment[path: ["status", "conditions"]]?.array ?? []).first {
            $0["type"]?.string == type
        }
    }

    /// A condition that keeps its times where it says what it said.
    private func condition(
        _ type: String, _ state: String, _ reason: String, _ message: String, at now: Timestamp
    ) -> JSONValue {
        let known = known(type)
        let time = JSONValue.string(now.description)
        let isSame =
            known?["status"]?.string == state && known?["reason"]?.string == reason
            && known?["message"]?.string == message
        return [
            "type": .string(type), "status": .string(state), "reason": .string(reason),
            "message": .string(message),
            "lastUpdateTime": isSame ? known?["lastUpdateTime"] ?? time : time,
            "lastTransitionTime": known?["status"]?.string == state
                ? known?["lastTransitionTime"] ?? time : time,
        ]
    }
}

// MARK: - Reading sets

extension RolloutPlan {
    private static func name(_ set: JSONValue) -> String {
        set[path: ["metadata", "name"]]?.string ?? ""
    }

    private static func replicas(_ set: JSONValue) -> Int {
        Int(clamping: max(0, set[path: ["spec", "replicas"]]?.integer ?? 0))
    }

    private static func count(_ set: JSONValue, _ field: String) -> Int {
        Int(clamping: max(0, set[path: ["status", field]]?.integer ?? 0))
    }

    private static func revision(of set: JSONValue) -> Int64 {
        let text = set[path: ["metadata", "annotations", revisionKey]]?.string ?? ""
        return max(0, Int64(text) ?? 0)
    }

    private static func order(_ set: JSONValue) -> (Int64, String) {
        (revision(of: set), name(set))
    }

    /// The template of a workload without the label that its sets add.
    private static func template(of workload: JSONValue) -> JSONValue {
        var template = workload[path: ["spec", "template"]] ?? [:]
        template[path: ["metadata", "labels", hashKey]] = nil
        return template
    }
}

/// The name that a template gives its set: short, and without vowels, so that no words arise.
enum TemplateHash {
    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

    static func text(of template: JSONValue, salt: Int64) -> String {
        // FNV-1a, as it is published by its authors (draft-eastlake-fnv), over the JSON.
        var hash: UInt32 = 2_166_136_261
        for byte in template.encoded() + Array(String(salt).utf8) {
            hash = (hash ^ UInt32(byte)) &* 16_777_619
        }
        let digits = String(hash).utf8.map { alphabet[Int($0 - 0x30)] }
        return String(decoding: digits, as: UTF8.self)
    }
}
