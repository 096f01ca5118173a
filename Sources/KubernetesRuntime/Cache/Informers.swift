public import ControlLoop
public import KubernetesCore
public import Logging
public import ServiceLifecycle

/// One informer for each kind of the API server that any controller watches.
public struct Informers: Service {
    /// How soon a kind that the server did not have is noticed.
    private static let absencePause = Duration.seconds(15)

    private let services: [any Service & Following]

    /// Informers for these kinds, each once; local observations among them are left out.
    /// A kind that a cluster may do without is followed as soon as the server has it.
    /// - Parameters:
    ///   - selection: which objects of a kind; for operators that are bound to one namespace.
    ///   - seed: for the jitter of their waits.
    public init(
        for kinds: [any ClusterObject.Type], client: any KubernetesReading, cache: ClusterCache,
        selection: @Sendable (any KubeObject.Type) -> Selection = { _ in .everything },
        limits: WatchLimits = WatchLimits(), seed: UInt64, time: any TimeSource = SystemTime(),
        metrics: RuntimeMetrics? = nil, logger: Logger
    ) {
        func informer<Object: KubeObject>(_ kind: Object.Type) -> any Service & Following {
            var limits = limits
            if kind is any OptionalKubeObject.Type, limits.absencePause == nil {
                limits.absencePause = Informers.absencePause
            }
            return Informer(
                kind, client: client, cache: cache, selection: selection(kind),
                limits: limits, seed: seed, time: time, metrics: metrics, logger: logger)
        }
        var seen: Set<ObjectIdentifier> = []
        var services: [any Service & Following] = []
        for kind in kinds where seen.insert(ObjectIdentifier(kind)).inserted {
            if let kind = kind as? any KubeObject.Type { services.append(informer(kind)) }
        }
        self.services = services
    }

    /// Why the cache counts as out of step with the server, for readiness; nil where it does not.
    public func lag(after limit: Duration = .seconds(180)) -> String? {
        let lags = services.compactMap { $0.lag(after: limit) }
        return lags.isEmpty ? nil : lags.sorted().joined(separator: "; ")
    }

    /// Follows all kinds until the surrounding work is cancelled or told to shut down.
    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for service in services { group.addTask { try await service.run() } }
        }
    }
}
