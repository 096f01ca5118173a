public import KubernetesCore

/// What the mutate rules of policies make of an object.
public struct PolicyMutation: Sendable, Equatable {
    /// Which changes are made.
    public enum Extent: Hashable, Sendable {
        /// Only those that leave everything as it was and add to it. A rule that would change or
        /// remove something is not carried out, and reports an `error` that forbids nothing.
        case additions
        /// All.
        case everything
    }

    /// The object after the rules.
    public let object: JSONValue
    /// The object as each policy with mutate rules left it, by the policy's name.
    public let stages: [String: JSONValue]
    /// What the rules say: `pass` for one that changed the object, `skip` for one that did not.
    public let results: [PolicyResult]
}
