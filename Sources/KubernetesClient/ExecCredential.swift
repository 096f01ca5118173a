import CurlTransport
import KubernetesCore

/// What an exec plugin handed out.
struct ExecCredential: Hashable, Sendable {
    let token: String
    let certificate: [UInt8]
    let key: [UInt8]
    /// When it ends; `nil` where it does not.
    let expiry: Timestamp?

    /// Runs `plugin` and reads what it says. Blocks until the program ends.
    init(
        running plugin: ExecPlugin, for configuration: ClientConfiguration,
        environment: [String: String]
    ) throws(ConfigurationError) {
        var variables = environment
        for (name, value) in plugin.environment { variables[name] = value }
        variables["KUBERNETES_EXEC_INFO"] = try ExecCredential.request(plugin, configuration).text
        let run = CommandRun(
            command: plugin.command, arguments: plugin.arguments, environment: variables,
            timeLimit: plugin.timeLimit)
        let hint = plugin.installHint.isEmpty ? "" : "; " + plugin.installHint.trimmed
        let outcome: CommandRun.Outcome
        do throws(ConfigurationError) {
            outcome = try run.run()
        } catch {
            throw ConfigurationError("the exec plugin \(error)\(hint)")
        }
        let name = "the exec plugin \(plugin.command)"
        guard !outcome.isTimedOut else {
            throw ConfigurationError("\(name) did not end within \(plugin.timeLimit)")
        }
        guard !outcome.isTooLong else {
            throw ConfigurationError("\(name) wrote more than \(CommandRun.outputBytesMax) bytes")
        }
        guard outcome.exitCode == 0 else {
            let said = String(decoding: outcome.errors.suffix(500), as: UTF8.self).trimmed
            throw ConfigurationError(
                "\(name) failed with exit code \(outcome.exitCode)"
                    + (said.isEmpty ? "" : ": " + said))
        }
        do throws(JSONError) {
            try self.init(parsing: outcome.output, apiVersion: plugin.apiVersion)
        } catch {
            throw ConfigurationError("\(name) wrote no valid ExecCredential: \(error)")
        }
    }

    /// Reads an `ExecCredential` object of the version that was asked for.
    init(parsing bytes: [UInt8], apiVersion: String) throws(JSONError) {
        let root = try JSONDocument(parsing: bytes).root
        let version = try root.required("apiVersion").string()
        guard version == apiVersion else {
            throw JSONError(
                .mismatch, at: "apiVersion", "expected \(apiVersion), found \(version.prefix(100))")
        }
        let status = try root.required("status")
        token = try status["token"]?.string() ?? ""
        certificate = Array((try status["clientCertificateData"]?.string() ?? "").utf8)
        key = Array((try status["clientKeyData"]?.string() ?? "").utf8)
        expiry = try status["expirationTimestamp"]?.timestamp()
        guard !token.isEmpty || !certificate.isEmpty else {
            throw JSONError(
                .missing, at: "status", "neither token nor clientCertificateData is given")
        }
        guard certificate.isEmpty == key.isEmpty else {
            throw JSONError(
                .missing, at: "status",
                "clientCertificateData and clientKeyData must be given together")
        }
    }

    private static func request(
        _ plugin: ExecPlugin, _ configuration: ClientConfiguration
    ) throws(ConfigurationError) -> JSONValue {
        var spec: JSONValue = ["interactive": false]
        if plugin.providesClusterInfo {
            let server = configuration.server
            let scheme = server.isSecure ? "https://" : "http://"
            var cluster: JSONValue = [
                "server": .string(scheme + server.endpoint + server.basePath),
                "insecure-skip-tls-verify": .bool(server.tls.isInsecure),
            ]
            if !server.tls.serverName.isEmpty {
                cluster["tls-server-name"] = .string(server.tls.serverName)
            }
            if let proxy = server.proxy { cluster["proxy-url"] = .string(proxy) }
            if let authorities = try configuration.authorities?.read("the cluster's authority") {
                cluster["certificate-authority-data"] = .string(authorities.base64)
            }
            spec["cluster"] = cluster
        }
        return [
            "apiVersion": .string(plugin.apiVersion), "kind": "ExecCredential", "spec": spec,
        ]
    }
}
