/// Why a text is no regular expression, in the words that Go's `regexp` package uses, because these
/// reach users of Kubernetes.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is, as in `missing closing ]`.
    public let kind: String
    /// The part of the source at fault.
    public let part: String

    /// A fault of `kind` in `part`.
    public init(_ kind: String, _ part: String) {
        self.kind = kind
        self.part = part
    }

    /// The whole sentence, as in ``error parsing regexp: missing closing ]: `[a` ``.
    public var description: String {
        part.isEmpty ? "error parsing regexp: \(kind)" : "error parsing regexp: \(kind): `\(part)`"
    }
}
