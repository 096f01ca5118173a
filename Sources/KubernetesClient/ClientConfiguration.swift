public import CurlTransport
import KubernetesCore

/// Which cluster a client speaks to, and as whom.
public struct ClientConfiguration: Hashable, Sendable {
    /// The server. Its TLS options hold what does not come from files; the three materials below
    /// are added for each connection.
    public var server: HTTPServer
    /// The authorities that may vouch for the server; `nil` for those of the system.
    public var authorities: Material?
    /// Our certificate.
    public var clientCertificate: Material?
    /// The key of our certificate.
    public var clientKey: Material?
    /// How we say who we are, besides the certificate.
    public var authentication: Authentication
    /// As whom we act, where we may act as others; `nil` for ourselves.
    public var impersonation: Impersonation?
    /// The namespace that is meant where none is named.
    public var namespace: String
    /// What the server's logs call us.
    public var userAgent: String
    /// How long a call may take where nothing else is said.
    public var callTimeLimit: Duration
    /// How often at most it is looked whether files of certificates and tokens were replaced.
    public var fileCheckInterval: Duration

    /// As whom a client acts.
    public struct Impersonation: Hashable, Sendable {
        /// The name that the server takes the caller for.
        public var user: String
        /// Its identity; empty where it does not matter.
        public var uid: String
        /// The groups that the caller is taken for a member of, besides those the server adds.
        public var groups: [String]

        /// Somebody else.
        public init(user: String, uid: String = "", groups: [String] = []) {
            self.user = user
            self.uid = uid
            self.groups = groups
        }
    }

    /// A configuration; without authentication where nothing is given.
    public init(
        server: HTTPServer, authorities: Material? = nil, clientCertificate: Material? = nil,
        clientKey: Material? = nil, authentication: Authentication = .none,
        namespace: String = "default"
    ) {
        self.server = server
        self.authorities = authorities
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.authentication = authentication
        self.namespace = namespace
        impersonation = nil
        userAgent = "swiftlet"
        callTimeLimit = .seconds(60)
        fileCheckInterval = .seconds(1)
    }

    /// Finds the cluster as Kubernetes programs do: the file named, else those of `KUBECONFIG`,
    /// else the service account of the pod we run in, else `~/.kube/config`.
    /// - Parameters:
    ///   - kubeconfig: a file named by the user; it must exist.
    ///   - context: the context to take instead of the file's current one.
    ///   - environment: the environment; `nil` for that of the process.
    public static func load(
        kubeconfig: String? = nil, context: String? = nil, environment: [String: String]? = nil
    ) throws(ConfigurationError) -> ClientConfiguration {
        let environment = environment ?? ProcessEnvironment.current
        if let kubeconfig, !kubeconfig.isEmpty {
            return try Kubeconfig(files: [kubeconfig]).configuration(context: context)
        }
        let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        if !listed.isEmpty {
            let files = listed.filter(FileReading.exists)
            guard !files.isEmpty else {
                throw ConfigurationError(
                    "KUBECONFIG names \(listed.joined(separator: ", ")), and none of it exists")
            }
            return try Kubeconfig(files: files).configuration(context: context)
        }
        if context == nil, environment["KUBERNETES_SERVICE_HOST"] != nil {
            return try inCluster(environment: environment)
        }
        let standard = (environment["HOME"] ?? "") + "/.kube/config"
        guard FileReading.exists(standard) else {
            throw ConfigurationError(
                "no cluster is configured: there is no \(standard), KUBECONFIG is not set, and "
                    + "this is no pod of a cluster; pass --kubeconfig FILE")
        }
        return try Kubeconfig(files: [standard]).configuration(context: context)
    }

    /// The cluster whose pod we are, with the pod's service account.
    /// - Parameter folder: where the service account's files are mounted.
    public static func inCluster(
        environment: [String: String]? = nil,
        folder: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    ) throws(ConfigurationError) -> ClientConfiguration {
        let environment = environment ?? ProcessEnvironment.current
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else {
            throw ConfigurationError(
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no "
                    + "pod of a cluster")
        }
        let address = host.contains(":") ? "[" + host + "]" : host
        guard let server = HTTPServer("https://" + address + ":" + port) else {
            throw ConfigurationError(
                "KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT are no address: \(host), \(port)"
            )
        }
        let token = folder + "/token"
        _ = try Material.file(token).read("the service account's token")
        let authorities = Material.file(folder + "/ca.crt")
        _ = try authorities.read("the cluster's certificate authority")
        var configuration = ClientConfiguration(
            server: server, authorities: authorities, authentication: .tokenFile(token))
        let path = folder + "/namespace"
        if FileReading.exists(path) {
            let bytes = try FileReading.read(path, bytesMax: 1_024, "the pod's namespace")
            configuration.namespace = String(decoding: bytes, as: UTF8.self).trimmed
        }
        return configuration
    }
}

extension String {
    /// This text without white space around it.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
