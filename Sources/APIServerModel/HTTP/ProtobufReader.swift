import KubernetesCore

/// Reads objects that typed clients send as protocol buffers, as far as `ProtobufTags` knows them.
struct ProtobufReader {
    private static let magic = Array("k8s".utf8) + [0]
    private static let depthMax = 32

    /// The request with a JSON body in place of one of protocol buffers.
    static func translated(_ request: ServerRequest) throws(Failure) -> ServerRequest {
        let media = MediaType(request.header("content-type") ?? "")
        guard media.type == "application/vnd.kubernetes.protobuf", !request.body.isEmpty else {
            return request
        }
        guard let value = object(request.body) else {
            throw .unsupportedMediaType(ResponseForm.mediaTypes)
        }
        var translated = request
        translated.body = value.encoded()
        translated.headers.removeAll { $0.0 == "content-type" }
        translated.headers.append(("content-type", "application/json"))
        return translated
    }

    /// An object in the envelope that Kubernetes puts around such messages; nil where it is of an
    /// unknown kind or malformed.
    static func object(_ bytes: [UInt8]) -> JSONValue? {
        guard bytes.starts(with: magic),
            let envelope = fields(bytes[magic.count...]),
            let type = envelope.first(where: { $0.number == 1 })?.bytes.flatMap({ fields($0) })
        else { return nil }
        func text(_ number: Int) -> String {
            type.first { $0.number == number }?.bytes.map {
                String(decoding: $0, as: UTF8.self)
            } ?? ""
        }
        let raw = envelope.first { $0.number == 2 }?.bytes ?? []
        let kind = text(2)
        guard ProtobufTags.table[kind] != nil, text(1) != "events.k8s.io/v1",
            var value = message(raw, kind, depth: 0)
        else { return nil }
        value["apiVersion"] = .string(text(1))
        value["kind"] = .string(kind)
        return value
    }

    private struct Field {
        var number: Int
        var varint: UInt64 = 0
        var bytes: ArraySlice<UInt8>?
    }

    /// The fields of a message in order; nil where it is malformed.
    private static func fields(_ bytes: ArraySlice<UInt8>) -> [Field]? {
        var rest = bytes
        var fields: [Field] = []
        while !rest.isEmpty {
            guard let key = varint(&rest), let number = Int(exactly: key >> 3), number > 0 else {
                return nil
            }
            var field = Field(number: number)
            switch key & 7 {
            case 0:
                guard let value = varint(&rest) else { return nil }
                field.varint = value
            case 1:
                guard rest.count >= 8 else { return nil }
                rest = rest.dropFirst(8)
            case 2:
                guard let length = varint(&rest).flatMap({ Int(exactly: $0) }),
                    length <= rest.count
                else { return nil }
                field.bytes = rest.prefix(length)
                rest = rest.dropFirst(length)
            case 5:
                guard rest.count >= 4 else { return nil }
                rest = rest.dropFirst(4)
            default: return nil
            }
            fields.append(field)
        }
        return fields
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
        }
        return nil
    }

    private static func message(
        _ bytes: ArraySlice<UInt8>, _ type: String, depth: Int
    ) -> JSONValue? {
        guard depth < depthMax, let tags = ProtobufTags.table[type],
            let spec = TypeCatalog.builtIn[type], let fields = fields(bytes)
        else { return nil }
        var value: JSONValue = [:]
        for field in fields {
            guard let name = tags[field.number], let known = spec[name] else { continue }
            switch known.type {
            case .list(let element):
                guard let item = self.value(field, element, depth: depth) else { return nil }
                value[name] = .array((value[name]?.array ?? []) + [item])
            case .map(let element):
                guard let entry = field.bytes.flatMap({ self.fields($0) }) else { return nil }
                let key = entry.first { $0.number == 1 }?.bytes ?? []
                let content = entry.first { $0.number == 2 } ?? Field(number: 2, bytes: [])
                guard let item = self.value(content, element, depth: depth) else { return nil }
                value[path: [name, String(decoding: key, as: UTF8.self)]] = item
            default:
                guard let item = self.value(field, known.type, depth: depth) else { return nil }
                value[name] = item
            }
        }
        return value
    }

    private static func value(_ field: Field, _ type: FieldType, depth: Int) -> JSONValue? {
        let bytes = field.bytes ?? []
        switch type {
        case .string: return .string(String(decoding: bytes, as: UTF8.self))
        case .bytes: return .string(Base64.encode(Array(bytes)))
        case .int32, .int64: return .integer(Int64(bitPattern: field.varint))
        case .bool: return .bool(field.varint != 0)
        case .object(let name): return message(bytes, name, depth: depth + 1)
        case .quantity:
            let text = fields(bytes)?.first { $0.number == 1 }?.bytes ?? []
            return .string(String(decoding: text, as: UTF8.self))
        case .intOrString:
            guard let parts = fields(bytes) else { return nil }
            let isText = parts.contains { $0.number == 1 && $0.varint == 1 }
            let number = parts.first { $0.number == 2 }?.varint ?? 0
            let text = parts.first { $0.number == 3 }?.bytes ?? []
            return isText
                ? .string(String(decoding: text, as: UTF8.self))
                : .integer(Int64(bitPattern: number))
        case .time, .microTime:
            guard let parts = fields(bytes) else { return nil }
            let seconds = parts.first { $0.number == 1 }?.varint ?? 0
            let nanos = parts.first { $0.number == 2 }?.varint ?? 0
            let time =
                Timestamp(seconds: Int64(bitPattern: seconds))
                + .nanoseconds(Int64(truncatingIfNeeded: nanos))
            return .string(type == .time ? time.description : time.microText)
        case .double, .any, .list, .map: return nil
        }
    }
}
