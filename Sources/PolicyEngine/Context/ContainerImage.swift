import KubernetesCore

/// An image reference taken apart, as `images` of a rule's context has it.
///
/// Source: the grammar of https://github.com/distribution/reference.
struct ContainerImage: Hashable, Sendable {
    let registry: String
    let path: String
    let tag: String
    let digest: String

    private static let nameMax = 255

    /// Reads a reference; `nil` where `text` is none. A reference without a registry is one of
    /// Docker Hub, and one without tag and digest has the tag `latest`.
    init?(_ text: String) {
        var rest = Substring(ContainerImage.withRegistry(text))
        var digest = ""
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            guard ContainerImage.isDigest(digest) else { return nil }
            rest = rest[..<at]
        }
        var tag = ""
        let lastSlash = rest.lastIndex(of: "/") ?? rest.startIndex
        if let colon = rest[lastSlash...].lastIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            guard ContainerImage.isTag(tag) else { return nil }
            rest = rest[..<colon]
        }
        guard rest.utf8.count <= ContainerImage.nameMax, let slash = rest.firstIndex(of: "/") else {
            return nil
        }
        let path = rest[rest.index(after: slash)...]
        guard ContainerImage.isDomain(rest[..<slash]),
            path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(
                ContainerImage.isPathComponent)
        else { return nil }
        registry = String(rest[..<slash])
        self.path = String(path)
        self.tag = tag.isEmpty && digest.isEmpty ? "latest" : tag
        self.digest = digest
    }

    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The members of `images.containers.NAME`; empty ones are left out.
    func json(pointer: String) -> JSONValue {
        let base = registry + "/" + path
        let members: [(String, String)] = [
            ("registry", registry), ("name", name), ("path", path), ("tag", tag),
            ("digest", digest),
            ("reference", digest.isEmpty ? base + ":" + tag : base + "@" + digest),
            ("referenceWithTag", base + ":" + tag), ("jsonPointer", pointer),
        ]
        return .object(
            JSONObject(members.filter { !$0.1.isEmpty }.map { ($0.0, .string($0.1)) }))
    }

    private static func withRegistry(_ text: String) -> String {
        guard let slash = text.firstIndex(of: "/") else { return "docker.io/" + text }
        let first = text[..<slash]
        let names = first.contains(".") || first.contains(":") || first == "localhost"
        return names || first.lowercased() != first ? text : "docker.io/" + text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLower(byte) || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z"))
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    }

    private static func isDomain(_ text: Substring) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            let port = text[text.index(after: colon)...]
            guard !port.isEmpty, port.allSatisfy({ $0.isASCII && $0.isNumber }) else {
                return false
            }
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" }
                && host.utf8.count > 2
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, let last = part.utf8.last else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && part.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Lower case letters and digits, separated by one dot, one or two underscores, or dashes.
    private static func isPathComponent(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isLower(first),
            isLower(last)
        else { return false }
        return text.utf8.split(whereSeparator: isLower).allSatisfy { separator in
            let separator = String(decoding: Array(separator), as: UTF8.self)
            return separator == "." || separator == "_" || separator == "__"
                || separator.allSatisfy { $0 == "-" }
        }
    }

    private static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128,
            isAlphanumeric(first) || first == UInt8(ascii: "_")
        else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }

    private static func isDigest(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        let hex = text[text.index(after: colon)...]
        let algorithm = text[..<colon].split(omittingEmptySubsequences: false) {
            "-_+.".contains($0)
        }
        return hex.utf8.count >= 32 && hex.allSatisfy { $0.isASCII && $0.isHexDigit }
            && algorithm.allSatisfy { part in
                guard let first = part.utf8.first else { return false }
                return isAlphanumeric(first) && !(first >= 0x30 && first <= 0x39)
                    && part.utf8.allSatisfy(isAlphanumeric)
            }
    }
}
