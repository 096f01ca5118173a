import KubernetesCore

/// A request's path and query, decoded.
struct Query: Sendable {
    /// The path's segments; no empty ones.
    let segments: [String]
    /// The path as the client wrote it.
    let path: String
    private let parameters: [(String, String)]

    init(_ target: String) {
        // By bytes: what separates is ASCII, whatever stands beside it.
        let bytes = target.utf8
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        path = String(target[..<(mark ?? bytes.endIndex)])
        segments = path.utf8.split(separator: UInt8(ascii: "/")).map {
            Query.decode(Substring($0), plusIsSpace: false)
        }
        guard let mark else {
            parameters = []
            return
        }
        let query = bytes[bytes.index(after: mark)...]
        parameters = query.split(separator: UInt8(ascii: "&")).map { pair in
            let sign = pair.firstIndex(of: UInt8(ascii: "="))
            let value = sign.map { pair[pair.index(after: $0)...] }
            return (
                Query.decode(Substring(pair[..<(sign ?? pair.endIndex)]), plusIsSpace: true),
                value.map { Query.decode(Substring($0), plusIsSpace: true) } ?? ""
            )
        }
    }

    /// The first value of a parameter; nil where it is absent.
    subscript(_ name: String) -> String? {
        parameters.first { $0.0 == name }?.1
    }

    /// All values of a parameter.
    func all(_ name: String) -> [String] {
        parameters.filter { $0.0 == name }.map { $0.1 }
    }

    /// The number in a parameter; nil where it is absent.
    func integer(_ name: String) throws(Failure) -> Int64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        if let number = Int64(text) { return number }
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        throw .badRequest(
            "strconv.ParseInt: parsing \(GoText.quote(text)): "
                + (isNumber ? "value out of range" : "invalid syntax"))
    }

    /// Whether a parameter is set and says yes, as Go's reader of flags takes it.
    func flag(_ name: String) -> Bool {
        guard let text = self[name] else { return false }
        return text != "0" && text.lowercased() != "false"
    }

    private static func decode(_ text: Substring, plusIsSpace: Bool) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") })
        else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+"), plusIsSpace {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = hexadecimal(rest.first), let low = hexadecimal(rest.dropFirst().first)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(let digit) where (0x30...0x39).contains(digit): digit - 0x30
        case .some(let digit) where (0x41...0x46).contains(digit): digit - 0x41 + 10
        case .some(let digit) where (0x61...0x66).contains(digit): digit - 0x61 + 10
        default: nil
        }
    }
}
