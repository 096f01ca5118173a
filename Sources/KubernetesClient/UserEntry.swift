import KubernetesCore

/// The part of a kubeconfig that says who we are.
struct UserEntry {
    private let entry: Kubeconfig.Entry
    private let what = "the user"

    init(_ entry: Kubeconfig.Entry) { self.entry = entry }

    /// Adds what the entry says to `configuration`.
    func add(to configuration: inout ClientConfiguration) throws(ConfigurationError) {
        configuration.clientCertificate = try entry.material("client-certificate", of: what)
        configuration.clientKey = try entry.material("client-key", of: what)
        guard (configuration.clientCertificate == nil) == (configuration.clientKey == nil) else {
            throw fault("a client certificate and its key must be given together")
        }
        _ = try configuration.clientCertificate?.read("the client certificate")
        _ = try configuration.clientKey?.read("the client key")
        configuration.authentication = try authentication()
        configuration.impersonation = try impersonation()
    }

    private func authentication() throws(ConfigurationError) -> Authentication {
        let exec = entry.value["exec"]
        let token = try entry.text("token", of: what)
        let tokenFile = try entry.text("tokenFile", of: what)
        let name = try entry.text("username", of: what)
        if let provider = entry.value["auth-provider"], !provider.isNull {
            throw fault(
                "auth-provider is no longer supported by Kubernetes; use an exec plugin instead")
        }
        if !tokenFile.isEmpty {
            let path = entry.absolute(tokenFile)
            _ = try Material.file(path).read("the token file")
            return .tokenFile(path)
        }
        if !token.isEmpty { return .token(token) }
        if !name.isEmpty {
            return .basic(user: name, password: try entry.text("password", of: what))
        }
        guard let exec, !exec.isNull else { return .none }
        return .exec(try plugin(exec))
    }

    private func plugin(_ exec: JSONValue) throws(ConfigurationError) -> ExecPlugin {
        guard let command = exec["command"]?.string, !command.isEmpty else {
            throw fault("exec names no command")
        }
        let version = exec["apiVersion"]?.string ?? ""
        let known = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
        guard known.contains(version) else {
            throw fault(
                "exec has the apiVersion \"\(version)\"; supported are "
                    + known.joined(separator: ", ")
            )
        }
        guard exec["interactiveMode"]?.string != "Always" else {
            throw fault("the exec plugin \(command) needs a terminal, which this program has not")
        }
        var environment: [String: String] = [:]
        for variable in exec["env"]?.array ?? [] {
            guard let name = variable["name"]?.string, !name.isEmpty, !name.contains("=") else {
                throw fault("a variable of exec has no name")
            }
            environment[name] = variable["value"]?.string ?? ""
        }
        var arguments: [String] = []
        for argument in exec["args"]?.array ?? [] {
            guard let text = argument.string else {
                throw fault("an argument of exec is a \(argument.typeName); put it in quotes")
            }
            arguments.append(text)
        }
        return ExecPlugin(
            apiVersion: version, command: command.contains("/") ? entry.absolute(command) : command,
            arguments: arguments, environment: environment,
            installHint: exec["installHint"]?.string ?? "",
            providesClusterInfo: exec["provideClusterInfo"]?.bool ?? false)
    }

    private func impersonation() throws(ConfigurationError) -> ClientConfiguration.Impersonation? {
        let user = try entry.text("as", of: what)
        let uid = try entry.text("as-uid", of: what)
        let groups = (entry.value["as-groups"]?.array ?? []).compactMap(\.string)
        guard !user.isEmpty else {
            guard uid.isEmpty, groups.isEmpty else { throw fault("as-uid and as-groups need as") }
            return nil
        }
        return ClientConfiguration.Impersonation(user: user, uid: uid, groups: groups)
    }

    private func fault(_ message: String) -> ConfigurationError {
        ConfigurationError("kubeconfig \(entry.file): \(message)")
    }
}
