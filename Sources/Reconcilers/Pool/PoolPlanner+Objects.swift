import ControlLoop
import KubernetesCore
import SwiftletAPI

/// The objects beside a pool's agents: what they may reach, use up and run as, and what keeps node
/// drains off busy ones.
extension PoolPlanner {
    /// How long an agent has been at work before node drains are kept off it.
    static let protectedAfter = Duration.seconds(30)

    /// Creates, mends and removes those objects, before any agent is created.
    mutating func keepObjects() {
        let wanted = PoolObject.all(of: pool, settings: settings)
        var actions: [Action] = []
        for object in wanted {
            guard let there = world.objects.first(where: { $0.isOf(object) }) else {
                actions.append(.create(object.object(of: pool), of: object.type))
                continue
            }
            guard there.owner == pool.metadata.uid else { continue }
            if let patch = object.patch(from: there.content) {
                actions.append(.patch(there.reference, patch))
            }
        }
        for there in world.objects
        where there.owner == pool.metadata.uid && !wanted.contains(where: { there.isOf($0) }) {
            actions.append(.delete(there.reference))
        }
        if !actions.isEmpty { result.steps.append(actions) }
    }

    /// Marks agents that have been at work for a while, for the PodDisruptionBudget. The mark stays
    /// while more work waits, so that an agent which goes from task to task is not written often.
    mutating func keepBusyMarks() {
        var actions: [Action] = []
        for member in members where member.standing.isPresent && !ended.contains(member.name) {
            let isMarked = member.pod.metadata.labels[SwiftletNames.Label.busy] == "true"
            if let since = member.agent.busySince {
                let due = since + PoolPlanner.protectedAfter
                guard !isMarked else { continue }
                if due > now {
                    result.wake(at: due)
                } else {
                    actions.append(mark(member.pod, busy: true))
                }
            } else if isMarked, world.backlog.queued == 0 {
                actions.append(mark(member.pod, busy: false))
            }
        }
        if !actions.isEmpty { result.steps.append(actions) }
    }

    /// Objects of the pool's names that somebody else has.
    var foreignObjects: [ObjectRef] {
        let wanted = PoolObject.all(of: pool, settings: settings)
        return world.objects.filter { there in
            there.owner != pool.metadata.uid && wanted.contains { there.isOf($0) }
        }.map(\.reference)
    }

    private func mark(_ pod: PodView, busy: Bool) -> Action {
        let value: JSONValue = busy ? "true" : .null
        return .patch(
            pod.reference, ["metadata": ["labels": [SwiftletNames.Label.busy: value]]])
    }
}

extension PoolWorld.Object {
    /// Whether this is the object that `wanted` describes.
    fileprivate func isOf(_ wanted: PoolObject) -> Bool {
        reference.type == wanted.type && reference.name == wanted.name
    }
}
