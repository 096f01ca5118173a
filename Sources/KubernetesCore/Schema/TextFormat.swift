/// The string formats that a kube-apiserver checks. Others are ignored, as it does.
enum TextFormat: String {
    case uri, email, hostname, ipv4, ipv6, cidr, mac, uuid, uuid3, uuid4, uuid5
    case isbn, isbn10, isbn13, creditcard, ssn, hexcolor, rgbcolor, byte, password, date, duration
    case datetime, bsonobjectid
    case shortName = "k8sshortname"
    case longName = "k8slongname"

    /// The format that a schema names; dashes do not count.
    init?(_ name: String) {
        self.init(rawValue: String(name.filter { $0 != "-" }))
    }

    /// Whether `text` has this format.
    func matches(_ text: String) -> Bool {
        switch self {
        case .uri: TextFormat.isURI(text)
        case .email: TextFormat.isEmail(text)
        case .hostname: TextFormat.isHostname(text)
        case .ipv4: IPAddress(text)?.isIPv4 ?? false
        case .ipv6: (IPAddress(text)?.isIPv4).map { !$0 } ?? false
        case .cidr: IPAddress.isRange(text)
        case .mac: TextFormat.isMAC(text)
        case .uuid, .uuid3, .uuid4, .uuid5: isUUID(text)
        case .isbn: TextFormat.isISBN10(text) || TextFormat.isISBN13(text)
        case .isbn10: TextFormat.isISBN10(text)
        case .isbn13: TextFormat.isISBN13(text)
        case .creditcard: TextFormat.isCreditCard(text)
        case .ssn: TextFormat.isSSN(text)
        case .hexcolor: TextFormat.isHexColor(text)
        case .rgbcolor: TextFormat.isRGBColor(text)
        case .byte: TextFormat.isBase64(text)
        case .password: true
        case .date: TextFormat.isDate(text)
        case .duration: SpokenDuration.accepts(text)
        case .datetime: TextFormat.isDateTime(text)
        case .bsonobjectid: text.utf8.count == 24 && text.utf8.allSatisfy(TextFormat.isHex)
        case .shortName: NameRules.dnsLabelErrors(text).isEmpty
        case .longName: NameRules.dnsSubdomainErrors(text).isEmpty
        }
    }

    private func isUUID(_ text: String) -> Bool {
        let digits = Array(text.lowercased().utf8.filter { $0 != UInt8(ascii: "-") })
        guard digits.count == 32, digits.allSatisfy(TextFormat.isHex),
            TextFormat.dashesFit(Array(text.utf8))
        else { return false }
        let variant: [UInt8] = Array("89ab".utf8)
        return switch self {
        case .uuid3: digits[12] == UInt8(ascii: "3")
        case .uuid4: digits[12] == UInt8(ascii: "4") && variant.contains(digits[16])
        case .uuid5: digits[12] == UInt8(ascii: "5") && variant.contains(digits[16])
        default: true
        }
    }

    /// Dashes may stand between the groups of 8, 4, 4, 4 and 12 digits, each or none.
    private static func dashesFit(_ bytes: [UInt8]) -> Bool {
        var digits = 0
        var previousWasDash = false
        for byte in bytes {
            guard byte == UInt8(ascii: "-") else {
                digits += 1
                previousWasDash = false
                continue
            }
            guard !previousWasDash, [8, 12, 16, 20].contains(digits) else { return false }
            previousWasDash = true
        }
        return true
    }

    static func isHex(_ byte: UInt8) -> Bool { JSONParser.hexadecimal(byte) != nil }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
