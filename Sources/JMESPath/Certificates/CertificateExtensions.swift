import KubernetesCore

/// What the extensions of a certificate say, under the names that Go has for it.
struct CertificateExtensions {
    /// The fields of a certificate that nothing sets, or that are shown among the extensions only.
    private static let unset = [
        "ExtraExtensions", "ExcludedDNSDomains", "ExcludedEmailAddresses", "ExcludedIPRanges",
        "ExcludedURIDomains", "PermittedDNSDomains", "PermittedEmailAddresses",
        "PermittedIPRanges", "PermittedURIDomains",
    ]
    private static let usages: [[Int]: Int] = {
        var result: [[Int]: Int] = [[2, 5, 29, 37, 0]: 0]
        for number in 1...9 { result[[1, 3, 6, 1, 5, 5, 7, 3, number]] = number }
        return result
    }()

    private var list: [JSONValue] = []
    private var members: [String: JSONValue] = [:]
    private var unhandled: [JSONValue] = []

    /// Reads the extensions of a certificate, in the field that holds them.
    init(list field: DERReader.Value?) throws(CertificateError) {
        guard let field else { return }
        var inside = field.inside
        var extensions = try inside.next(DERReader.sequence).inside
        while !extensions.isAtEnd { try add(try extensions.next(DERReader.sequence)) }
    }

    /// Reads the extensions that the attributes of a request ask for.
    init(attributes field: DERReader.Value?) throws(CertificateError) {
        guard var attributes = field?.inside else { return }
        while !attributes.isAtEnd {
            var attribute = try attributes.next(DERReader.sequence).inside
            let type = try attribute.next(DERReader.objectIdentifier).identifier()
            guard type == [1, 2, 840, 113549, 1, 9, 14] else { continue }
            var values = try attribute.next(DERReader.set).inside
            var extensions = try values.next(DERReader.sequence).inside
            while !extensions.isAtEnd { try add(try extensions.next(DERReader.sequence)) }
        }
    }

    private func member(_ name: String, _ standard: JSONValue = .null) -> (String, JSONValue) {
        (name, members[name] ?? standard)
    }

    private var names: [(String, JSONValue)] {
        ["DNSNames", "EmailAddresses", "IPAddresses", "URIs"].map { member($0) }
            + [("Extensions", list.isEmpty ? .null : .array(list))]
    }

    /// The members that a certificate has of them.
    var certificateMembers: [(String, JSONValue)] {
        names + Self.unset.map { ($0, .null) } + [
            member("KeyUsage", 0), member("ExtKeyUsage"), member("UnknownExtKeyUsage"),
            member("BasicConstraintsValid", false), member("IsCA", false),
            member("MaxPathLen", 0), member("MaxPathLenZero", false), member("SubjectKeyId"),
            member("AuthorityKeyId"), member("OCSPServer"), member("IssuingCertificateURL"),
            member("CRLDistributionPoints"), member("PolicyIdentifiers"),
            ("PermittedDNSDomainsCritical", false),
            ("UnhandledCriticalExtensions", unhandled.isEmpty ? .null : .array(unhandled)),
        ]
    }

    /// The members that a request has of them.
    var requestMembers: [(String, JSONValue)] { names + [("ExtraExtensions", .null)] }

    private mutating func add(_ value: DERReader.Value) throws(CertificateError) {
        var inside = value.inside
        let type = try inside.next(DERReader.objectIdentifier).identifier()
        let isCritical = try inside.optional(DERReader.boolean)?.content.first == 0xFF
        let content = try inside.next(DERReader.octetString).content
        let identifier = JSONValue.array(type.map(JSONValue.int))
        list.append([
            "Id": identifier, "Critical": .bool(isCritical),
            "Value": .string(Base64.encode(Array(content))),
        ])
        if try !read(type, DERReader(content)), isCritical { unhandled.append(identifier) }
    }

    /// Reads one extension; false where its kind is not known.
    private mutating func read(
        _ type: [Int], _ content: DERReader
    ) throws(CertificateError) -> Bool {
        var content = content
        switch type {
        case [2, 5, 29, 15]:
            let bytes = Array(try content.next(DERReader.bitString).bits().prefix(2))
            var usage: Int64 = 0
            for bit in 0..<9 where bit / 8 < bytes.count {
                if bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 { usage |= 1 << Int64(bit) }
            }
            members["KeyUsage"] = .integer(usage)
        case [2, 5, 29, 19]: try readConstraints(try content.next(DERReader.sequence))
        case [2, 5, 29, 17]: try readNames(try content.next(DERReader.sequence))
        case [2, 5, 29, 14]:
            let key = try content.next(DERReader.octetString).content
            members["SubjectKeyId"] = .string(Base64.encode(Array(key)))
        case [2, 5, 29, 35]:
            var inside = try content.next(DERReader.sequence).inside
            if let key = try inside.optional(0x80) {
                members["AuthorityKeyId"] = .string(Base64.encode(Array(key.content)))
            }
        case [2, 5, 29, 37]: try readUsages(try content.next(DERReader.sequence))
        case [2, 5, 29, 31]: try readDistribution(try content.next(DERReader.sequence))
        case [2, 5, 29, 32]:
            var policies = try content.next(DERReader.sequence).inside
            while !policies.isAtEnd {
                var policy = try policies.next(DERReader.sequence).inside
                let identifier = try policy.next(DERReader.objectIdentifier).identifier()
                append("PolicyIdentifiers", .array(identifier.map(JSONValue.int)))
            }
        case [1, 3, 6, 1, 5, 5, 7, 1, 1]: try readAccess(try content.next(DERReader.sequence))
        default: return false
        }
        return true
    }

    private mutating func append(_ name: String, _ value: JSONValue) {
        members[name] = .array((members[name]?.array ?? []) + [value])
    }

    private mutating func readConstraints(
        _ value: DERReader.Value
    ) throws(CertificateError) {
        var inside = value.inside
        let isCA = try inside.optional(DERReader.boolean)?.content.first == 0xFF
        let length = try inside.optional(DERReader.integer).map { DecimalNumber.json($0.content) }
        members["BasicConstraintsValid"] = true
        members["IsCA"] = .bool(isCA)
        members["MaxPathLen"] = length ?? -1
        members["MaxPathLenZero"] = .bool(length?.integer == 0)
    }

    private mutating func readNames(_ value: DERReader.Value) throws(CertificateError) {
        var inside = value.inside
        while !inside.isAtEnd {
            let name = try inside.next()
            switch name.tag {
            case 0x81: append("EmailAddresses", .string(try name.text()))
            case 0x82: append("DNSNames", .string(try name.text()))
            case 0x86: append("URIs", Self.url(try name.text()))
            case 0x87: append("IPAddresses", .string(Self.address(Array(name.content))))
            default: break
            }
        }
    }

    /// A URL's parts as far as those of a workload identity go.
    private static func url(_ text: String) -> JSONValue {
        guard let mark = text.firstRange(of: "://") else { return ["Path": .string(text)] }
        let rest = text[mark.upperBound...]
        let host = rest.prefix { $0 != "/" }
        return [
            "Scheme": .string(String(text[..<mark.lowerBound])), "Host": .string(String(host)),
            "Path": .string(String(rest.dropFirst(host.count))),
        ]
    }

    private static func address(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: bytes.count - 1, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        // The longest run of zeros, of two at least, is left out.
        var (best, length) = (0, 1)
        var start = 0
        for index in groups.indices {
            if groups[index] != 0 {
                start = index + 1
            } else if index - start + 1 > length {
                (best, length) = (start, index - start + 1)
            }
        }
        let texts = groups.map { String($0, radix: 16) }
        guard length > 1 else { return texts.joined(separator: ":") }
        return texts.prefix(best).joined(separator: ":") + "::"
            + texts.dropFirst(best + length).joined(separator: ":")
    }

    private mutating func readUsages(_ value: DERReader.Value) throws(CertificateError) {
        var inside = value.inside
        while !inside.isAtEnd {
            let identifier = try inside.next(DERReader.objectIdentifier).identifier()
            if let number = Self.usages[identifier] {
                append("ExtKeyUsage", .int(number))
            } else {
                append("UnknownExtKeyUsage", .array(identifier.map(JSONValue.int)))
            }
        }
    }

    private mutating func readDistribution(_ value: DERReader.Value) throws(CertificateError) {
        var points = value.inside
        while !points.isAtEnd {
            var point = try points.next(DERReader.sequence).inside
            guard var name = try point.optional(0xA0)?.inside,
                var full = try name.optional(0xA0)?.inside
            else { continue }
            while !full.isAtEnd {
                let general = try full.next()
                if general.tag == 0x86 {
                    append("CRLDistributionPoints", .string(try general.text()))
                }
            }
        }
    }

    private mutating func readAccess(_ value: DERReader.Value) throws(CertificateError) {
        var inside = value.inside
        while !inside.isAtEnd {
            var access = try inside.next(DERReader.sequence).inside
            let method = try access.next(DERReader.objectIdentifier).identifier()
            let place = try access.next()
            guard place.tag == 0x86 else { continue }
            let name = method.last == 1 ? "OCSPServer" : "IssuingCertificateURL"
            append(name, .string(try place.text()))
        }
    }
}
