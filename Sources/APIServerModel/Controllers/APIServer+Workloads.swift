import KubernetesCore

extension APIServer {
    /// Marks the workloads that a change may concern.
    mutating func observeWorkloads(_ change: Change, _ place: ModelControllers.Place) {
        switch change.resource {
        case .deployments, .replicaSets: controllers.unrolled.insert(place)
        case .pods: break
        // What refused a pod may let it in now.
        case .resourceQuotas, .limitRanges, .serviceAccounts, .namespaces, .priorityClasses:
            let namespace = change.object?.namespace ?? ""
            for set in store.objects(.replicaSets, namespace: namespace) {
                controllers.unrolled.insert(.init(resource: .replicaSets, key: set.key))
            }
        default: return
        }
        for object in [change.old, change.new] {
            guard let object else { continue }
            for owner in object.owners where owner["controller"]?.bool == true {
                guard let found = controllers.places[owner["uid"]?.string ?? ""],
                    found.resource == .deployments || found.resource == .replicaSets
                else { continue }
                controllers.unrolled.insert(found)
            }
        }
    }

    /// Brings Deployments and ReplicaSets on. What they write goes through the same door as the
    /// requests of clients, so that admission, quota and validation hold for it as well.
    mutating func rollWorkloads(at now: Timestamp) {
        if let due = controllers.workloadsDue, due <= now {
            controllers.workloadsDue = nil
            for resource in [GroupResource.deployments, .replicaSets] {
                for object in store.objects(resource) {
                    controllers.unrolled.insert(.init(resource: resource, key: object.key))
                }
            }
        }
        let places = controllers.unrolled.sorted()
        controllers.unrolled = []
        for place in places {
            guard let object = store.collections[place.resource]?[place.key] else { continue }
            if place.resource == .deployments {
                roll(object, at: now)
            } else {
                replicate(object, at: now)
            }
        }
    }

    private mutating func considerWorkloads(_ due: Timestamp?) {
        guard let due else { return }
        controllers.workloadsDue = min(controllers.workloadsDue ?? due, due)
    }

    private func controlled(_ resource: GroupResource, by owner: StoredObject) -> [JSONValue] {
        (controllers.dependents[owner.uid] ?? []).sorted().compactMap { place in
            guard place.resource == resource, let object = store.collections[resource]?[place.key],
                object.owners.contains(where: {
                    $0["controller"]?.bool == true && $0["uid"]?.string == owner.uid
                })
            else { return nil }
            return object.value
        }
    }

    private mutating func roll(_ deployment: StoredObject, at now: Timestamp) {
        let plan = RolloutPlan(
            of: deployment.value, sets: controlled(.replicaSets, by: deployment), at: now)
        let sets = "/apis/apps/v1/namespaces/\(deployment.namespace)/replicasets"
        let key = RolloutPlan.revisionKey
        var status = plan.status
        for step in plan.steps {
            switch step {
            case .create(let set):
                guard let refusal = act("POST", sets, set, at: now) else { continue }
                guard refusal["reason"]?.string == "AlreadyExists" else {
                    let old = deployment.value[path: ["status", "conditions"]]
                    let failure = APIServer.failure("ReplicaSetCreateError", refusal, old, at: now)
                    status["conditions"] = .array((status["conditions"]?.array ?? []) + [failure])
                    continue
                }
                // Another set has the name: the next one gets a name of its own.
                let count = status["collisionCount"]?.integer ?? 0
                status["collisionCount"] = .integer(min(count, Int64(Int32.max) - 1) + 1)
            case .resize(let set, let replicas):
                act("PATCH", sets + "/" + set, ["spec": ["replicas": .int(replicas)]], at: now)
            case .number(let set, let revision):
                act(
                    "PATCH", sets + "/" + set,
                    ["metadata": ["annotations": [key: .string("\(revision)")]]],
                    at: now)
            case .remove(let set): act("DELETE", sets + "/" + set, nil, at: now)
            }
        }
        let path =
            "/apis/apps/v1/namespaces/\(deployment.namespace)/deployments/"
            + deployment.name
        if let revision = plan.revision,
            deployment.metadata[path: ["annotations", key]]?.string != String(revision)
        {
            act(
                "PATCH", path, ["metadata": ["annotations": [key: .string("\(revision)")]]],
                at: now)
        }
        report(status, of: deployment, at: path, now)
        considerWorkloads(plan.due)
    }

    private mutating func replicate(_ set: StoredObject, at now: Timestamp) {
        let plan = ReplicaPlan(of: set.value, pods: controlled(.pods, by: set), at: now)
        let pods = "/api/v1/namespaces/\(set.namespace)/pods"
        var refusal: JSONValue?
        for _ in 0..<plan.creations where refusal == nil {
            refusal = act("POST", pods, APIServer.pod(of: set), at: now)
        }
        for name in plan.deletions { act("DELETE", pods + "/" + name, nil, at: now) }
        var status = plan.status
        if let refusal {
            let old = set.value[path: ["status", "conditions"]]
            status["conditions"] = [APIServer.failure("FailedCreate", refusal, old, at: now)]
        }
        let path = "/apis/apps/v1/namespaces/\(set.namespace)/replicasets/" + set.name
        report(status, of: set, at: path, now)
        considerWorkloads(plan.due)
    }

    /// The condition that tells why something could not be made.
    private static func failure(
        _ reason: String, _ refusal: JSONValue, _ old: JSONValue?, at now: Timestamp
    ) -> JSONValue {
        let known = (old?.array ?? []).first { $0["type"]?.string == "ReplicaFailure" }
        return [
            "type": "ReplicaFailure", "status": "True", "reason": .string(reason),
            "message": refusal["message"] ?? "",
            "lastTransitionTime": known?["lastTransitionTime"] ?? .string(now.description),
        ]
    }

    private static func pod(of set: StoredObject) -> JSONValue {
        var pod = set.value[path: ["spec", "template"]] ?? [:]
        pod["apiVersion"] = "v1"
        pod["kind"] = "Pod"
        pod[path: ["metadata", "generateName"]] = .string(set.name + "-")
        pod[path: ["metadata", "ownerReferences"]] = [
            [
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": .string(set.name),
                "uid": .string(set.uid), "controller": true, "blockOwnerDeletion": true,
            ]
        ]
        return pod
    }

    /// Writes a status that says something new.
    private mutating func report(
        _ status: JSONValue, of object: StoredObject, at path: String, _ now: Timestamp
    ) {
        guard let live = store.collections[resource(at: path)]?[object.key],
            live.value["status"] != status
        else { return }
        var value = live.value
        value["status"] = status
        value[path: ["metadata", "resourceVersion"]] = nil
        value[path: ["metadata", "managedFields"]] = nil
        value["apiVersion"] = "apps/v1"
        value["kind"] = path.contains("/deployments/") ? "Deployment" : "ReplicaSet"
        act("PUT", path + "/status", value, at: now)
    }

    private func resource(at path: String) -> GroupResource {
        path.contains("/deployments/") ? .deployments : .replicaSets
    }

    /// Sends a request of the workload controllers. Returns the status object of a refusal.
    @discardableResult
    private mutating func act(
        _ method: String, _ path: String, _ body: JSONValue?, at now: Timestamp
    ) -> JSONValue? {
        let type = method == "PATCH" ? "application/merge-patch+json" : "application/json"
        let reply = handle(
            ServerRequest(
                method: method, path: path,
                headers: [
                    ("content-type", type), ("user-agent", "kube-controller-manager/v1.36.0"),
                ],
                body: body?.encoded() ?? [], clientIdentity: .workloadController), at: now)
        guard case .response(let status, _, let bytes) = reply, status >= 300 else { return nil }
        return (try? JSONValue(parsing: bytes)) ?? ["reason": "InternalError"]
    }
}

extension UserIdentity {
    /// The controllers of Deployments and ReplicaSets inside the server.
    static let workloadController = UserIdentity(
        name: "system:kube-controller-manager",
        groups: ["system:masters", "system:authenticated"])
}
