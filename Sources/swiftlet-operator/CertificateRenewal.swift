import AgentGateway
import KubernetesCore
import KubernetesRuntime
import Logging
import ServiceLifecycle

/// Renews the gateway's certificate in time, while the gateway runs.
struct CertificateRenewal: Service {
    /// How often it is looked at; far shorter than the time that is left when it is renewed.
    private static let interval = Duration.seconds(6 * 3_600)

    let gateway: GatewayServer
    let identity: GatewayIdentity
    let names: [String]
    let log: Logger
    /// Is told when the new certificate ends.
    let onRenewal: @Sendable (Timestamp) -> Void

    init(
        gateway: GatewayServer, identity: GatewayIdentity, names: [String], log: Logger,
        onRenewal: @escaping @Sendable (Timestamp) -> Void
    ) {
        self.gateway = gateway
        self.identity = identity
        self.names = names
        self.log = log
        self.onRenewal = onRenewal
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var current = identity
            while !Task.isCancelled {
                // Cancelled while it sleeps, the loop ends.
                try? await Task.sleep(for: Self.interval)
                guard !Task.isCancelled, current.isAging(at: SystemTime().now.time) else {
                    continue
                }
                do throws(GatewayError) {
                    current = try current.renewed(names: names)
                    try gateway.show(current)
                    onRenewal(current.expiry)
                    log.info("the gateway's certificate was renewed")
                } catch {
                    log.error("the gateway's certificate was not renewed: \(error)")
                }
            }
        }
    }
}
