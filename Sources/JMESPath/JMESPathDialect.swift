/// Which JMESPath is meant.
public enum JMESPathDialect: String, Hashable, Sendable, CaseIterable {
    /// The specification: <https://jmespath.org/specification.html>.
    case standard
    /// What Kyverno's policies are written in: more functions, and a key that does not exist is an
    /// error where nothing stands in for it.
    case kyverno
}
