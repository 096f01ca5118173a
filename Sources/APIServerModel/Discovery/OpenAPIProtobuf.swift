import KubernetesCore

/// Writes messages in the wire format of protocol buffers.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func string(_ field: Int, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        key(field, type: 2)
        let content = Array(text.utf8)
        varint(UInt64(content.count))
        bytes += content
    }

    mutating func bool(_ field: Int, _ flag: Bool?) {
        guard flag == true else { return }
        key(field, type: 0)
        varint(1)
    }

    mutating func integer(_ field: Int, _ number: Int64?) {
        guard let number, number != 0 else { return }
        key(field, type: 0)
        varint(UInt64(bitPattern: number))
    }

    mutating func double(_ field: Int, _ number: Double?) {
        guard let number, number != 0 else { return }
        key(field, type: 1)
        let bits = number.bitPattern
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
    }

    mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        key(field, type: 2)
        varint(UInt64(inner.bytes.count))
        bytes += inner.bytes
    }

    private mutating func key(_ field: Int, type: UInt64) {
        varint(UInt64(field) << 3 | type)
    }

    private mutating func varint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// A document of OpenAPI 2 as the message `openapi.v2.Document` of gnostic, which kubectl reads.
enum OpenAPIProtobuf {
    static func document(_ document: JSONValue) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.string(1, document["swagger"]?.string)
        writer.message(2) { info in
            info.string(1, document[path: ["info", "title"]]?.string)
            info.string(2, document[path: ["info", "version"]]?.string)
        }
        writer.message(8) { paths in
            for (name, item) in document["paths"]?.object ?? [:] {
                paths.message(2) { named in
                    named.string(1, name)
                    named.message(2) { pathItem(item, &$0) }
                }
            }
        }
        writer.message(9) { definitions in
            for (name, schema) in document["definitions"]?.object ?? [:] {
                definitions.message(1) { namedSchema(name, schema, &$0) }
            }
        }
        return writer.bytes
    }

    private static func pathItem(_ item: JSONValue, _ writer: inout ProtobufWriter) {
        for (field, method) in [(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")] {
            guard let given = item[method] else { continue }
            writer.message(field) { operation(given, &$0) }
        }
    }

    private static func operation(_ given: JSONValue, _ writer: inout ProtobufWriter) {
        for parameter in given["parameters"]?.array ?? [] {
            // ParametersItem, Parameter, NonBodyParameter and the query's own message.
            writer.message(8) { item in
                item.message(1) { choice in
                    choice.message(2) { other in
                        other.message(3) { query in
                            query.string(2, parameter["in"]?.string)
                            query.string(4, parameter["name"]?.string)
                            query.string(6, parameter["type"]?.string)
                        }
                    }
                }
            }
        }
        extensions(given, field: 13, &writer)
    }

    private static func namedSchema(
        _ name: String, _ schema: JSONValue, _ writer: inout ProtobufWriter
    ) {
        writer.string(1, name)
        writer.message(2) { self.schema(schema, &$0) }
    }

    private static func schema(_ given: JSONValue, _ writer: inout ProtobufWriter) {
        writer.string(1, given["$ref"]?.string)
        writer.string(2, given["format"]?.string)
        writer.string(3, given["title"]?.string)
        writer.string(4, given["description"]?.string)
        writer.double(7, given["maximum"]?.double)
        writer.bool(8, given["exclusiveMaximum"]?.bool)
        writer.double(9, given["minimum"]?.double)
        writer.bool(10, given["exclusiveMinimum"]?.bool)
        writer.integer(11, given["maxLength"]?.integer)
        writer.integer(12, given["minLength"]?.integer)
        writer.string(13, given["pattern"]?.string)
        writer.integer(14, given["maxItems"]?.integer)
        writer.integer(15, given["minItems"]?.integer)
        for name in given["required"]?.array ?? [] { writer.string(19, name.string) }
        for value in given["enum"]?.array ?? [] { writer.message(20) { $0.string(2, value.text) } }
        switch given["additionalProperties"] {
        case .some(.bool(let flag)): writer.message(21) { $0.bool(2, flag) }
        case .some(let additional):
            writer.message(21) { item in item.message(1) { schema(additional, &$0) } }
        case .none: break
        }
        if let type = given["type"]?.string { writer.message(22) { $0.string(1, type) } }
        if let items = given["items"] {
            writer.message(23) { item in item.message(1) { schema(items, &$0) } }
        }
        if let properties = given["properties"]?.object {
            writer.message(25) { list in
                for (name, property) in properties {
                    list.message(1) { namedSchema(name, property, &$0) }
                }
            }
        }
        extensions(given, field: 31, &writer)
    }

    private static func extensions(
        _ given: JSONValue, field: Int, _ writer: inout ProtobufWriter
    ) {
        for (name, value) in given.object ?? [:] where name.hasPrefix("x-") {
            writer.message(field) { named in
                named.string(1, name)
                named.message(2) { $0.string(2, value.text) }
            }
        }
    }
}
