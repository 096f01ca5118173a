import KubernetesCore
import SwiftletAPI

/// What the Secret of the gateway's authorities holds. Nothing is done about it here.
enum KeptAuthorities {
    /// Authorities to go on from; what of them cannot be used, each with what is done about it.
    case usable(AuthorityBook, flaws: [String])
    /// The Secret is ours, and no authority in it can sign, for this reason.
    case damaged(String)
    /// The Secret is not ours to read or to write, for this reason.
    case foreign(String)

    /// The type of the Secret that the operator makes.
    static let type = "kubernetes.io/tls"

    /// Reads the Secret. It is ours where it has our label and the type that we make it with:
    /// whatever it holds then may be replaced, and nobody else's ever is.
    init(in secret: SecretView) {
        let owner = secret.metadata.labels[SwiftletNames.Label.managedBy]
        guard owner == SwiftletNames.managedBy else {
            let found = owner.map { "says \($0)" } ?? "is missing"
            self = .foreign(
                "its label \(SwiftletNames.Label.managedBy) \(found), so somebody else made it")
            return
        }
        guard secret.kind == Self.type else {
            self = .foreign("its type is \(secret.kind), not \(Self.type)")
            return
        }
        do throws(GatewayError) {
            let (book, flaws) = try AuthorityBook.read(secret.data)
            if let reason = book.current.flaw() {
                self = .damaged("the authority in tls.crt \(reason)")
            } else {
                self = .usable(book, flaws: flaws)
            }
        } catch {
            self = .damaged(error.description)
        }
    }
}
