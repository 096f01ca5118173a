/// A URL as Go's `net/url` reads it.
public struct URLValue: Sendable, Hashable {
    /// The text it was read from.
    let text: String
    let scheme: String
    /// The host with its port and brackets.
    let host: String
    private let path: [UInt8]
    private let rawPath: String
    let query: String

    /// Whether both have the same text but for the case of the scheme.
    public static func == (left: URLValue, right: URLValue) -> Bool {
        left.scheme == right.scheme && CELText.equal(left.rest, right.rest)
    }

    /// Feeds what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(scheme)
        hasher.combine(Array(rest.utf8))
    }

    private var rest: String {
        scheme.isEmpty ? text : String(text.unicodeScalars.dropFirst(scheme.unicodeScalars.count))
    }

    /// Reads an absolute URI or an absolute path.
    init(parsing text: String) throws(CELError) {
        _ = try Self.parts(text, isRequest: true)
        // What comes behind # is no part of the path, although a request may have it there.
        let parts = try Self.parts(String(text.prefix { $0 != "#" }), isRequest: false)
        self.text = text
        scheme = parts.scheme
        host = parts.host
        path = parts.path
        rawPath = parts.rawPath
        query = parts.query
    }

    private struct Parts {
        var scheme = ""
        var host = ""
        var path: [UInt8] = []
        var rawPath = ""
        var query = ""
    }

    private static func parts(_ text: String, isRequest: Bool) throws(CELError) -> Parts {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw CELError("net/url: invalid control character in URL")
        }
        if isRequest && text.isEmpty { throw CELError("empty url") }
        var result = Parts()
        if text == "*" {
            result.path = Array("*".utf8)
            result.rawPath = "*"
            return result
        }
        var rest = text[...]
        if let scheme = try scheme(text) {
            result.scheme = scheme.lowercased()
            rest = rest.dropFirst(scheme.count + 1)
        }
        if let mark = rest.firstIndex(of: "?") {
            result.query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if !rest.hasPrefix("/") {
            // What has a scheme and no slash is opaque: all of it is taken as it is.
            if !result.scheme.isEmpty { return result }
            if isRequest { throw CELError("invalid URI for request") }
        }
        if rest.hasPrefix("//"), !result.scheme.isEmpty || (!isRequest && !rest.hasPrefix("///")) {
            let authority = rest.dropFirst(2).prefix { $0 != "/" }
            rest = rest.dropFirst(2 + authority.count)
            result.host = try host(String(authority))
        }
        result.rawPath = String(rest)
        result.path = try unescape(String(rest), isHost: false)
        return result
    }

    private static func scheme(_ text: String) throws(CELError) -> String? {
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A: continue
            case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                if index == 0 { return nil }
            case UInt8(ascii: ":"):
                if index == 0 { throw CELError("missing protocol scheme") }
                return String(decoding: Array(text.utf8.prefix(index)), as: UTF8.self)
            default: return nil
            }
        }
        return nil
    }

    private static func host(_ authority: String) throws(CELError) -> String {
        var host = authority[...]
        if let at = host.lastIndex(of: "@") {
            let user = host[..<at]
            guard
                user.unicodeScalars.allSatisfy({
                    isUnreserved($0) || "!$&'()*+,;=:%@".unicodeScalars.contains($0)
                })
            else { throw CELError("net/url: invalid userinfo") }
            _ = try unescape(String(user), isHost: false)
            host = host[host.index(after: at)...]
        }
        var port = ""[...]
        if host.hasPrefix("[") {
            guard let bracket = host.lastIndex(of: "]") else {
                throw CELError("missing ']' in host")
            }
            port = host[host.index(after: bracket)...]
        } else if let colon = host.lastIndex(of: ":") {
            port = host[colon...]
        }
        guard
            port.isEmpty
                || (port.hasPrefix(":")
                    && port.dropFirst().unicodeScalars.allSatisfy(CELLexer.isDigit))
        else {
            throw CELError("invalid port \(CELQuote.quote(String(port))) after host")
        }
        return String(decoding: try unescape(String(host), isHost: true), as: UTF8.self)
    }

    private static func isUnreserved(_ scalar: Unicode.Scalar) -> Bool {
        CELLexer.isLetter(scalar) || CELLexer.isDigit(scalar)
            || "-.~".unicodeScalars.contains(scalar)
    }

    /// The octets that `text` stands for.
    static func unescape(
        _ text: String, isHost: Bool, plusIsSpace: Bool = false
    ) throws(CELError) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                let value = UInt8(digits, radix: 16)
                guard digits.utf8.count == 2, digits.unicodeScalars.allSatisfy(CELLexer.isHex),
                    let value, !isHost || value >= 128 || digits == "25"
                else {
                    throw CELError("invalid URL escape \(CELQuote.quote("%" + digits))")
                }
                result.append(value)
                rest = rest.dropFirst(2)
                continue
            }
            let scalar = Unicode.Scalar(byte)
            if isHost, byte < 128, !isUnreserved(scalar),
                !"!$&'()*+,;=:[]<>\"".unicodeScalars.contains(scalar)
            {
                throw CELError(
                    "invalid character \(CELQuote.quote(String(Character(scalar)))) in host name")
            }
            result.append(plusIsSpace && scalar == "+" ? 0x20 : byte)
        }
        return result
    }

    /// The host without port and brackets.
    var hostname: String {
        var name = host[...]
        if let colon = name.lastIndex(of: ":"),
            name[name.index(after: colon)...].unicodeScalars.allSatisfy(CELLexer.isDigit)
        {
            name = name[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        return String(name)
    }

    /// The port as a text, or nothing.
    var port: String {
        guard let colon = host.lastIndex(of: ":") else { return "" }
        let digits = host[host.index(after: colon)...]
        return digits.unicodeScalars.allSatisfy(CELLexer.isDigit) ? String(digits) : ""
    }

    /// The path with what must be escaped escaped.
    var escapedPath: String {
        let isValid = rawPath.unicodeScalars.allSatisfy {
            Self.isUnreserved($0) || "!$&'()*+,;=:@[]%/".unicodeScalars.contains($0)
        }
        if isValid { return rawPath }
        return path.map { byte in
            let scalar = Unicode.Scalar(byte)
            if byte < 128, Self.isUnreserved(scalar) || "$&+,/:;=@".unicodeScalars.contains(scalar)
            {
                return String(Character(scalar))
            }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// The parameters of the query, decoded; what is malformed is left out.
    var parameters: [(String, [String])] {
        var result: [(String, [String])] = []
        for part in query.split(separator: "&") where !part.contains(";") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = try? Self.unescape(String(pair[0]), isHost: false, plusIsSpace: true),
                let value = try? Self.unescape(
                    pair.count > 1 ? String(pair[1]) : "", isHost: false, plusIsSpace: true)
            else { continue }
            let name = String(decoding: key, as: UTF8.self)
            let text = String(decoding: value, as: UTF8.self)
            if let place = result.firstIndex(where: { CELText.equal($0.0, name) }) {
                result[place].1.append(text)
            } else {
                result.append((name, [text]))
            }
        }
        return result
    }
}

/// `url` and what can be asked of URLs.
enum URLLibrary {
    static let functions: [CELFunction] =
        CELFunction.define("url", ["(string) -> url"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            guard case .string(let text) = a[0] else { throw .noOverload }
            do throws(CELError) {
                return .opaque(.url(try URLValue(parsing: text)))
            } catch {
                throw CELError(
                    "URL parse error during conversion from string: parse "
                        + "\(CELQuote.quote(text)): \(error.message)")
            }
        }
        + CELFunction.define("isURL", ["(string) -> bool"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            guard case .string(let text) = a[0] else { throw .noOverload }
            return .bool((try? URLValue(parsing: text)) != nil)
        }
        + part("getScheme") { $0.scheme } + part("getHost") { $0.host }
        + part("getHostname") { $0.hostname } + part("getPort") { $0.port }
        + part("getEscapedPath") { $0.escapedPath }
        + CELFunction.define("getQuery", ["url.() -> map(string, list(string))"]) {
            a, _ throws(CELError) in
            guard case .opaque(.url(let url)) = a[0] else { throw .noOverload }
            return .map(
                CELMap(url.parameters.map { (.string($0.0), .list($0.1.map(CELValue.string))) }))
        }

    private static func part(
        _ name: String, _ get: @escaping @Sendable (URLValue) -> String
    ) -> [CELFunction] {
        CELFunction.define(name, ["url.() -> string"]) { a, _ throws(CELError) in
            guard case .opaque(.url(let url)) = a[0] else { throw .noOverload }
            return .string(get(url))
        }
    }
}
