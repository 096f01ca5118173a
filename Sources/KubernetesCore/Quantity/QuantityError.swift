/// Why a text is no quantity.
public enum QuantityError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text as a whole.
    case format
    /// The number in it.
    case number
    /// The unit after the number.
    case suffix

    /// The words of a kube-apiserver.
    public var description: String {
        switch self {
        case .format:
            "quantities must match the regular expression "
                + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        case .number: "unable to parse numeric part of quantity"
        case .suffix: "unable to parse quantity's suffix"
        }
    }
}
