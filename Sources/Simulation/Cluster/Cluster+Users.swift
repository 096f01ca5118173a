import APIServerModel
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// What users do.
extension Cluster {
    /// A user does the thing of this number; later, while the server is not there.
    mutating func act(_ index: Int) {
        guard stage == .faulty else { return }
        guard !isServerDown else {
            events.add(.user(index), at: now + .seconds(1))
            return
        }
        let deed = scenario.steps[index].deed
        trace.note(now, "user", "\(index)", deed.text)
        switch deed {
        case .create(let object): serve(.create(object.value, of: object.type), as: .user)
        case .patch(let object, let patch): serve(.mergePatch(object, patch), as: .user)
        case .delete(let object):
            checker.userDeletes(object)
            serve(.delete(object), as: .user)
        case .renew(let object, let new): renew(object, new, step: index)
        case .killAgent(let pool, let index):
            let agents = history.pods.filter { $0.metadata.controller?.name == pool }
            guard !agents.isEmpty else { return }
            let agent = agents[index % agents.count].reference
            failOverPerhaps()
            serve(.delete(agent, DeleteOptions(uid: agent.uid, graceSeconds: 0)), as: .user)
        case .impostor(let pool, let index): createImpostor(of: pool, index)
        case .drain(let node): drain(node)
        }
    }

    /// Evicts every agent of a node: those whose budget does not allow it stay.
    private mutating func drain(_ node: Int) {
        for pod in history.pods where pod.node == ModelNode.name(node) && !pod.isDeleting {
            let reference = pod.reference
            let reply = serve(
                APIRequest(
                    .create, .post, path: reference.path(subresource: "eviction"),
                    body: [
                        "apiVersion": "policy/v1", "kind": "Eviction",
                        "metadata": [
                            "name": .string(reference.name),
                            "namespace": .string(reference.namespace),
                        ],
                    ]), as: .user)
            if case .response(429, _, _) = reply { counts.count("eviction refused") }
        }
    }

    /// Somebody restores an agent from a copy just before a write to it arrives: the name stays,
    /// the UID is another.
    mutating func replacePerhaps(_ pending: PendingRequest) {
        guard case .action(_, _, let action) = pending.errand, action.type == .pod else { return }
        if case .create(_, of: _) = action { return }
        guard restores.happens(faults.replacedBeforeWrite), stage == .faulty,
            let pod = history.pod(
                named: Key(namespace: action.target.namespace, name: action.target.name)),
            !pod.isDeleting, !pod.phase.isTerminal, pod.metadata.controller != nil,
            var copy = stored(pod.reference)
        else { return }
        counts.count("agent restored from a copy")
        let metadata = copy["metadata"]
        copy["status"] = nil
        copy["spec"]?["nodeName"] = nil
        copy["metadata"] = [
            "name": .string(pod.metadata.name), "namespace": .string(pod.metadata.namespace),
            "labels": metadata?["labels"] ?? .object([:]),
            "annotations": metadata?["annotations"] ?? .object([:]),
            "ownerReferences": metadata?["ownerReferences"] ?? [],
        ]
        serve(
            .delete(pod.reference, DeleteOptions(uid: pod.metadata.uid, graceSeconds: 0)),
            as: .user)
        serve(.create(copy, of: .pod), as: .user)
    }

    /// An object as the server has it.
    private mutating func stored(_ object: ObjectRef) -> JSONValue? {
        guard case .response(200, _, let body) = serve(.get(object), as: .administrator) else {
            return nil
        }
        return try? JSONDocument(parsing: body).root.value()
    }

    private mutating func renew(_ object: ObjectRef, _ new: ModelObject, step: Int) {
        if renewals.insert(step).inserted {
            checker.userDeletes(object)
            serve(.delete(object), as: .user)
        }
        if history.has(object) {
            events.add(.user(step), at: now + .milliseconds(150))
        } else {
            serve(.create(new.value, of: new.type), as: .user)
        }
    }

    private mutating func createImpostor(of name: String, _ index: Int) {
        guard let pool = history.pools.first(where: { $0.metadata.name == name }) else { return }
        let pod: JSONValue = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string("\(name)-impostor-\(index)"),
                "namespace": .string(Scenario.home),
                "labels": .strings([
                    SwiftletNames.Label.pool: name,
                    SwiftletNames.Label.managedBy: SwiftletNames.managedBy,
                    SwiftletNames.Label.component: "agent",
                ]),
                "annotations": .strings(["simulation/pool-uid": pool.metadata.uid.text]),
            ],
            "spec": ["containers": [["name": "agent", "image": "simulated"]]],
        ]
        serve(.create(pod, of: .pod), as: .user)
    }

    // MARK: - The history

    /// Opens the watches through which the checkers see every revision.
    mutating func openHistory() {
        for type in History.kinds {
            let query = WatchQuery(
                resourceVersion: server.resourceVersion, bookmarks: false,
                timeoutSeconds: 86_400)
            openHistory(type, query)
        }
    }

    private mutating func openHistory(_ type: ResourceType, _ query: WatchQuery) {
        let request = APIRequest.watch(type, query)
        let reply = server.handle(
            ServerRequest(request.http, as: .administrator),
            at: SimulatedClock.right.moment(at: now).time)
        guard case .watch(let watch, _) = reply else {
            preconditionFailure("the model server refuses the history's watch of \(type.plural)")
        }
        streams[Int(watch.number)] = StreamRoute(reader: .history, type: type)
    }

    /// Goes on with a watch of the history that the server has ended.
    mutating func reopenHistory(_ stream: Int, _ type: ResourceType) {
        streams[stream] = nil
        openHistory(
            type, WatchQuery(resourceVersion: server.resourceVersion, bookmarks: false))
    }

    /// One change at the server: checked, then believed.
    mutating func observe(_ change: HistoryChange) {
        trace.note(now, "change", "\(change.revision)", change.text)
        if !change.isLease { checker.changed(at: now) }
        fail(checker.observe(change, history, at: now))
        let old = history.pod(change.podUID)
        history.take(change, at: now)
        if case .pod(let pod, let isGone) = change.object {
            podChanged(old ?? pod, isGone ? nil : pod)
            if pod.phase.isTerminal, old?.phase.isTerminal == false { failOverPerhaps() }
        }
        fail(checker.observed(change, history, at: now))
    }
}

extension UserIdentity {
    /// Whoever works with the cluster.
    static let user = UserIdentity(
        name: "user", groups: ["system:masters", "system:authenticated"])
}
