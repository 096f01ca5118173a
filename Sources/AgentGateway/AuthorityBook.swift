import FoundationEssentials
import KubernetesCore
import SwiftletAPI

/// The gateway's own authorities as a Secret keeps them: the one that signs, the one that will, and
/// the one that did. An authority signs only after agents have been given it for a while, and they
/// are given it for a while after it has signed its last.
struct AuthorityBook: Sendable, Equatable {
    /// How long agents are given an authority before it signs: a kubelet brings a changed ConfigMap
    /// to a pod within two minutes.
    static let lead: TimeInterval = 600
    /// How long agents are given an authority after another one has begun to sign.
    static let retention: TimeInterval = 86_400

    /// The authority that signs.
    private(set) var current: Authority
    /// The authority that will sign next; nil where none has been made.
    private(set) var next: Authority?
    /// The certificate of the authority that signed before, in PEM; nil where it is forgotten.
    private(set) var previous: String?

    /// A book of one authority.
    init(_ current: Authority) { self.current = current }

    /// The book that a Secret of type `kubernetes.io/tls` holds, and what in it cannot be used and
    /// is left out: a next authority that cannot be read is none, and another one is made when its
    /// time comes. Throws where the one that signs cannot be read.
    static func read(
        _ data: [String: [UInt8]]
    ) throws(GatewayError) -> (book: AuthorityBook, flaws: [String]) {
        var book = AuthorityBook(try Authority("tls", in: data))
        var flaws: [String] = []
        if data["next.crt"] != nil || data["next.key"] != nil {
            do throws(GatewayError) {
                let next = try Authority("next", in: data)
                if next.isGood() {
                    book.next = next
                } else {
                    let reason = next.flaw() ?? "ends too soon to follow another"
                    flaws.append("the authority in next.crt \(reason)")
                }
            } catch {
                flaws.append(error.description)
            }
        }
        if let bytes = data["previous.crt"] {
            let pem = String(decoding: bytes, as: UTF8.self)
            if Authority.isCertificate(pem) {
                book.previous = pem
            } else {
                flaws.append("previous.crt is no certificate in PEM")
            }
        }
        return (book, flaws)
    }

    /// What the book comes to at `now`: the same where nothing is due.
    /// - Parameter asked: whether somebody wants another authority now.
    func stepped(at now: Date, asked: Bool) throws -> AuthorityBook {
        var result = self
        if let next, now >= next.made + Self.lead {
            result.previous = try current.pem()
            result.current = next
            result.next = nil
        } else if next == nil, asked || !current.isGood(now: now) {
            result.next = try Authority(now: now)
        }
        if result.previous != nil, now >= result.current.made + Self.lead + Self.retention {
            result.previous = nil
        }
        return result
    }

    /// The certificates that agents are given, in PEM: the one that signs first.
    func roots() throws -> [String] {
        try [current.pem()] + [try next?.pem(), previous].compactMap { $0 }
    }

    /// The content of the Secret; what is not kept any more is taken out by null.
    func data() throws -> JSONValue {
        func encoded(_ text: String?) -> JSONValue {
            text.map { SecretView.encoded(Array($0.utf8)) } ?? .null
        }
        return [
            "tls.crt": encoded(try current.pem()), "tls.key": encoded(current.keyPEM),
            "next.crt": encoded(try next?.pem()), "next.key": encoded(next?.keyPEM),
            "previous.crt": encoded(previous),
        ]
    }

    /// The whole Secret, for one that is not there yet.
    func secret(_ name: Key<SecretView>) throws -> JSONValue {
        var content = try data().object ?? JSONObject()
        for (key, value) in content where value.isNull { content[key] = nil }
        return [
            "apiVersion": "v1", "kind": "Secret", "type": .string(KeptAuthorities.type),
            "metadata": [
                "name": .string(name.name), "namespace": .string(name.namespace),
                "labels": [SwiftletNames.Label.managedBy: .string(SwiftletNames.managedBy)],
            ],
            "data": .object(content),
        ]
    }
}
