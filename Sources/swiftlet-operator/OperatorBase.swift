import ControlLoop
import KubernetesClient
import KubernetesCore
import KubernetesRuntime
import Logging
import SwiftletAPI

/// What every part of the operator shares: one client, one cache, one writer.
struct OperatorBase: Sendable {
    let client: KubernetesClient
    let cache = ClusterCache()
    let leadership: LeadershipState
    let applier: Applier
    let recorder: EventRecorder
    let registry = MetricsRegistry()
    let metrics: RuntimeMetrics
    let health = Health()
    /// For jitter alone: nothing that is written depends on it.
    let seed: UInt64
    private let log: Logger

    /// Throws where the configuration names no cluster; nothing is called yet.
    init(_ configuration: OperatorConfiguration, log: Logger) throws {
        self.log = log
        metrics = RuntimeMetrics(registry)
        client = try KubernetesClient(
            configuration: ClientConfiguration.load(
                kubeconfig: configuration.kubeconfig, context: configuration.context),
            observer: metrics.observe)
        leadership = configuration.electsLeader ? LeadershipState() : LeadershipState.alone()
        seed = UInt64(truncatingIfNeeded: SystemTime().now.time.nanoseconds)
        var options = ApplierOptions()
        options.fieldManager = SwiftletNames.fieldManager
        applier = Applier(
            client: client, leadership: leadership, options: options, metrics: metrics, logger: log)
        recorder = EventRecorder(
            applier: applier, instance: configuration.identity, seed: seed, metrics: metrics,
            logger: log)
    }

    /// A controller that counts as alive as long as it turns.
    func controller<M: PlanningMachine>(_ machine: M) -> Controller<M> {
        let controller = Controller(
            machine, cache: cache, applier: applier, leadership: leadership, recorder: recorder,
            metrics: metrics, logger: log)
        health.addLiveness(M.name) { controller.stall() }
        return controller
    }
}
