import KubernetesCore

/// What a client may ask of the server in time and number: whoever is slow on purpose, or gone
/// without a word, holds nothing for long.
struct ConnectionLimits: Sendable {
    /// Most connections at once; more wait until one closes.
    var connectionsMax = 4_096
    /// Most requests at once, watches and logs apart; more are answered with 429.
    var requestsMax = 600
    /// Largest body: the limit of kube-apiserver.
    var bodyBytesMax = 3 << 20
    /// Most bytes in all header fields of a request.
    var headBytesMax = 80 << 10
    /// From the first byte of a connection or request to the last one of its header.
    var headTime = Duration.seconds(32)
    /// From the header to the last byte of the body.
    var bodyTime = Duration.seconds(60)
    /// How long a client that was refused may go on before it is cut off.
    var lingerTime = Duration.seconds(5)
    /// How long a connection without requests is kept.
    var idleTime = Duration.seconds(120)
    /// How long a peer that says nothing is believed to be there before it is asked.
    var silenceTime = Duration.seconds(30)
    /// How long a client may take to receive anything of what is sent to it.
    var writeTime = Duration.seconds(60)
}
