import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// What the gateway of a process does: finds out who calls, puts what agents say into the cache,
/// and answers with what `LeaseProjection` reads off it.
extension OperatorProcess {
    /// Longest long poll.
    private static let pollTime = Duration.seconds(20)

    /// The picture that agents are answered from.
    func picture(at now: Moment) -> ClusterView? {
        if defects.contains(.answersWithoutLeading) {
            return AgentAdmission.required.allSatisfy(view.isSynced) ? view : nil
        }
        return AgentAdmission.picture(view, under: leadership, at: now.instant)
    }

    /// Tells the cache since when agents are answered.
    mutating func watchPresence(at now: Moment) -> [OperatorEffect] {
        let answersNow = !isStopping && picture(at: now) != nil
        guard answersNow != isAnswering else { return [] }
        isAnswering = answersNow
        return publish(GatewayPresence(answeringFrom: answersNow ? now : nil), at: now)
    }

    /// Takes a call of an agent.
    mutating func take(_ call: AgentCall, at now: Moment) -> [OperatorEffect] {
        let agent = call.runner.pod
        let request = call.request
        guard !isStopping, let picture = picture(at: now) else {
            return [.answer(call, .failed(retryAfter: .seconds(1)))]
        }
        let pod = Key<PodView>(namespace: request.namespace, name: request.pod)
        guard AgentAdmission.accepts(pod, uid: agent, in: picture) else {
            return [.answer(call, .failed(retryAfter: nil))]
        }
        guard calls.take(request, of: agent) else {
            return [.answer(call, .failed(retryAfter: nil))]
        }
        var effects: [OperatorEffect] = []
        if let before = polls.removeValue(forKey: agent) {
            effects += answer(before.call, at: now)
        }
        effects.append(.heard(agent))
        effects += publish(session(of: agent, request, at: now), at: now)
        if defects.contains(.reportsOfOldAttempts) { effects += believeAll(request, at: now) }
        let wait = min(.seconds(request.waitSeconds), Self.pollTime)
        polls[agent] = Poll(call: call, endsAt: now.instant + wait)
        effects += lookAgain(agent, at: now)
        if polls[agent] != nil {
            effects.append(
                .endPoll(
                    agent: agent, sequence: request.sequence, at: now.instant + wait))
        }
        return effects
    }

    /// Answers an agent that waits, if there is news for it or its time is over.
    mutating func lookAgain(_ agent: UID, at now: Moment) -> [OperatorEffect] {
        guard let poll = polls[agent] else { return [] }
        guard let picture = picture(at: now) else {
            polls[agent] = nil
            return [.answer(poll.call, .failed(retryAfter: .seconds(1)))]
        }
        if isBehind(poll.call.request, in: picture, at: now) {
            guard poll.endsAt <= now.instant else { return [] }
            polls[agent] = nil
            return [.answer(poll.call, .failed(retryAfter: .seconds(1)))]
        }
        let reply = LeaseProjection.reply(
            to: poll.call.request, from: agent, in: picture, at: now.time)
        guard reply.isNews(for: poll.call.request) || poll.endsAt <= now.instant else { return [] }
        polls[agent] = nil
        return [.answer(poll.call, .reply(reply.withoutKnownSpecs(for: poll.call.request)))]
    }

    private func answer(_ call: AgentCall, at now: Moment) -> [OperatorEffect] {
        guard let picture = picture(at: now), !isBehind(call.request, in: picture, at: now) else {
            return [.answer(call, .failed(retryAfter: .seconds(1)))]
        }
        let reply = LeaseProjection.reply(
            to: call.request, from: call.runner.pod, in: picture, at: now.time)
        return [.answer(call, .reply(reply.withoutKnownSpecs(for: call.request)))]
    }

    private func isBehind(
        _ request: SyncRequest, in picture: ClusterView, at now: Moment
    ) -> Bool {
        !defects.contains(.trustsOldPictures)
            && LeaseProjection.isBehind(request, in: picture, at: now.instant)
    }

    /// Whether the agent may put a checkpoint under a lease now; nil where that cannot be told.
    func holds(_ lease: LeaseID, _ agent: UID, at now: Moment) -> Bool? {
        picture(at: now).map { LeaseProjection.holds(lease, agent: agent, in: $0) }
    }

    private mutating func session(
        of agent: UID, _ request: SyncRequest, at now: Moment
    ) -> AgentSession {
        var session = AgentSession(podUID: agent, request: request, at: now)
            .following(sessions[agent])
        sessions[agent] = session
        if defects.contains(.wallClockSilence) { session.heardAt = nil }
        return session
    }
}

// MARK: - Deliberate defects

extension OperatorProcess {
    /// The request as a process with these defects sends it.
    mutating func spoiled(_ request: APIRequest) -> APIRequest {
        guard !defects.isEmpty, var body = request.body else { return request }
        if defects.contains(.noIdentityPrecondition) {
            body[path: ["metadata", "uid"]] = nil
            body["preconditions"] = nil
        }
        if defects.contains(.noVersionPrecondition), request.path.hasSuffix("/status") {
            body[path: ["metadata", "resourceVersion"]] = nil
        }
        if defects.contains(.retriesNotCounted) { body[path: ["status", "retries"]] = nil }
        if defects.contains(.backoffForgotten),
            body[path: ["status", "notBefore"]]?.string != nil
        {
            body[path: ["status", "notBefore"]] = nil
        }
        if defects.contains(.randomNames), request.verb == .create, body["kind"] == "Pod" {
            let name = body[path: ["metadata", "name"]]?.string ?? ""
            body[path: ["metadata", "name"]] = .string(
                name.prefix(40) + "-" + String(nameDice.below(1_000_000)))
        }
        return APIRequest(
            request.verb, request.method, path: request.path, parameters: request.parameters,
            body: body, contentType: request.contentType, accept: request.accept)
    }

    /// Files what an agent says about any attempt of a task under the agent that has its lease.
    mutating func believeAll(_ request: SyncRequest, at now: Moment) -> [OperatorEffect] {
        var effects: [OperatorEffect] = []
        for var report in request.reports where report.state == .finished {
            guard let task = view.select(Index<BackgroundTask>.byUID, report.id.taskUID.text).first,
                let lease = task.lease, let agent = task.status.agent, lease.id != report.id,
                var session = view[
                    Key<AgentSession>(
                        namespace: agent.namespace ?? task.metadata.namespace, name: agent.name)]
            else { continue }
            report.id = lease.id
            session.reports.removeAll { $0.id == lease.id }
            session.reports.append(report)
            effects += publish(session, at: now)
        }
        return effects
    }

    /// Shows an assignment to agents although the server has not stored it.
    mutating func showEarly(
        _ plan: Plan, _ root: ObjectRef, at now: Moment
    ) -> [OperatorEffect] {
        let key = Key<BackgroundTask>(namespace: root.namespace, name: root.name)
        guard var task = view[key], let desired = plan.status?.desired,
            let document = try? JSONDocument(parsing: desired.encoded()),
            let status = try? BackgroundTaskStatus(reading: document.root)
        else { return [] }
        task.status = status
        guard let change = view.publish(task) else { return [] }
        return spread([change], of: BackgroundTask.self, at: now)
    }
}
