import CurlTransport
import Glibc
import KubernetesCore

/// Everything a request needs to be let in, as it is at one moment.
struct Access: Sendable {
    /// The server with all certificates.
    let server: HTTPServer
    /// The header fields that say who we are.
    let fields: [HTTPFields.Field]
    /// What the exec plugin handed out, where there is one.
    let credential: ExecCredential?
    /// Until when this may be used without a look at the plugin or, to be sure, the files.
    let validUntil: ContinuousClock.Instant?
    /// The files as they were just before they were read.
    let marks: [String: FileReading.Mark]

    /// How long files are believed although nothing about them has changed; tokens and certificates
    /// are replaced well before they expire.
    static let filesLast = Duration.seconds(60)
    /// How long before its end a credential is replaced.
    static let expiryMargin = Duration.seconds(10)

    /// Reads files and runs the plugin as needed. Blocks; not for Swift's pool.
    /// - Parameter previous: what the plugin handed out last time, if that may still be used.
    init(
        _ configuration: ClientConfiguration, previous: ExecCredential?
    ) throws(ConfigurationError) {
        marks = configuration.marks
        var server = configuration.server
        if let authorities = configuration.authorities {
            server.tls.authorities = try authorities.read("the cluster's certificate authority")
        }
        if let certificate = configuration.clientCertificate {
            server.tls.certificate = try certificate.read("the client certificate")
        }
        if let key = configuration.clientKey { server.tls.key = try key.read("the client key") }
        var fields = HTTPFields()
        fields.append("user-agent", configuration.userAgent)
        var credential: ExecCredential?
        switch configuration.authentication {
        case .none: break
        case .token(let token): fields.append("authorization", "Bearer " + token)
        case .tokenFile(let path):
            let bytes = try Material.file(path).read("the token file")
            let token = String(decoding: bytes, as: UTF8.self).trimmed
            guard !token.isEmpty else {
                throw ConfigurationError("the token file \(path) is empty")
            }
            fields.append("authorization", "Bearer " + token)
        case .basic(let user, let password):
            fields.append("authorization", "Basic " + Array((user + ":" + password).utf8).base64)
        case .exec(let plugin):
            let handed = try Access.credential(plugin, configuration, previous)
            if !handed.token.isEmpty { fields.append("authorization", "Bearer " + handed.token) }
            if !handed.certificate.isEmpty {
                server.tls.certificate = handed.certificate
                server.tls.key = handed.key
            }
            credential = handed
        }
        if let somebody = configuration.impersonation {
            fields.append("impersonate-user", somebody.user)
            if !somebody.uid.isEmpty { fields.append("impersonate-uid", somebody.uid) }
            for group in somebody.groups { fields.append("impersonate-group", group) }
        }
        self.server = server
        self.fields = fields.fields
        self.credential = credential
        validUntil = Access.validUntil(configuration, credential)
    }

    private static func credential(
        _ plugin: ExecPlugin, _ configuration: ClientConfiguration, _ previous: ExecCredential?
    ) throws(ConfigurationError) -> ExecCredential {
        if let previous, previous.expiry.map({ now + expiryMargin < $0 }) ?? true {
            return previous
        }
        return try ExecCredential(
            running: plugin, for: configuration, environment: ProcessEnvironment.current)
    }

    private static func validUntil(
        _ configuration: ClientConfiguration, _ credential: ExecCredential?
    ) -> ContinuousClock.Instant? {
        let lasts = configuration.readsFiles ? filesLast : nil
        // Where the plugin hands out what is about to expire, it is not run at every request.
        let expires = credential?.expiry.map { max($0 - now - expiryMargin, .seconds(1)) }
        return [lasts, expires].compactMap(\.self).min().map { ContinuousClock.now + $0 }
    }

    /// The wall clock, which expiry times are about.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}

extension ClientConfiguration {
    /// Whether files are read that may be replaced.
    var readsFiles: Bool {
        if case .tokenFile = authentication { return true }
        return [authorities, clientCertificate, clientKey].contains { $0?.isFile == true }
    }

    /// The files that are read and may be replaced.
    private var paths: [String] {
        var paths = [authorities, clientCertificate, clientKey].compactMap { material in
            if case .file(let path)? = material { path } else { nil }
        }
        if case .tokenFile(let path) = authentication { paths.append(path) }
        return paths
    }

    /// Those files as they are now, without those that are missing at the moment.
    var marks: [String: FileReading.Mark] {
        var marks: [String: FileReading.Mark] = [:]
        for path in paths { marks[path] = FileReading.mark(path) }
        return marks
    }

    /// Whether a second attempt after a refusal may be made with something new.
    var canRenew: Bool {
        if case .exec = authentication { return true }
        return readsFiles
    }
}
