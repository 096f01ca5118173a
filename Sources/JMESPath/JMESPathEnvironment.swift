public import KubernetesCore

/// What a search may depend on besides the data, and how much it may cost.
public struct JMESPathEnvironment: Sendable {
    /// What `time_now`, `time_now_utc` and `time_since` take for now.
    public var now: Timestamp
    /// What `random` makes its texts from; the same seed gives the same texts.
    public var seed: UInt64
    /// The most steps of a search: a node evaluated, an element looked at, eight bytes written.
    public var stepsMax = 1_000_000
    /// The largest result in bytes, written as JSON.
    public var resultMax = 3 << 20
    /// Reads a YAML document for `parse_yaml`; where it is `nil`, that function fails.
    public var parseYAML: (@Sendable (String) throws(JMESPathError) -> JSONValue)?

    /// An environment at `now` with the default limits.
    public init(
        now: Timestamp = Timestamp(nanoseconds: 0), seed: UInt64 = 0,
        parseYAML: (@Sendable (String) throws(JMESPathError) -> JSONValue)? = nil
    ) {
        self.now = now
        self.seed = seed
        self.parseYAML = parseYAML
    }
}
