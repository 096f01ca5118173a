/// Where an image comes from, as Kyverno reads it: Docker Hub and `latest` where nothing is said,
/// and no `library/` in between.
struct ImageReference: Equatable {
    var registry: String
    var path: String
    var tag: String?
    var digest: String?

    /// Reads an image's name; `nil` where it is none.
    init?(_ image: String) {
        guard image.utf8.count <= 4_096 else { return nil }
        let full = Self.isQualified(image) ? image : "docker.io/" + image
        var rest = Substring(full)
        if let at = rest.firstIndex(of: "@") {
            let digest = rest[rest.index(after: at)...]
            guard Self.isDigest(digest) else { return nil }
            self.digest = String(digest)
            rest = rest[..<at]
        }
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        var path = rest[rest.index(after: slash)...]
        if let colon = path.lastIndex(of: ":") {
            let tag = path[path.index(after: colon)...]
            guard Self.isTag(tag) else { return nil }
            self.tag = String(tag)
            path = path[..<colon]
        }
        let registry = rest[..<slash]
        guard registry.utf8.count + path.utf8.count < 255, Self.isRegistry(registry),
            path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(Self.isName)
        else { return nil }
        if tag == nil, digest == nil { tag = "latest" }
        self.registry = String(registry)
        self.path = String(path)
    }

    /// The whole name; with a digest, the tag does not count.
    var text: String {
        let name = registry + "/" + path
        if let digest { return name + "@" + digest }
        return name + ":" + (tag ?? "latest")
    }

    /// Whether the first part of a name is a registry.
    private static func isQualified(_ image: String) -> Bool {
        guard let slash = image.firstIndex(of: "/") else { return false }
        let first = image[..<slash]
        return first.contains(".") || first.contains(":") || first == "localhost"
            || LetterCase.lower(String(first)) != first
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || isDigit(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isLower(byte) || (byte >= 0x41 && byte <= 0x5A)
    }

    private static func isRegistry(_ text: Substring) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            let port = text[text.index(after: colon)...]
            guard !port.isEmpty, port.utf8.allSatisfy(isDigit) else { return false }
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            return !address.isEmpty
                && address.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: ":") }
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, let last = part.utf8.last else { return false }
            return isLetterOrDigit(first) && isLetterOrDigit(last)
                && part.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Lower-case letters and digits, joined by `.`, `_`, `__` or dashes.
    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isLower(first),
            isLower(last)
        else { return false }
        let joints = text.utf8.split(whereSeparator: isLower)
        return joints.allSatisfy { joint in
            joint.elementsEqual(".".utf8) || joint.elementsEqual("_".utf8)
                || joint.elementsEqual("__".utf8) || joint.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }

    private static func isTag(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        let isWord = { (byte: UInt8) in isLetterOrDigit(byte) || byte == UInt8(ascii: "_") }
        return isWord(first)
            && text.utf8.allSatisfy {
                isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
            }
    }

    private static func isDigest(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let lengths = ["sha256": 64, "sha384": 96, "sha512": 128]
        guard parts.count == 2, parts[1].utf8.count == lengths[String(parts[0])] else {
            return false
        }
        return parts[1].utf8.allSatisfy { isDigit($0) || ($0 >= 0x61 && $0 <= 0x66) }
    }
}
