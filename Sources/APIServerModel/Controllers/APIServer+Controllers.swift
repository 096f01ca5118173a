import KubernetesCore

extension APIServer {
    /// Runs the controllers until none has anything to do. Bounded: what is still to do after that
    /// many rounds is done at the next call.
    mutating func runControllers(at now: Timestamp) -> Timestamp? {
        for _ in 0..<50 {
            let changes = store.takeUnseen()
            for change in changes { observe(change, at: now) }
            expireEvents(at: now)
            act(at: now)
            if !store.hasUnseen { break }
        }
        var due = watches.tick(at: now)
        func consider(_ time: Timestamp?) {
            guard let time else { return }
            due = min(due ?? time, time)
        }
        consider(controllers.expiring.first?.time)
        consider(nextAbandoned(at: now))
        consider(controllers.nodesDue)
        consider(controllers.workloadsDue)
        if controllers.hasTerminating {
            for namespace in store.objects(.namespaces) {
                guard let time = APIServer.finalization(of: namespace), time > now else { continue }
                consider(time)
            }
        }
        if store.hasUnseen { consider(now) }
        return due
    }

    private mutating func act(at now: Timestamp) {
        removeAbandoned(at: now)
        if controllers.mustJudgeNodes || (controllers.nodesDue.map { $0 <= now } ?? false) {
            controllers.mustJudgeNodes = false
            controllers.nodesDue = judgeNodes(at: now)
        }
        if controllers.mustAggregate { aggregateRoles() }
        if controllers.hasTerminating {
            finalizeNamespaces(at: now)
            finalizeDefinitions(at: now)
            controllers.hasTerminating =
                store.objects(.namespaces).contains { $0.isDeleting }
                || store.objects(.definitions).contains { $0.isDeleting }
        }
        collectGarbage(at: now)
        rollWorkloads(at: now)
        if controllers.mustSchedule { schedule(at: now) }
        for namespace in controllers.uncounted.sorted() {
            refreshQuotas(namespace)
            refreshBudgets(namespace, at: now)
        }
        controllers.uncounted = []
    }

    /// Brings the controllers' memory up to date with one change.
    mutating func observe(_ change: Change, at now: Timestamp) {
        guard let object = change.object else { return }
        let place = ModelControllers.Place(resource: change.resource, key: object.key)
        observeOwners(change, place)
        observeWorkloads(change, place)
        switch change.resource {
        case .namespaces:
            if let new = change.new {
                furnish(new, at: now)
                if new.isDeleting { controllers.hasTerminating = true }
            }
        case .definitions:
            if change.new?.isDeleting == true { controllers.hasTerminating = true }
        case .pods: observePod(change, place)
        case .nodes:
            controllers.mustSchedule = true
            controllers.mustJudgeNodes = true
        case .leases:
            if object.namespace == "kube-node-lease" { controllers.mustJudgeNodes = true }
        case .clusterRoles: controllers.mustAggregate = true
        case .events:
            if change.old == nil, change.new != nil {
                controllers.expiring.append((now + ModelControllers.eventLifetime, place))
            }
        case .resourceQuotas, .disruptionBudgets:
            controllers.uncounted.insert(object.namespace)
        case .serviceAccounts, .configMaps:
            if change.new == nil, let namespace = store.object(.namespaces, "", object.namespace) {
                furnish(namespace, at: now)
            }
        default: break
        }
        if change.new == nil { controllers.hasTerminating = true }
        if store.count(.resourceQuotas) > 0, change.old == nil || change.new == nil,
            !object.namespace.isEmpty
        {
            controllers.uncounted.insert(object.namespace)
        }
    }

    private mutating func observePod(_ change: Change, _ place: ModelControllers.Place) {
        controllers.count(change.old, adding: false)
        controllers.count(change.new, adding: true)
        if controllers.hasTainted { controllers.mustJudgeNodes = true }
        controllers.unbound.remove(place)
        controllers.leaving.remove(place)
        guard let pod = change.new else {
            controllers.mustSchedule = true
            controllers.uncounted.insert(change.object?.namespace ?? "")
            return
        }
        if change.old.map({ PodCount($0) }) != PodCount(pod) {
            controllers.uncounted.insert(pod.namespace)
        }
        if pod.value[path: ["spec", "affinity", "podAntiAffinity"]] != nil {
            controllers.hasAntiAffinity = true
        }
        let node = pod.value[path: ["spec", "nodeName"]]?.string ?? ""
        if node.isEmpty, !pod.isDeleting,
            pod.value[path: ["spec", "schedulerName"]]?.string == "default-scheduler"
        {
            controllers.unbound.insert(place)
            if change.old?.value["spec"] != pod.value["spec"] { controllers.mustSchedule = true }
        }
        if !node.isEmpty, pod.isDeleting { controllers.leaving.insert(place) }
        if PodCount(pod).hasEnded { controllers.mustSchedule = true }
    }

    private mutating func expireEvents(at now: Timestamp) {
        while let first = controllers.expiring.first, first.time <= now {
            controllers.expiring.popFirst()
            guard let object = store.collections[first.place.resource]?[first.place.key],
                let definition = registry[first.place.resource]
            else { continue }
            remove(object, of: definition)
        }
    }

    /// Takes out pods that nobody can end: their node does not exist and their grace is over.
    private mutating func removeAbandoned(at now: Timestamp) {
        for place in controllers.leaving.sorted() {
            guard let pod = store.collections[.pods]?[place.key], isAbandoned(pod),
                let due = leaveTime(pod), due <= now, pod.finalizers.isEmpty,
                let definition = registry[.pods]
            else { continue }
            remove(pod, of: definition)
        }
    }

    private func nextAbandoned(at now: Timestamp) -> Timestamp? {
        controllers.leaving.compactMap { place -> Timestamp? in
            guard let pod = store.collections[.pods]?[place.key], isAbandoned(pod),
                pod.finalizers.isEmpty
            else { return nil }
            return leaveTime(pod)
        }.min()
    }

    private func isAbandoned(_ pod: StoredObject) -> Bool {
        store.object(.nodes, "", pod.value[path: ["spec", "nodeName"]]?.string ?? "") == nil
    }

    private func leaveTime(_ pod: StoredObject) -> Timestamp? {
        pod.metadata["deletionTimestamp"]?.string.flatMap { Timestamp($0) }
    }

    /// What the server does at once when an object was made.
    mutating func didCreate(_ object: StoredObject, _ call: APICall) {
        if call.definition.storage == .definitions { establish(object, at: call.now) }
    }

    /// What the server does at once when an object was changed.
    mutating func didUpdate(_ object: StoredObject, _ call: APICall) {
        if call.definition.storage == .definitions, !object.isDeleting {
            establish(object, at: call.now)
        }
    }
}

/// What of a pod quotas and disruption budgets count.
struct PodCount: Equatable {
    var hasEnded: Bool
    var isReady: Bool
    var isDeleting: Bool
    var labels: JSONObject

    init(_ pod: StoredObject) {
        let phase = pod.value[path: ["status", "phase"]]?.string
        hasEnded = phase == "Succeeded" || phase == "Failed"
        isReady = PodColumns.Summary.isTrue(pod.value, "Ready")
        isDeleting = pod.isDeleting
        labels = pod.labels
    }
}
