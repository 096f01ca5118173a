import KubernetesCore

/// The name of a subject or an issuer as Go's `pkix.Name` shows it.
enum DistinguishedName {
    private static let lists: [Int: String] = [
        6: "Country", 10: "Organization", 11: "OrganizationalUnit", 7: "Locality", 8: "Province",
        9: "StreetAddress", 17: "PostalCode",
    ]
    private static let texts: [Int: String] = [5: "SerialNumber", 3: "CommonName"]

    static func json(_ name: DERReader.Value) throws(CertificateError) -> JSONValue {
        var found: [String: [JSONValue]] = [:]
        var names: [JSONValue] = []
        var sets = name.inside
        while !sets.isAtEnd {
            var attributes = try sets.next(DERReader.set).inside
            while !attributes.isAtEnd {
                var attribute = try attributes.next(DERReader.sequence).inside
                let type = try attribute.next(DERReader.objectIdentifier).identifier()
                let value = JSONValue.string(try attribute.next().text())
                names.append(["Type": .array(type.map(JSONValue.int)), "Value": value])
                guard type.count == 4, Array(type.prefix(3)) == [2, 5, 4] else { continue }
                if let key = lists[type[3]] ?? texts[type[3]] {
                    found[key, default: []].append(value)
                }
            }
        }
        var members = lists.values.map { ($0, found[$0].map(JSONValue.array) ?? .null) }
        members += texts.values.map { ($0, found[$0]?.last ?? .string("")) }
        members += [("Names", names.isEmpty ? .null : .array(names)), ("ExtraNames", .null)]
        return .object(JSONObject(members))
    }
}
