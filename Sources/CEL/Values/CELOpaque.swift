public import KubernetesCore

/// A value of a library.
public enum CELOpaque: Sendable, Hashable {
    case ip(IPAddress)
    case cidr(IPPrefix)
    case url(URLValue)
    case quantity(QuantityValue)
    case semver(SemanticVersion)
    case format(NamedFormat)
    /// A value of a `CELLibrary`: the name of its type and what it holds.
    case named(String, JSONValue)

    /// The name of the type.
    var typeName: String {
        switch self {
        case .ip: "net.IP"
        case .cidr: "net.CIDR"
        case .url: "kubernetes.URL"
        case .quantity: "kubernetes.Quantity"
        case .semver: "kubernetes.Semver"
        case .format: "kubernetes.NamedFormat"
        case .named(let name, _): name
        }
    }
}
