/// A reference to an image, read as container registries' own tools read it: what is left out is
/// Docker Hub, `library` and `latest`.
struct ImageReference: Hashable, Sendable {
    /// The registry, as in `ghcr.io` or `index.docker.io`.
    let registry: String
    /// The repository, as in `library/nginx`.
    let repository: String
    /// The tag; empty where a digest says what is meant.
    let tag: String
    /// The digest, as in `sha256:…`; empty where there is none.
    let digest: String

    /// What is wrong with a reference.
    struct Fault: Error {
        let message: String
    }

    /// The digest, or else the tag.
    var identifier: String { digest.isEmpty ? tag : digest }

    init(_ text: String) throws(Fault) {
        let fault = Fault(message: "could not parse reference: \(text.prefix(300))")
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, text.utf8.count <= 4_096, let name = parts.first else {
            throw fault
        }
        let (base, tag) = Self.untagged(name)
        if let tag, !Self.isTag(tag) { throw fault }
        guard let (registry, repository) = Self.split(base) else { throw fault }
        self.registry = registry
        self.repository = repository
        guard parts.count == 2 else {
            digest = ""
            self.tag = tag.map(String.init) ?? "latest"
            return
        }
        guard Self.isDigest(parts[1]) else { throw fault }
        digest = String(parts[1])
        self.tag = ""
    }

    /// A name and the tag behind its last colon, which is no port.
    private static func untagged(_ name: Substring) -> (Substring, Substring?) {
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else {
            return (name, nil)
        }
        return (name[..<colon], name[name.index(after: colon)...])
    }

    private static func split(_ name: Substring) -> (String, String)? {
        var registry = ""
        var repository = name
        if let slash = name.firstIndex(of: "/") {
            let first = name[..<slash]
            if first.contains(".") || first.contains(":") || first == "localhost" {
                guard isHost(first) else { return nil }
                registry = String(first)
                repository = name[name.index(after: slash)...]
            }
        }
        guard (2...255).contains(repository.utf8.count), repository.utf8.allSatisfy(isPath) else {
            return nil
        }
        if registry.isEmpty || registry == "docker.io" { registry = "index.docker.io" }
        if registry == "index.docker.io", !repository.contains("/") {
            return (registry, "library/" + repository)
        }
        return (registry, String(repository))
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isUpper(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isPath(_ byte: UInt8) -> Bool {
        isLower(byte) || "_-./".utf8.contains(byte)
    }

    private static func isHost(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { isLower($0) || isUpper($0) || "_-.:[]".utf8.contains($0) }
    }

    private static func isTag(_ text: Substring) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { isLower($0) || isUpper($0) || "_-.".utf8.contains($0) }
    }

    private static func isDigest(_ text: Substring) -> Bool {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 64 else {
            return false
        }
        return text.utf8.dropFirst(prefix.utf8.count).allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }
}
