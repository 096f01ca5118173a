/// One media type of an `Accept` or `Content-Type` field.
struct MediaType: Sendable {
    let type: String
    let parameters: [String: String]

    init(_ text: some StringProtocol) {
        // Nearly all are one plain word, which needs no taking apart.
        guard text.utf8.contains(where: { !MediaType.isPlain($0) }) else {
            type = String(text)
            parameters = [:]
            return
        }
        let parts = text.split(separator: ";")
        type = parts.first.map { MediaType.trim($0).lowercased() } ?? ""
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { continue }
            parameters[MediaType.trim(sides[0])] = MediaType.trim(sides[1])
        }
        self.parameters = parameters
    }

    /// Whether a byte stands for itself in a media type without parameters.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "*"):
            true
        default: false
        }
    }

    /// The media types of an `Accept` field, the preferred first.
    static func list(_ field: String) -> [MediaType] {
        guard field.utf8.contains(UInt8(ascii: ",")) else {
            return field.isEmpty ? [] : [MediaType(field)]
        }
        let types = field.split(separator: ",").map { MediaType($0) }
        let order = types.indices.sorted { left, right in
            let weights = (types[left].quality, types[right].quality)
            return weights.0 == weights.1 ? left < right : weights.0 > weights.1
        }
        return order.map { types[$0] }
    }

    private var quality: Double { parameters["q"].flatMap { Double($0) } ?? 1 }

    private static func trim(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

/// The form in which objects are sent.
enum ResponseForm: Hashable, Sendable {
    case object
    case table
    case partialMetadata

    /// The media types that messages list: those of the API server, of which this server writes
    /// the first two.
    static let mediaTypes = [
        "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
    ]

    /// Whether the first media type of an `Accept` field that the server knows is YAML.
    static func wantsYAML(_ accept: String?) -> Bool {
        guard let accept, !accept.isEmpty else { return false }
        let known = ["application/json", "application/yaml", "application/*", "*/*"]
        let first = MediaType.list(accept).first { known.contains($0.type) }
        return first?.type == "application/yaml"
    }

    /// The first form of an `Accept` field that the server knows.
    static func negotiate(_ accept: String?) throws(Failure) -> ResponseForm {
        guard let accept, !accept.isEmpty else { return .object }
        for media in MediaType.list(accept) {
            switch media.type {
            case "application/json", "application/yaml", "application/*", "*/*": break
            default: continue
            }
            guard let target = media.parameters["as"] else { return .object }
            guard media.parameters["g"] == "meta.k8s.io",
                media.parameters["v"] == "v1" || media.parameters["v"] == "v1beta1"
            else { continue }
            switch target {
            case "Table": return .table
            case "PartialObjectMetadata", "PartialObjectMetadataList": return .partialMetadata
            default: continue
            }
        }
        throw .notAcceptable(mediaTypes)
    }
}
