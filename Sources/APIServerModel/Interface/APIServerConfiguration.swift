public import KubernetesCore
public import PodSecurity

/// What a server is given at its start.
public struct APIServerConfiguration: Sendable {
    /// The cluster's name, for people.
    public var clusterName: String
    /// Where clients reach the server.
    public var serverURL: String
    /// The bearer token of the administrator; nobody is the administrator by token where it is
    /// empty.
    public var adminToken: String
    /// Where UIDs and name suffixes come from: equal seeds and equal requests give equal answers.
    public var seed: UInt64
    /// The key that service-account tokens are signed with, 32 random bytes; where it is empty it
    /// is made from the seed, which whoever has seen a UID can find out: for tests alone.
    public var tokenKey: [UInt8] = []
    /// Who issues the tokens, and whom they are for where they name nobody; the server's URL where
    /// it is empty. It outlives a change of the port.
    public var tokenIssuer = ""
    /// Whether changes are kept for `APIServer.takeJournal()`.
    public var isJournaled = false
    /// The time at which the server starts.
    public var startTime: Timestamp
    /// The CA certificate in PEM that `kube-root-ca.crt` carries.
    public var rootCertificates: String
    /// Most changes that are kept for watches and old lists; older ones are answered with 410.
    public var historyMax: Int
    /// Least resource version of the first object, so that small numbers are recognised as too old.
    public var firstRevision: UInt64
    /// What namespaces demand of pods that have no labels for it, and who is exempt.
    public var podSecurity = PodSecurityAdmission(newest: PodSecurityVersion(minor: 36))
    /// How bodies in YAML are read and answers in YAML are written.
    public var yaml = YAMLCodec()

    /// A configuration with the usual bounds.
    public init(
        clusterName: String = "swiftlet", serverURL: String = "https://127.0.0.1:6443",
        adminToken: String = "", seed: UInt64 = 1,
        startTime: Timestamp = Timestamp(seconds: 1_767_225_600), rootCertificates: String = "",
        historyMax: Int = 20_000, firstRevision: UInt64 = 100
    ) {
        self.clusterName = clusterName
        self.serverURL = serverURL
        self.adminToken = adminToken
        self.seed = seed
        self.startTime = startTime
        self.rootCertificates = rootCertificates
        self.historyMax = historyMax
        self.firstRevision = firstRevision
    }

    /// Who issues tokens.
    var issuer: String { tokenIssuer.isEmpty ? serverURL : tokenIssuer }
}
