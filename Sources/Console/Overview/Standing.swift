/// What the process that shows something is: it leads, or it follows, or it only looks.
public enum Standing: Hashable, Sendable {
    /// It decides and writes.
    case leads
    /// It follows along; who leads, where that is known.
    case follows(leader: String?)
    /// It is no operator.
    case looksOn
}
