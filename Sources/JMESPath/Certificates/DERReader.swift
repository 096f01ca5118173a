import CivilCalendar

/// Reads values of ASN.1's distinguished encoding one after another. Lengths are checked against
/// what is there; what is inside a value is read by a reader of its own.
struct DERReader {
    /// One value with its tag.
    struct Value {
        var tag: UInt8
        var content: ArraySlice<UInt8>
        /// The value with its tag and its length.
        var whole: ArraySlice<UInt8>

        /// A reader of the values inside this one.
        var inside: DERReader { DERReader(content) }
    }

    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let objectIdentifier: UInt8 = 0x06
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// The tag of the next value.
    var nextTag: UInt8? { rest.first }

    /// The next value, of any tag.
    mutating func next() throws(CertificateError) -> Value {
        let start = rest
        guard let tag = rest.popFirst(), tag & 0x1F != 0x1F, let first = rest.popFirst() else {
            throw .malformed
        }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), rest.count >= count else { throw .malformed }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest.removeFirst(count)
        }
        guard length <= rest.count else { throw .malformed }
        let content = rest.prefix(length)
        rest.removeFirst(length)
        return Value(tag: tag, content: content, whole: start.prefix(start.count - rest.count))
    }

    /// The next value, which must have `tag`.
    mutating func next(_ tag: UInt8) throws(CertificateError) -> Value {
        guard nextTag == tag else { throw .malformed }
        return try next()
    }

    /// The next value where it has `tag`.
    mutating func optional(_ tag: UInt8) throws(CertificateError) -> Value? {
        nextTag == tag ? try next() : nil
    }
}

extension DERReader.Value {
    /// The numbers of an object identifier.
    func identifier() throws(CertificateError) -> [Int] {
        guard tag == DERReader.objectIdentifier || tag & 0xC0 == 0x80, !content.isEmpty,
            content.count <= 64
        else { throw .malformed }
        var result: [Int] = []
        var number = 0
        for byte in content {
            guard number < 1 << 48 else { throw .malformed }
            number = number << 7 | Int(byte & 0x7F)
            if byte & 0x80 != 0 { continue }
            if result.isEmpty {
                let first = min(number / 40, 2)
                result = [first, number - first * 40]
            } else {
                result.append(number)
            }
            number = 0
        }
        return result
    }

    /// The bits of a bit string in whole bytes.
    func bits() throws(CertificateError) -> ArraySlice<UInt8> {
        guard tag == DERReader.bitString, let unused = content.first, unused < 8 else {
            throw .malformed
        }
        return content.dropFirst()
    }

    /// A text of any of ASN.1's kinds.
    func text() throws(CertificateError) -> String {
        switch tag {
        // UTF8String, NumericString, PrintableString, T61String, IA5String, and the same where a
        // context says which.
        case 0x0C, 0x12, 0x13, 0x14, 0x16: return String(decoding: content, as: UTF8.self)
        case 0x1E:
            let bytes = Array(content)
            let units = stride(from: 0, to: bytes.count - 1, by: 2).map {
                UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
            }
            return String(decoding: units, as: UTF16.self)
        default:
            guard tag & 0xC0 == 0x80 else { throw .malformed }
            return String(decoding: content, as: UTF8.self)
        }
    }

    /// A time: UTCTime or GeneralizedTime, in UTC.
    func time() throws(CertificateError) -> String {
        let layout = tag == 0x17 ? "060102150405Z0700" : "20060102150405Z0700"
        guard tag == 0x17 || tag == 0x18, content.count <= 30,
            var time = GoTimeLayout(layout).read(String(decoding: content, as: UTF8.self))
        else { throw .malformed }
        // Years of two digits end in 2049.
        if tag == 0x17, time.fields.year >= 2050 {
            let fields = time.fields
            let days = CivilTime.daysSinceEpoch(fields.year - 100, fields.month, fields.day)
            time.seconds = days * 86_400 + fields.hour * 3_600 + fields.minute * 60 + fields.second
        }
        return time.text
    }
}
