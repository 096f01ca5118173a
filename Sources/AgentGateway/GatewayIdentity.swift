import FoundationEssentials
public import KubernetesCore
import SwiftASN1
import SwiftletAPI
import X509

/// What the gateway shows who it is with: a certificate of its own authority, which agents are
/// given and which is followed by another in time, or one that was given to it.
///
/// Authorities are kept in a Secret, so that restarts and replicas have the same ones; the key of
/// the certificate never leaves the process.
public struct GatewayIdentity: Sendable {
    /// The name of the Secret in the operator's namespace.
    public static let secretName = "swiftlet-gateway-ca"

    /// The certificates that agents check the gateway's against, each in PEM.
    public let roots: [String]
    /// When the gateway's certificate ends.
    public let expiry: Timestamp
    /// The gateway's certificate, in PEM, and those between it and its root.
    let certificatePEM: String
    /// The key of the gateway's certificate, in PEM.
    let keyPEM: String
    /// The own authorities; nil where the certificate was given.
    private let book: AuthorityBook?

    /// What agents check the gateway's certificate against, in PEM.
    public var caPEM: String { roots.joined(separator: "\n") }

    /// An identity with a new authority that nobody keeps: for a gateway without a cluster.
    /// - Parameter names: the DNS names and IP addresses under which agents know the gateway.
    public init(names: [String]) throws(GatewayError) {
        self = try Self.made { try GatewayIdentity(AuthorityBook(Authority()), names: names) }
    }

    /// An identity of a certificate that was given, with those between it and its root, its key,
    /// and its roots.
    init(given: GivenCertificate) {
        book = nil
        roots = given.roots
        certificatePEM = given.chain.joined(separator: "\n")
        keyPEM = given.key
        expiry = given.expiry
    }

    private init(
        _ book: AuthorityBook, names: [String], keeping leaf: GatewayIdentity? = nil
    ) throws {
        self.book = book
        roots = try book.roots()
        if let leaf {
            (certificatePEM, keyPEM, expiry) = (leaf.certificatePEM, leaf.keyPEM, leaf.expiry)
            return
        }
        (certificatePEM, keyPEM) = try book.current.issue(for: names)
        let end = try Certificate(pemEncoded: certificatePEM).notValidAfter
        expiry = Timestamp(seconds: Int64(end.timeIntervalSince1970))
    }

    /// The same authorities with a new certificate for `names`; the same where it was given.
    public func renewed(names: [String]) throws(GatewayError) -> GatewayIdentity {
        guard let book else { return self }
        return try Self.made { try GatewayIdentity(book, names: names) }
    }

    /// Whether the certificate is in the last third of its life; one that was given is not ours to
    /// renew.
    public func isAging(at now: Timestamp) -> Bool {
        book != nil && expiry - now < .seconds(Authority.leafLife / 3)
    }

    private static func made<Value>(_ make: () throws -> Value) throws(GatewayError) -> Value {
        do { return try make() } catch {
            throw GatewayError("the gateway's certificate cannot be made: \(error)")
        }
    }
}

extension GatewayIdentity {
    /// The identity of the cluster's gateway: made at the first start, read at all others, made
    /// anew where the kept one cannot be read. Where two replicas start at once, both end up with
    /// the one that was stored first. A Secret that somebody else has made is left alone: that is
    /// an error, and the process cannot go on.
    /// - Parameters:
    ///   - secrets: reads and writes the Secret.
    ///   - namespace: the operator's namespace.
    ///   - names: the DNS names and IP addresses under which agents know the gateway.
    ///   - say: is told in a sentence of what the Secret holds that cannot be used, and of what is
    ///     done about it.
    public static func loadOrCreate(
        secrets: any CheckpointWriting, namespace: String, names: [String],
        say: (String) -> Void = { _ in }
    ) async throws(GatewayError) -> GatewayIdentity {
        let key = Key<SecretView>(namespace: namespace, name: secretName)
        var reason = "another process keeps changing it"
        for _ in 0..<3 {
            let existing: SecretView?
            do throws(APIError) {
                existing = try await secrets.read(key)
            } catch {
                reason = "\(error)"
                continue
            }
            var damage: String?
            switch existing.map(KeptAuthorities.init) {
            case .usable(let book, let flaws)?:
                for flaw in flaws { say(Self.leftOut(flaw, key)) }
                return try made { try GatewayIdentity(book, names: names) }
            case .foreign(let reason)?: throw Self.foreign(reason, key)
            case .damaged(let reason)?: damage = reason
            case nil: break
            }
            let book = try made { try AuthorityBook(Authority()) }
            let content = try made { (try book.secret(key), try book.data()) }
            do throws(APIError) {
                try await keep(content, over: existing, secrets)
                if let damage { say(Self.replaced(damage, key)) }
            } catch {
                reason = "\(error)"
            }
        }
        throw GatewayError("the gateway's CA cannot be kept in the Secret \(key): \(reason)")
    }

    /// Looks at the Secret again, carries on what is due there, and renews the certificate in time;
    /// nil where everything is as it was.
    ///
    /// The Secret's annotation `swiftlet.dev/rotate` asks for another authority. A Secret that was
    /// removed or damaged gets back what this process knows; one of somebody else in its place is
    /// an error, and this process goes on with what it has.
    /// - Parameters:
    ///   - mayWrite: whether this process leads: only the leader changes the Secret.
    ///   - say: is told in a sentence of what the Secret holds that cannot be used, and of what is
    ///     done about it; again at each look, for as long as it is so.
    public func followed(
        secrets: any CheckpointWriting, namespace: String, names: [String], mayWrite: Bool,
        at now: Timestamp, say: (String) -> Void = { _ in }
    ) async throws(GatewayError) -> GatewayIdentity? {
        guard let book else { return nil }
        let key = Key<SecretView>(namespace: namespace, name: Self.secretName)
        let existing: SecretView?
        do throws(APIError) {
            existing = try await secrets.read(key)
        } catch {
            throw GatewayError("the Secret \(key) cannot be read: \(error)")
        }
        var found: AuthorityBook?
        var isFlawed = false
        switch existing.map(KeptAuthorities.init) {
        case .usable(let book, let flaws)?:
            found = book
            isFlawed = !flaws.isEmpty
            for flaw in flaws { say(Self.leftOut(flaw, key)) }
        case .foreign(let reason)?: throw Self.foreign(reason, key)
        case .damaged(let reason)?: say(Self.restored(reason, key))
        case nil: break
        }
        let asked = existing?.metadata.annotations[Self.rotation] != nil
        let date = Date(timeIntervalSince1970: Double(now.seconds))
        var new = try Self.made { try (found ?? book).stepped(at: date, asked: asked) }
        if new != found || isFlawed {
            // What is not stored is not shown: others could not go on from it.
            if mayWrite {
                let content = try Self.made { (try new.secret(key), try new.data()) }
                do throws(APIError) {
                    try await Self.keep(content, over: existing, secrets)
                } catch {
                    throw GatewayError("the Secret \(key) cannot be written: \(error)")
                }
            } else {
                new = found ?? book
            }
        }
        let isNew = new.current != book.current
        guard new != book || isAging(at: now) else { return nil }
        return try Self.made {
            try GatewayIdentity(
                new, names: names, keeping: isNew || isAging(at: now) ? nil : self)
        }
    }

    /// The annotation of the Secret that asks for another authority.
    private static let rotation = SwiftletNames.Annotation.rotate

    // MARK: - What is said

    private static func foreign(_ reason: String, _ key: Key<SecretView>) -> GatewayError {
        GatewayError(
            "the Secret \(key) is not the operator's own: \(reason). It is left as it is. Remove "
                + "it, or hand it over: of type \(KeptAuthorities.type), with the label "
                + "\(SwiftletNames.Label.managedBy)=\(SwiftletNames.managedBy). A certificate of "
                + "your own is given with --gateway-certificates")
    }

    private static func leftOut(_ flaw: String, _ key: Key<SecretView>) -> String {
        "the Secret \(key): \(flaw). It is not used, and the leader takes it out. The authority "
            + "that signs is good: agents go on, and nothing has to be done"
    }

    private static func replaced(_ reason: String, _ key: Key<SecretView>) -> String {
        "the Secret \(key) held no authority that can sign: \(reason). Another one was made and "
            + "is kept in it. Agents that run cannot call until the new root has reached them in "
            + "their pool's ConfigMap, about two minutes; their attempts go on. If you have a good "
            + "copy of the Secret, put it back and restart the operator"
    }

    private static func restored(_ reason: String, _ key: Key<SecretView>) -> String {
        "the Secret \(key) holds no authority that can sign any more: \(reason). The leader puts "
            + "back what agents trust. Find out who has written to it"
    }

    private static func keep(
        _ content: (secret: JSONValue, data: JSONValue), over existing: SecretView?,
        _ secrets: any CheckpointWriting
    ) async throws(APIError) {
        guard let existing else { return try await secrets.create(content.secret) }
        try await secrets.patch(
            existing,
            ["metadata": ["annotations": [rotation: .null]], "data": content.data])
    }
}
