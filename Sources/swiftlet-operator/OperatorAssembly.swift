import AgentGateway
import ControlLoop
import CurlTransport
import KubernetesClient
import KubernetesCore
import KubernetesRuntime
import Logging
import Reconcilers
import ServiceLifecycle
import SwiftletAPI
import UnixSignals

/// Builds the operator from its configuration and connects its parts. Nothing is decided here.
struct OperatorAssembly: Sendable {
    let configuration: OperatorConfiguration
    let log: Logger

    /// Connects to the cluster and runs until the process is asked to end.
    func run() async throws {
        let base = try OperatorBase(configuration, log: log)
        let certificates = certificates(base)
        let identity = try await CertificateRenewal.first(
            of: certificates, at: SystemTime().now.time, log: log)
        let audit = try AuditLog(
            configuration.auditLog, leadership: base.leadership, log: log)
        await audit?.follow(base.cache)
        let gateway = try await makeGateway(base, identity, audit)
        base.product.note(certificateEnds: identity.expiry)
        await base.product.follow(base.cache)
        await PolicyReporting(base.registry, leadership: base.leadership, log: log)
            .start(base.cache)
        base.health.requireSync(
            of: [.backgroundAgentPool, .backgroundTask, .pod], in: base.cache)
        // Shut down in reverse: nothing writes any more when the lease is given back.
        var services = controllers(base, identity)
        if configuration.electsLeader { services.insert(elector(base), at: 2) }
        if let audit { services.insert(audit, at: 0) }
        services.append(gateway)
        if let collector = configuration.traces {
            services.append(try await exporter(base, to: collector))
        }
        services.append(
            CertificateRenewal(
                gateway: gateway, identity: identity, source: certificates, cache: base.cache,
                log: log, onRenewal: { [base] in base.product.note(certificateEnds: $0) }))
        if let pod = configuration.pod { services.append(label(pod, base)) }
        if let listen = configuration.metricsListen {
            services.append(try await metricsListener(base, listen))
        }
        try await ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(service: $0, failureTerminationBehavior: .cancelGroup)
                },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        ).run()
    }

    /// Where the gateway's certificate comes from: a folder that is not empty, else ourselves.
    private func certificates(_ base: OperatorBase) -> CertificateRenewal.Source {
        if let path = configuration.gatewayCertificates {
            let folder = CertificateFolder(path: path, name: configuration.gatewayServerName)
            if !folder.isEmpty { return .given(folder) }
            log.info("no certificate is given: there is none", metadata: ["folder": "\(path)"])
        }
        let leadership = base.leadership
        let leads: @Sendable () -> Bool = {
            leadership.current.map { $0.validUntil > SystemTime().now.instant } ?? false
        }
        return .own(
            secrets: ClusterSecrets(client: base.client) { leads() },
            namespace: configuration.namespace,
            names: [configuration.gatewayServerName, gatewayHost], leads: leads)
    }

    /// The informers, the recorder of Events and all controllers.
    private func controllers(_ base: OperatorBase, _ identity: GatewayIdentity) -> [any Service] {
        let started = SystemTime().now.time
        let pools = ControllerMachine(
            PoolReconciler(
                settings: podSettings(identity), zones: ZoneTable(files: ZoneFiles.read()),
                awaitsPolicies: true),
            startedAt: started, seed: base.seed)
        let tasks = ControllerMachine(TaskReconciler(), startedAt: started, seed: base.seed)
        let scheduler = SchedulerMachine()
        let sessions = SessionMachine()
        let statistics = StatisticsMachine()
        let policies = PolicyMachine(settings: podSettings(identity), options: policyOptions)
        let personas = PersonaMachine(text: OperatorText.personas)
        let reports = ControllerMachine(
            PolicyReportReconciler(), startedAt: started, seed: base.seed)
        let kinds =
            pools.watched + tasks.watched + scheduler.watched + sessions.watched
            + statistics.watched + policies.watched + personas.watched + reports.watched
        let informers = Informers(
            for: kinds, client: base.client, cache: base.cache, selection: selection,
            seed: base.seed, metrics: base.metrics, logger: log)
        base.health.addReadiness("watches") { informers.lag() }
        return [
            informers, FlightDump(flights: base.flights), base.recorder, base.controller(pools),
            base.controller(tasks),
            base.controller(scheduler), base.controller(sessions),
            base.controller(statistics), base.controller(policies),
            base.controller(personas),
            base.controller(reports),
            PolicyFolderReader(
                paths: configuration.policies, cache: base.cache, text: policyOptions.text),
        ]
    }

    /// Tells a collector of the tasks that end while this process leads.
    private func exporter(
        _ base: OperatorBase, to collector: HTTPServer
    ) async throws -> SpanExporter {
        let exporter = SpanExporter(
            endpoint: collector, transport: try CurlTransport(), instance: configuration.identity,
            registry: base.registry, log: log)
        await base.cache.observe(BackgroundTask.self) { [leadership = base.leadership] changes, _ in
            if leadership.current != nil { exporter.take(TaskSpans.ended(changes)) }
        }
        return exporter
    }

    private func elector(_ base: OperatorBase) -> Elector {
        Elector(
            identity: configuration.identity,
            lease: Key(namespace: configuration.namespace, name: "swiftlet-operator"),
            leadership: base.leadership, applier: base.applier, client: base.client,
            seed: base.seed, metrics: base.metrics, flights: base.flights, logger: log)
    }

    private func label(_ pod: String, _ base: OperatorBase) -> LeaderLabel {
        LeaderLabel(
            pod: Key(namespace: configuration.namespace, name: pod), client: base.client,
            applier: base.applier, leadership: base.leadership, log: log)
    }

    private func metricsListener(
        _ base: OperatorBase, _ listen: ListenAddress
    ) async throws -> MetricsListener {
        let health = base.health
        var page: (@Sendable (String, String?) async -> MetricsListener.Document)?
        if configuration.servesPage {
            let source = StatusPageSource(cache: base.cache, leadership: base.leadership)
            await source.follow()
            page = { path, name in await source.document(path: path, name: name) }
        }
        return MetricsListener(
            host: listen.host, port: listen.port,
            sources: .init(
                health: { health.liveness.isHealthy ? nil : health.liveness.text },
                readiness: { health.readiness.isHealthy ? nil : health.readiness.text },
                metrics: { [registry = base.registry] accept in
                    let format = MetricsFormat(accept: accept)
                    return (registry.text(format), format.contentType)
                },
                page: page),
            certificate: try configuration.metricsCertificates.map {
                try MetricsCertificate($0, logger: log)
            },
            logger: log)
    }

    private func makeGateway(
        _ base: OperatorBase, _ identity: GatewayIdentity, _ audit: AuditLog?
    ) async throws -> GatewayServer {
        let (client, cache, leadership) = (base.client, base.cache, base.leadership)
        let secrets = ClusterSecrets(client: client) {
            guard let current = leadership.current else { return false }
            return current.validUntil > SystemTime().now.instant
        }
        var settings = GatewayServer.Configuration(
            host: configuration.gatewayListen.host, port: configuration.gatewayListen.port)
        settings.bindsAgentAddress = configuration.bindsAgentAddress
        settings.serverName = configuration.gatewayServerName
        let gateway = GatewayServer(
            configuration: settings, identity: identity,
            authenticator: CallerAuthenticator(
                reviewer: ClusterTokenReviewer(
                    client: client, audience: SwiftletNames.gatewayAudience)),
            sessions: CacheSessions(cache: cache, leadership: leadership),
            checkpoints: SecretCheckpointStore(secrets: secrets) { [log] in log.warning("\($0)") },
            secrets: secrets,
            mcp: MCPService(
                rights: ClusterAccessReviewer(client: client),
                desk: ClusterTaskDesk(client: client, applier: base.applier),
                memories: try memories(secrets),
                permissions: PermissionJudge(options: policyOptions),
                audit: { audit?.write([$0]) }),
            logger: log, audit: { audit?.write([$0]) },
            onAnswer: { [product = base.product] in product.count($0, $1) },
            onRunning: { [log] port in log.info("agents can call", metadata: ["port": "\(port)"]) })
        await cache.observe(BackgroundTask.self) { changes, _ in gateway.tasksChanged(changes) }
        await cache.observe(BackgroundAgentPool.self) { _, _ in gateway.everythingChanged() }
        return gateway
    }

    /// Where what agents remember is kept.
    private func memories(_ secrets: ClusterSecrets) throws -> any MemoryStore {
        guard let server = configuration.memories else {
            return SecretMemoryStore(secrets: secrets)
        }
        return ChromaMemoryStore(server: server, transport: try CurlTransport())
    }

    /// Of kinds that everyone uses, only our own objects are followed: the others cost memory and
    /// are none of our business. Policies ask for NetworkPolicies, whosever they are.
    private func selection(of kind: any KubeObject.Type) -> Selection {
        if kind is PolicyConfigMap.Type {
            return Selection(
                namespace: configuration.namespace, labels: SwiftletNames.Label.policies)
        }
        if kind is PersonaConfigMap.Type {
            return Selection(labels: SwiftletNames.Label.personas)
        }
        let foreign: [ResourceType] = [
            .pod, .configMap, .resourceQuota, .podDisruptionBudget, .serviceAccount,
            PolicyKinds.Report.type, PolicyKinds.PolicyReport.type,
        ]
        guard foreign.contains(kind.type) else { return .everything }
        return Selection(
            labels: "\(SwiftletNames.Label.managedBy)=\(SwiftletNames.managedBy)")
    }

    /// How policies are read, and whose they are.
    private var policyOptions: PolicyMachine.Options {
        var options = PolicyMachine.Options(
            namespace: configuration.namespace, text: OperatorText.policies)
        options.exceptionNamespace = configuration.policyExceptionNamespace
        return options
    }

    private func podSettings(_ identity: GatewayIdentity) -> AgentPodSettings {
        var settings = AgentPodSettings(
            runnerImage: configuration.runnerImage, gatewayURL: configuration.gatewayURL,
            gatewayServerName: configuration.gatewayServerName, gatewayCA: identity.caPEM,
            gatewayPort: configuration.gatewayListen.port,
            gatewayNamespace: configuration.kubeconfig == nil ? configuration.namespace : nil,
            audience: SwiftletNames.gatewayAudience,
            priorityClassName: SwiftletNames.PriorityClass.background)
        settings.healthPort = configuration.agentHealthPort
        settings.tellsLimits = true
        return settings
    }

    /// The host part of the gateway's URL.
    private var gatewayHost: String {
        let rest = configuration.gatewayURL.dropFirst("https://".count)
        let authority = rest.prefix { $0 != "/" }
        if authority.hasPrefix("[") {
            return String(authority.dropFirst().prefix { $0 != "]" })
        }
        return String(authority.prefix { $0 != ":" })
    }
}
