import APIServerModel
import AgentProtocol
import KubernetesCore
import Reconcilers

/// Nodes: what their kubelets do about pods.
extension Cluster {
    /// A pod has changed at the server: its node hears of it.
    mutating func podChanged(_ old: PodView?, _ new: PodView?) {
        if let old, old.metadata.uid != new?.metadata.uid, pods[old.metadata.uid] != nil {
            events.add(.pod(old.metadata.uid), at: now + world.milliseconds(5...200))
        }
        guard let new, let name = new.node,
            let node = nodes.firstIndex(where: { $0.name == name })
        else { return }
        let uid = new.metadata.uid
        if pods[uid] == nil, new.metadata.controller != nil, !new.phase.isTerminal {
            let pull = world.milliseconds(100...3_000)
            let slots = Int(new.metadata.annotations["simulation/slots"] ?? "") ?? 1
            var pod = ModelPod(
                key: new.key, uid: uid, node: node, slots: slots,
                stage: .pulling(until: now + pull))
            if stage == .faulty, chance.happens(faults.evicted) {
                pod.evictAt = now + pull + chance.seconds(1...60)
            }
            pods[uid] = pod
            events.add(.pod(uid), at: now + pull)
            if let evictAt = pod.evictAt { events.add(.pod(uid), at: evictAt) }
        }
        if new.isDeleting, pods[uid] != nil, pods[uid]?.killAt == nil {
            events.add(.pod(uid), at: now + world.milliseconds(5...200))
        }
    }

    /// The node looks at one of its pods and does what is due.
    mutating func lookAt(pod uid: UID) {
        guard var pod = pods[uid], nodes[pod.node].isUp else { return }
        guard let seen = history.pod(uid) else {
            killRunner(uid)
            pods[uid] = nil
            disks[uid] = nil
            return
        }
        if seen.isDeleting { beginDeletion(seen, &pod) }
        if let killAt = pod.killAt, killAt <= now || agents[uid] == nil {
            killRunner(uid)
            pods[uid] = pod
            return remove(pod)
        }
        if let evictAt = pod.evictAt, evictAt <= now, pod.stage != .ended {
            counts.count("eviction")
            killRunner(uid)
            pod.stage = .ended
            pod.isReady = false
            pod.lastEnd = ("Evicted", 137)
            pod.mustReport = true
        }
        switch pod.stage {
        case .pulling(let until), .waiting(let until):
            guard until <= now, pod.killAt == nil else { break }
            pod.stage = .running
            pod.starts += 1
            pod.startedAt = now
            pod.readyAt = now + world.milliseconds(50...1_000)
            pod.mustReport = true
            pods[uid] = pod
            startRunner(in: pod.key, uid, start: pod.starts, slots: pod.slots)
            if let readyAt = pod.readyAt { events.add(.pod(uid), at: readyAt) }
        case .running:
            if let readyAt = pod.readyAt, readyAt <= now, !pod.isReady, pod.killAt == nil {
                pod.readyAt = nil
                pod.isReady = true
                pod.mustReport = true
            }
        case .ended: break
        }
        if pod.mustReport { report(&pod) }
        pods[uid] = pod
    }

    private mutating func beginDeletion(_ seen: PodView, _ pod: inout ModelPod) {
        let grace = Duration.seconds(seen.metadata.deletionGraceSeconds ?? 30)
        let due = now + grace
        guard let earlier = pod.killAt else {
            pod.killAt = due
            events.add(.pod(pod.uid), at: due)
            if let id = agents[pod.uid]?.id {
                events.add(.runner(id, .shutdown), at: now)
            }
            return
        }
        if due < earlier {
            pod.killAt = due
            events.add(.pod(pod.uid), at: due)
        }
    }

    private mutating func remove(_ pod: ModelPod) {
        guard !isServerDown else {
            events.add(.pod(pod.uid), at: now + .seconds(1))
            return
        }
        let reference = ObjectRef(
            type: .pod, namespace: pod.key.namespace, name: pod.key.name, uid: pod.uid)
        serve(
            .delete(reference, DeleteOptions(uid: pod.uid, graceSeconds: 0)),
            as: .node(nodes[pod.node].name))
        pods[pod.uid] = nil
        disks[pod.uid] = nil
    }

    // MARK: - Containers

    /// The container of a runner ends by itself.
    mutating func containerEnds(_ id: RunnerID, reason: String, code: Int) {
        guard agents[id.pod]?.id == id, var pod = pods[id.pod] else { return }
        trace.note(now, "container ends", pod.key.description, reason)
        killRunner(id.pod)
        let wait = pod.starts <= 1 ? Duration.milliseconds(500) : .seconds(10)
        pod.stage = .waiting(until: now + wait)
        pod.isReady = false
        pod.lastEnd = (reason, code)
        pod.mustReport = true
        pods[id.pod] = pod
        events.add(.pod(id.pod), at: now + world.milliseconds(10...400))
        events.add(.pod(id.pod), at: now + wait)
    }

    /// A runner has ended because it was asked to.
    mutating func runnerExits(_ id: RunnerID) {
        guard let pod = pods[id.pod] else { return killRunner(id.pod) }
        if pod.killAt == nil {
            containerEnds(id, reason: "Completed", code: 0)
        } else {
            killRunner(id.pod)
            events.add(.pod(id.pod), at: now + .milliseconds(20))
        }
    }

    /// Everything in a pod ends at once.
    mutating func killRunner(_ uid: UID) {
        guard let agent = agents.removeValue(forKey: uid) else { return }
        for (lease, work) in agent.works.sorted(by: { $0.key < $1.key }) where work.isRunning {
            checker.ended(lease, .lost("killed with its agent"), by: uid)
        }
    }

    private mutating func report(_ pod: inout ModelPod) {
        guard !isServerDown else {
            events.add(.pod(pod.uid), at: now + .seconds(1))
            return
        }
        pod.mustReport = false
        let reference = ObjectRef(
            type: .pod, namespace: pod.key.namespace, name: pod.key.name, uid: pod.uid)
        let request = APIRequest(
            .patch, .patch, path: reference.path(subresource: "status"),
            body: ["metadata": ["uid": .string(pod.uid.text)], "status": status(of: pod)],
            contentType: "application/strategic-merge-patch+json")
        pods[pod.uid] = pod
        serve(request, as: .node(nodes[pod.node].name))
    }

    private func status(of pod: ModelPod) -> JSONValue {
        let time = { (time: SimulatedTime) -> JSONValue in
            .string(SimulatedClock.right.moment(at: time).time.description)
        }
        var container: JSONValue = [
            "name": "agent", "image": "simulated", "imageID": "", "ready": .bool(pod.isReady),
            "restartCount": .int(max(0, pod.starts - (pod.stage == .running ? 1 : 0))),
            "state": ["waiting": ["reason": "ContainerCreating"]],
        ]
        var end: JSONValue?
        if let last = pod.lastEnd {
            end = [
                "terminated": [
                    "exitCode": .int(last.code), "reason": .string(last.reason),
                    "finishedAt": time(now),
                ]
            ]
        }
        var status: JSONValue = [
            "phase": "Running",
            "conditions": [
                [
                    "type": "Ready", "status": pod.isReady ? "True" : "False",
                    "lastTransitionTime": time(now),
                ]
            ],
        ]
        switch pod.stage {
        case .pulling: status["phase"] = "Pending"
        case .running: container["state"] = ["running": ["startedAt": time(pod.startedAt)]]
        case .waiting: container["state"] = ["waiting": ["reason": "CrashLoopBackOff"]]
        case .ended:
            status["phase"] = "Failed"
            status["reason"] = .string(pod.lastEnd?.reason ?? "Error")
        }
        if pod.stage == .ended, let end {
            container["state"] = end
        } else if let end {
            container["lastState"] = end
        }
        status["containerStatuses"] = [container]
        return status
    }

    // MARK: - Losing nodes

    /// Something happens to a node.
    mutating func happen(_ fault: NodeFault, to index: Int) {
        trace.note(now, "node", nodes[index].name, "\(fault)")
        switch fault {
        case .goes:
            guard stage == .faulty, nodes[index].isUp else { return }
            counts.count("node lost")
            nodes[index].isUp = false
            nodes[index].lostAt = now
            // Its agents go on as if nothing had happened, or stand still and wake up later.
            let back = now + chance.seconds(5...150)
            if chance.happens(600) {
                for uid in agents.keys.sorted() where pods[uid]?.node == index {
                    agents[uid]?.frozenUntil = back
                }
            }
            events.add(.node(index, .isMissed), at: now + .seconds(40))
            events.add(.node(index, .comesBack), at: back)
        case .isMissed:
            guard !nodes[index].isUp, !isServerDown else { return }
            serve(ModelNode.status(of: index, isReady: false), as: .administrator)
            for uid in pods.keys.sorted() where pods[uid]?.node == index { markUnready(uid) }
        case .comesBack:
            guard !nodes[index].isUp else { return }
            nodes[index].isUp = true
            nodes[index].lostAt = nil
            serve(ModelNode.status(of: index, isReady: true), as: .administrator)
            for uid in pods.keys.sorted() where pods[uid]?.node == index {
                agents[uid]?.frozenUntil = now
                pods[uid]?.mustReport = true
                events.add(.pod(uid), at: now + world.milliseconds(5...500))
            }
        }
    }

    /// The node controller says that nothing is known of a pod.
    private mutating func markUnready(_ uid: UID) {
        guard let pod = pods[uid], history.pod(uid) != nil else { return }
        let reference = ObjectRef(
            type: .pod, namespace: pod.key.namespace, name: pod.key.name, uid: uid)
        let time = SimulatedClock.right.moment(at: now).time.description
        serve(
            APIRequest(
                .patch, .patch, path: reference.path(subresource: "status"),
                body: [
                    "status": [
                        "conditions": [
                            [
                                "type": "Ready", "status": "False",
                                "reason": "NodeNotReady", "lastTransitionTime": .string(time),
                            ]
                        ]
                    ]
                ], contentType: "application/strategic-merge-patch+json"), as: .administrator)
    }
}
