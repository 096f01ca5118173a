import AgentGateway
import KubernetesCore
import KubernetesRuntime
import Logging
import Reconcilers
import ServiceLifecycle

/// Follows what the gateway shows who it is with, while the gateway runs: own authorities and
/// certificates that come of age, and certificates that are given and replaced.
struct CertificateRenewal: Service {
    /// Where certificates come from.
    enum Source: Sendable {
        /// Authorities of our own, kept in a Secret of this namespace; whether this process leads.
        case own(
            secrets: ClusterSecrets, namespace: String, names: [String],
            leads: @Sendable () -> Bool)
        /// A folder that somebody else fills.
        case given(CertificateFolder)
    }

    /// How often it is looked whether anything has changed.
    private static let interval = Duration.seconds(15)

    let gateway: GatewayServer
    let identity: GatewayIdentity
    let source: Source
    let cache: ClusterCache
    let log: Logger
    /// Is told when the certificate that is shown ends.
    let onRenewal: @Sendable (Timestamp) -> Void

    /// The identity that a process begins with.
    static func first(
        of source: Source, at now: Timestamp, log: Logger
    ) async throws -> GatewayIdentity {
        switch source {
        case .own(let secrets, let namespace, let names, _):
            try await GatewayIdentity.loadOrCreate(
                // Whoever starts first makes it: nobody can lead before it is there.
                secrets: secrets.unfenced, namespace: namespace, names: names
            ) { log.warning("the gateway's authority: \($0)") }
        case .given(let folder):
            try folder.identity(at: now)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var rollover = CertificateRollover(identity)
            var latest = identity
            var complaint: String?
            var remarks: Set<String> = []
            while !Task.isCancelled {
                // Cancelled while it sleeps, the loop ends.
                try? await Task.sleep(for: Self.interval)
                guard !Task.isCancelled else { return }
                do throws(GatewayError) {
                    var said: Set<String> = []
                    let found = try await next(after: latest) { said.insert($0) }
                    // Once, not every few seconds.
                    for remark in said.subtracting(remarks).sorted() {
                        log.warning("the gateway's authority: \(remark)")
                    }
                    remarks = said
                    latest = found ?? latest
                    try await take(rollover.step(to: latest, at: SystemTime().now.time))
                    complaint = nil
                } catch {
                    let text = "\(error)"
                    if text != complaint { log.error("the gateway's certificate: \(text)") }
                    complaint = text
                }
            }
        }
    }

    private func next(
        after latest: GatewayIdentity, say: (String) -> Void
    ) async throws(GatewayError) -> GatewayIdentity? {
        let now = SystemTime().now.time
        switch source {
        case .own(let secrets, let namespace, let names, let leads):
            return try await latest.followed(
                secrets: secrets, namespace: namespace, names: names, mayWrite: leads(), at: now,
                say: say)
        case .given(let folder):
            return try folder.identity(at: now)
        }
    }

    private func take(_ step: CertificateRollover.Step) async throws(GatewayError) {
        if let roots = step.roots {
            await cache.publish(GatewayRoots(certificates: roots))
            log.info("agents are given other roots for the gateway's certificate")
        }
        if let identity = step.shown {
            try gateway.show(identity)
            onRenewal(identity.expiry)
            log.info(
                "the gateway shows another certificate",
                metadata: ["expires": "\(identity.expiry)"])
        }
    }
}
