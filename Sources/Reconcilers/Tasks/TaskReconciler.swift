public import ControlLoop
public import KubernetesCore
public import SwiftletAPI
import TaskScheduling

/// Everything that becomes of a task but its assignment: who waits for what, who is called off, and
/// what an attempt's end, an agent's death or too much time mean. `SchedulerMachine` alone makes
/// the edge to `Running`; all others are made here, each with the task's version as precondition.
public struct TaskReconciler: Reconciler {
    /// What is reconciled.
    public typealias Root = BackgroundTask
    /// What a decision depends on.
    public typealias World = TaskWorld

    /// A reconciler; it has no settings.
    public init() {}

    /// Reads tasks, pools, pods and namespaces; writes statuses of tasks, makes and
    /// stops children, and deletes what has ended.
    public static var access: Access {
        Access(
            reads: [.backgroundTask, .backgroundAgentPool, .pod, .namespace],
            writes: [
                .create(.backgroundTask), .patch(.backgroundTask), .status(.backgroundTask),
                .delete(.backgroundTask),
            ])
    }

    /// What the task under `key` depends on; nil where there is none.
    public func observe(_ key: Key<BackgroundTask>, in view: ClusterView) -> TaskWorld? {
        TaskWorld(of: key, in: view)
    }

    /// What to do about the task now.
    public func plan(_ world: TaskWorld, _ context: PlanContext) -> Plan {
        let now = context.now.time
        let world = world.rebased(at: context.now, context.clockSteps)
        var edit = TaskEdit(world.task, at: now, after: context.lastFailure)
        switch TaskSituation.of(world, at: now, startedAt: context.startedAt) {
        case .finished(let until): return .waiting(until: until)
        case .kept: return .idle
        case .expired: return Plan(steps: [[.delete(world.task.reference)]])

        case .calledOff: return edit.callOff()
        case .hopeless(let reason, let message):
            return edit.giveUp(reason: reason, message: message)
        case .blocked(let reason, let message, let by):
            return edit.block(world.scene, reason: reason, message: message, by: by)
        case .scheduled(let until): return edit.schedule(until: until, world.scene)
        case .waitedTooLong(let seconds): return edit.timeOutQueue(seconds: seconds)
        case .queued(let pool): return edit.queue(for: pool, world.scene)
        case .dividable: return edit.divide()
        case .divided: return edit.follow(world.scene)

        case .ended(let report): return edit.end(report, world.scene)
        case .lost(let reason, let message):
            return edit.end(.lost(reason: reason, message: message), world.scene)
        case .overdue:
            return edit.end(.overdue(seconds: world.task.attemptTimeoutSeconds), world.scene)
        case .stopWanted: return edit.requestStop()
        case .yieldWanted(let other): return edit.requestYield(to: other)
        case .unbegun: return edit.withdraw()
        case .withdrawn: return edit.moveElsewhere()
        case .stopOverdue:
            return edit.end(.stopped(why: "the agent did not confirm in time"), world.scene)
        case .working(let until): return edit.watch(world.scene, until: until)
        }
    }
}

extension TaskReconciler {
    /// Tasks hear of those that they wait for, of their children, of their pool, and of the agent
    /// that runs them.
    public var triggers: [Trigger<BackgroundTask>] {
        [
            .owned(BackgroundTask.self),
            Trigger(on: BackgroundTask.self) { change, view in
                guard
                    change.old?.status.phase != change.new?.status.phase
                        || change.old?.spec.dependsOn != change.new?.spec.dependsOn
                else { return [] }
                return Self.awaiting(change, in: view)
            },
            Trigger(on: BackgroundAgentPool.self) { change, view in
                guard
                    change.old?.spec != change.new?.spec
                        || change.old?.metadata.labels != change.new?.metadata.labels
                        || change.old?.metadata.isDeleting != change.new?.metadata.isDeleting
                        || change.old?.personaNames ?? [] != change.new?.personaNames ?? []
                else { return [] }
                return view.select(Index.byPlacement, change.key.description).map(\.key)
                    + view.select(Index.byPlacement, Index.routed).map(\.key)
                    + view.select(Index.byPool, change.key.description).map(\.key)
            },
            Trigger(on: PodView.self) { change, view in
                Set([change.old, change.new].compactMap { $0?.metadata.uid.text }).sorted()
                    .flatMap { view.select(Index.byAgent, $0).map(\.key) }
            },
            Trigger(on: AgentSession.self) { change, view in
                if let old = change.old, let new = change.new, new.saysTheSame(as: old) {
                    return []
                }
                return Set([change.old, change.new].compactMap { $0?.metadata.uid.text }).sorted()
                    .flatMap { view.select(Index.byAgent, $0).map(\.key) }
            },
            // Until agents can call, nobody is silent; who runs looks again by itself after that.
            .none(on: GatewayPresence.self),
            Trigger(on: PoolQueue.self) { change, _ in
                let queues = [change.old, change.new].compactMap { $0 }
                return Set(
                    queues.flatMap { $0.places.map(\.task) + $0.preemptions.map(\.victim) }
                ).sorted()
            },
            Trigger(on: NamespaceView.self) { change, view in
                guard change.old?.metadata.labels != change.new?.metadata.labels else { return [] }
                return view.store(BackgroundTask.self).all
                    .filter { $0.isWaiting && $0.metadata.namespace == change.key.name }
                    .map(\.key)
            },
        ]
    }

    /// The tasks that wait for the changed one, and the changed one's own dependencies where it has
    /// ended, because those may have been kept for it.
    private static func awaiting(
        _ change: Change<BackgroundTask>, in view: ClusterView
    ) -> [Key<BackgroundTask>] {
        let waiting = view.select(Index.byAwaited, change.key.description).map(\.key)
        let awaited = (change.old ?? change.new)?.spec.dependsOn ?? []
        return waiting
            + awaited.map { Key(namespace: change.key.namespace, name: $0.name) }
    }
}
