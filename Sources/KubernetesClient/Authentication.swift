/// How a client says who it is, besides a client certificate.
public enum Authentication: Hashable, Sendable {
    /// Nothing is said.
    case none
    /// A bearer token.
    case token(String)
    /// A bearer token in a file that is replaced from time to time.
    case tokenFile(String)
    /// A name and a password.
    case basic(user: String, password: String)
    /// A program that hands out credentials.
    case exec(ExecPlugin)
}

/// A program that hands out credentials (`client.authentication.k8s.io`).
public struct ExecPlugin: Hashable, Sendable {
    /// `client.authentication.k8s.io/v1` or `…/v1beta1`.
    public var apiVersion: String
    /// The program: a path, or a name to be looked for in `PATH`.
    public var command: String
    /// What the program is started with; no shell reads them.
    public var arguments: [String]
    /// Variables that are added to our own environment.
    public var environment: [String: String]
    /// What people should do where the program is missing.
    public var installHint: String
    /// Whether the program is told about the cluster.
    public var providesClusterInfo: Bool
    /// How long it may take.
    public var timeLimit: Duration

    /// A plugin by all its parts.
    public init(
        apiVersion: String, command: String, arguments: [String] = [],
        environment: [String: String] = [:], installHint: String = "",
        providesClusterInfo: Bool = false, timeLimit: Duration = .seconds(60)
    ) {
        self.apiVersion = apiVersion
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.installHint = installHint
        self.providesClusterInfo = providesClusterInfo
        self.timeLimit = timeLimit
    }
}
