/// How an applier writes.
public struct ApplierOptions: Sendable {
    /// Under whose name the server notes the fields that are written.
    public var fieldManager = "swiftlet"
    /// How long one request may take.
    public var requestTimeout: Duration = .seconds(10)
    /// How long before the end of the leadership every request must have ended.
    public var leadershipMargin: Duration = .seconds(1)
    /// The shortest time that is worth a request.
    public var requestTimeMin: Duration = .milliseconds(500)
    /// Most actions of one step that are out at the same time.
    public var concurrencyMax = 16
    /// Whether the server shall check everything and store nothing.
    public var isDryRun = false

    /// The defaults.
    public init() {}
}
