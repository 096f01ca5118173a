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
    let product: ProductMetricsFeed
    let health = Health()
    /// What is dumped on SIGUSR1.
    let flights = FlightRecorder()
    /// For jitter alone: nothing that is written depends on it.
    let seed: UInt64
    private let log: Logger

    /// Throws where the configuration names no cluster; nothing is called yet.
    init(_ configuration: OperatorConfiguration, log: Logger) throws {
        self.log = log
        metrics = RuntimeMetrics(registry)
        ProcessMetrics(registry).start()
        client = try KubernetesClient(
            configuration: ClientConfiguration.load(
                kubeconfig: configuration.kubeconfig, context: configuration.context)
        ) { [metrics, flights] report in
            metrics.observe(report)
            flights.observe(report)
        }
        leadership = configuration.electsLeader ? LeadershipState() : LeadershipState.alone()
        product = ProductMetricsFeed(registry, leadership: leadership)
        seed = UInt64(truncatingIfNeeded: SystemTime().now.time.nanoseconds)
        var options = ApplierOptions()
        options.fieldManager = SwiftletNames.fieldManager
        applier = Applier(
            client: client, leadership: leadership, options: options, metrics: metrics, logger: log)
        recorder = EventRecorder(
            applier: applier, instance: configuration.identity, seed: seed, metrics: metrics,
            logger: log)
    }

    /// A controller that counts as alive as long as it turns, and as ready as long as it keeps up.
    func controller<M: PlanningMachine>(_ machine: M) -> Controller<M> {
        let controller = Controller(
            machine, cache: cache, applier: applier, leadership: leadership, recorder: recorder,
            metrics: metrics, flights: flights, logger: log)
        health.addLiveness(M.name) { controller.stall() }
        health.addReadiness(M.name) { controller.lag() }
        return controller
    }
}
