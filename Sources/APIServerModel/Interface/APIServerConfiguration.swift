public import KubernetesCore

/// What a server is given at its start.
public struct APIServerConfiguration: Sendable {
    /// The cluster's name, for people.
    public var clusterName: String
    /// Where clients reach the server; also the issuer of its tokens.
    public var serverURL: String
    /// The bearer token of the administrator; nobody is the administrator by token where it is
    /// empty.
    public var adminToken: String
    /// Where UIDs, name suffixes and the token key come from: equal seeds and equal requests give
    /// equal answers.
    public var seed: UInt64
    /// The time at which the server starts.
    public var startTime: Timestamp
    /// The CA certificate in PEM that `kube-root-ca.crt` carries.
    public var rootCertificates: String
    /// Most changes that are kept for watches and old lists; older ones are answered with 410.
    public var historyMax: Int
    /// Least resource version of the first object, so that small numbers are recognised as too old.
    public var firstRevision: UInt64

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
}
