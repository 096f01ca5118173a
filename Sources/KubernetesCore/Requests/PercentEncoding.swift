/// RFC 3986 encoding of what goes into paths and queries.
enum PercentEncoding {
    private static let hexadecimal = Array("0123456789ABCDEF".utf8)

    /// `text` as the name or value of a query parameter.
    static func query(_ text: String) -> String { encode(text) { isUnreserved($0) } }

    /// `text` as one segment of a path.
    ///
    /// A name that is empty, `.` or `..` would point at another resource than the one that is
    /// meant, an empty one at the whole collection. No object can be called so; such a name is sent
    /// as `-`, which no object can be called either, and the server answers that there is none.
    static func segment(_ text: String) -> String {
        guard !text.isEmpty, text != ".", text != ".." else { return "-" }
        return encode(text) { isUnreserved($0) || $0 == UInt8(ascii: ":") }
    }

    private static func encode(_ text: String, keep: (UInt8) -> Bool) -> String {
        guard !text.utf8.allSatisfy(keep) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if keep(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(hexadecimal[Int(byte >> 4)])
                bytes.append(hexadecimal[Int(byte & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
