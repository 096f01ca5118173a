import ControlLoop
import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// How agents are made again that were lost in numbers, with a node or by a crash that they share.
extension PoolPlanner {
    /// How many agents must be missing for it.
    static let refillMin = 3
    /// The shortest pause between two batches; up to as much again is added at random.
    static let refillPause = Duration.seconds(1)
    /// How long an agent counts as made in this refill.
    static let refillSpan = Duration.seconds(30)

    /// How many of `missing` agents are made now. A pool that grows gets all of them at once. One
    /// that has lost many gets one, then as many as it has got back, after pauses that differ from
    /// pool to pool: so pools that lost their agents together do not come back together, and what
    /// ended the agents can end a few new ones only.
    mutating func refill(_ missing: Int, at now: Timestamp) -> Int {
        let grows = pool.status.desiredReplicas < wanted || pool.status.lastUpdateTime == nil
        guard missing >= Self.refillMin, !grows, pool.spec.agent.recycle.mode != .ephemeral else {
            return missing
        }
        let fresh = members.filter {
            $0.standing.isPresent && $0.pod.metadata.creationTime > now - Self.refillSpan
        }
        guard
            let newest = fresh.max(by: {
                $0.pod.metadata.creationTime < $1.pod.metadata.creationTime
            })
        else { return 1 }
        let jitter = StableHash.fraction(StableHash.of(newest.pod.metadata.uid.text))
        let pause = Self.refillPause + .milliseconds(Int(jitter * 1_000))
        let due = newest.pod.metadata.creationTime + pause
        // An agent from far ahead was made by a clock that was wrong.
        if due > now, due <= now + Self.clockSlack {
            result.wake(at: due)
            return 0
        }
        return min(missing, fresh.count)
    }
}
