public import KubernetesCore
public import SwiftletAPI

/// How many agents a pool should have, from its load. Knows no pods: counts in, a size out.
public enum Autoscaler {
    /// What the size depends on.
    public struct Reading: Hashable, Sendable {
        /// Tasks that could run at once.
        public var queued: Int
        /// Tasks that run.
        public var running: Int
        /// Seconds of work that the queued tasks are thought to be.
        public var queuedSeconds: Int

        /// A reading by all its parts.
        public init(queued: Int, running: Int, queuedSeconds: Int) {
            self.queued = queued
            self.running = running
            self.queuedSeconds = queuedSeconds
        }
    }

    /// What was decided.
    public struct Decision: Hashable, Sendable {
        /// The size.
        public var desired: Int
        /// What to remember until the next look.
        public var memory: BackgroundAgentPoolStatus.Autoscaling
        /// Why a bound keeps the size from what the load calls for; nil where none does.
        public var limit: Limit?
        /// When to look again although nothing changes.
        public var wake: Timestamp?
    }

    /// A bound that keeps the size from what the load, or a person, calls for.
    public enum Limit: Hashable, Sendable {
        /// More agents would be needed than the pool may have.
        case aboveMaximum(wanted: Int)
        /// Fewer agents would be enough than the pool must have.
        case belowMinimum(wanted: Int)
        /// Nobody knows how much there is to do.
        case unknownLoad
    }

    /// Decides the size of a pool whose status says that it is being brought to `current` agents.
    ///
    /// A changed `spec.replicas` moves the pool there at once, inside its bounds. From then on the
    /// load decides: more agents at once, fewer when fewer have been enough for as long as
    /// `scaleDownStabilizationSeconds`, and then as many as were needed at most in that time. A
    /// `reading` of nil (there is none that can be trusted) freezes the size. No fewer agents are
    /// kept than `floor`, which a schedule sets, as far as `maxReplicas` allows.
    public static func decide(
        _ spec: BackgroundAgentPoolSpec, current: Int,
        memory: BackgroundAgentPoolStatus.Autoscaling?, reading: Reading?, floor: Int = 0,
        at now: Timestamp
    ) -> Decision {
        let scaling = spec.autoscaling
        guard scaling.enabled else {
            return moved(
                to: spec.replicas, from: current, memory, spec, reason: "Fixed", at: now)
        }
        let least = min(max(scaling.minReplicas, floor), scaling.maxReplicas)
        let bounds = least...scaling.maxReplicas
        guard let memory, memory.observedReplicas == spec.replicas else {
            var decision = moved(
                to: clamp(spec.replicas, bounds), from: current, memory, spec,
                reason: "ReplicasChanged", at: now)
            decision.limit = limit(spec.replicas, bounds)
            return decision
        }
        let held = clamp(current, bounds)
        let isRaised = floor > scaling.minReplicas && held > current
        guard let reading else {
            var decision = moved(
                to: held, from: current, memory, spec,
                reason: isRaised ? "Floor" : memory.reason, at: now)
            decision.limit = .unknownLoad
            return decision
        }
        let needed = agentsNeeded(spec, reading)
        var decision = decide(clamp(needed, bounds), held, current, memory, spec, at: now)
        // Resting at the minimum is no limitation; a queue that would need more than the maximum
        // is.
        if needed > bounds.upperBound { decision.limit = .aboveMaximum(wanted: needed) }
        if isRaised, needed <= held { decision.memory.reason = "Floor" }
        return decision
    }

    /// The agents that the load calls for, whatever the bounds.
    static func agentsNeeded(_ spec: BackgroundAgentPoolSpec, _ reading: Reading) -> Int {
        let scaling = spec.autoscaling
        let slots = max(1, spec.slotsPerAgent)
        let backlog = min(
            reading.queued, ceiling(reading.queuedSeconds, max(1, scaling.queueDrainSeconds)))
        let demand = min(max(0, reading.running) + max(0, backlog), 1_000_000)
        let byLoad = ceiling(demand * 100, max(1, scaling.targetUtilization) * slots)
        return max(byLoad, ceiling(demand, slots) + scaling.minIdle)
    }

    private static func decide(
        _ needed: Int, _ held: Int, _ current: Int,
        _ memory: BackgroundAgentPoolStatus.Autoscaling, _ spec: BackgroundAgentPoolSpec,
        at now: Timestamp
    ) -> Decision {
        if needed > held {
            return moved(to: needed, from: current, memory, spec, reason: "Backlog", at: now)
        }
        if needed == held {
            return moved(to: held, from: current, memory, spec, reason: memory.reason, at: now)
        }
        let since = memory.belowSince ?? now
        let peak = max(memory.belowSince == nil ? needed : memory.belowPeak ?? needed, needed)
        let due = since + .seconds(spec.autoscaling.scaleDownStabilizationSeconds)
        var decision: Decision
        if now >= due {
            decision = moved(
                to: min(peak, held), from: current, memory, spec, reason: "LowLoad", at: now)
            guard peak > needed else { return decision }
            decision.memory.belowSince = now
            decision.memory.belowPeak = needed
            decision.wake = now + .seconds(spec.autoscaling.scaleDownStabilizationSeconds)
        } else {
            decision = moved(
                to: held, from: current, memory, spec, reason: memory.reason, at: now)
            decision.memory.belowSince = since
            decision.memory.belowPeak = peak
            decision.wake = due
        }
        return decision
    }

    private static func moved(
        to desired: Int, from current: Int,
        _ memory: BackgroundAgentPoolStatus.Autoscaling?, _ spec: BackgroundAgentPoolSpec,
        reason: String, at now: Timestamp
    ) -> Decision {
        var next = BackgroundAgentPoolStatus.Autoscaling(
            observedReplicas: spec.replicas, lastScaleTime: memory?.lastScaleTime, reason: reason)
        if desired != current { next.lastScaleTime = now }
        return Decision(desired: desired, memory: next)
    }

    private static func limit(_ wanted: Int, _ bounds: ClosedRange<Int>) -> Limit? {
        if wanted > bounds.upperBound { return .aboveMaximum(wanted: wanted) }
        return wanted < bounds.lowerBound ? .belowMinimum(wanted: wanted) : nil
    }

    private static func clamp(_ number: Int, _ bounds: ClosedRange<Int>) -> Int {
        min(max(number, bounds.lowerBound), bounds.upperBound)
    }

    private static func ceiling(_ number: Int, _ divisor: Int) -> Int {
        number <= 0 ? 0 : (number - 1) / divisor + 1
    }
}
