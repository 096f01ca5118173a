import KubernetesCore

/// An object as a request's body gave it, read as its kind and stripped of `apiVersion` and `kind`.
struct Decoded: Sendable {
    var value: JSONValue
    /// The kind that the body claims.
    var kind: String
}

/// Reads bodies.
enum BodyReader {
    /// Reads one JSON object; `expected` is the kind that messages name.
    static func object(
        _ body: [UInt8], expected: String
    ) throws(Failure) -> (value: JSONValue, duplicate: String?) {
        var limits = JSONDocument.Limits()
        limits.refusesDuplicateKeys = true
        do {
            return (try JSONValue(parsing: body, limits: limits), nil)
        } catch {
            if error.code == .duplicateKey, let value = try? JSONValue(parsing: body) {
                return (value, error.place)
            }
            if error.code == .overLimit { throw .badRequest(error.description) }
            throw unrecognized(
                body, expected,
                "couldn't get version/kind; json parse error: \(GoJSONFault.describe(body))")
        }
    }

    /// The refusal of a body that is no object of the kind.
    static func unrecognized(_ body: [UInt8], _ kind: String, _ why: String) -> Failure {
        .badRequest(
            "the object provided is unrecognized (must be of type \(kind)): \(why) "
                + "(\(summary(body)))")
    }

    /// The beginning of a body, for messages.
    private static func summary(_ body: [UInt8]) -> String {
        guard let first = body.first else { return "<empty>" }
        let head = Array(body.prefix(30))
        let rest = body.count > 30 ? " ..." : ""
        if first == UInt8(ascii: "{") { return String(decoding: head, as: UTF8.self) + rest }
        return head.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined() + rest
    }
}

extension APIServer {
    /// Reads the body as an object of the request's kind.
    func decode(
        _ call: inout APICall, _ options: WriteOptions
    ) throws(Failure) -> Decoded {
        try checkContentType(call)
        let kind = call.definition.kind
        let (value, duplicate) = try BodyReader.object(call.request.body, expected: kind)
        guard value.object != nil else {
            throw BodyReader.unrecognized(
                call.request.body, kind,
                "couldn't get version/kind; json parse error: json: cannot unmarshal "
                    + "\(value.typeName) into Go value of type struct { APIVersion string "
                    + "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                    + "\"json:\\\"kind,omitempty\\\"\" }")
        }
        return try read(value, duplicate: duplicate, &call, options)
    }

    /// Reads a JSON object as the request's kind: checks its type, drops and names what the kind
    /// does not know, fills in defaults.
    func read(
        _ value: JSONValue, duplicate: String? = nil, _ call: inout APICall,
        _ options: WriteOptions
    ) throws(Failure) -> Decoded {
        let expected = call.definition.apiVersion(call.version.name)
        let kind = value["kind"]?.string ?? ""
        let apiVersion = value["apiVersion"]?.string ?? ""
        if call.definition.isCustom, kind.isEmpty {
            throw BodyReader.unrecognized(
                call.request.body, call.definition.kind,
                "Object 'Kind' is missing in '\(value.text)'")
        }
        if !apiVersion.isEmpty, apiVersion != expected {
            throw .badRequest(
                "the API version in the data (\(apiVersion)) does not match the expected API "
                    + "version (\(expected))")
        }
        if !call.definition.isCustom, !kind.isEmpty, kind != call.definition.kind {
            throw .badRequest(
                "\(kind) in version \"\(call.version.name)\" cannot be handled as a "
                    + "\(call.definition.kind): no kind \"\(kind)\" is registered for the "
                    + "internal version of group \"\(call.definition.group)\"")
        }
        var unknown: [String]
        var result: JSONValue
        if let custom = call.version.custom {
            (result, unknown) = try readCustom(value, custom, call)
        } else {
            (result, unknown) = try readBuiltIn(value, call)
        }
        result["apiVersion"] = nil
        result["kind"] = nil
        try report(unknown, duplicate: duplicate, &call, options)
        return Decoded(value: result, kind: kind.isEmpty ? call.definition.kind : kind)
    }

    private func readCustom(
        _ value: JSONValue, _ custom: CustomVersion, _ call: APICall
    ) throws(Failure) -> (JSONValue, [String]) {
        let (pruned, unknown) = custom.schema.pruned(value)
        var result = custom.schema.defaulted(pruned)
        var reader = TypedReader(catalog: .builtIn, collectsUnknown: false)
        do {
            result["metadata"] = try reader.read(value["metadata"] ?? [:], as: "ObjectMeta")
        } catch {
            throw cannotHandle(call, error.message)
        }
        return (result, unknown)
    }

    private func readBuiltIn(
        _ value: JSONValue, _ call: APICall
    ) throws(Failure) -> (JSONValue, [String]) {
        var reader = TypedReader(catalog: .builtIn)
        if call.version.typeName == "FreeSpecObject" {
            reader = TypedReader(catalog: .builtIn, collectsUnknown: false)
        }
        do {
            var result = try reader.read(value, as: call.version.typeName)
            if result["metadata"] == nil { result["metadata"] = [:] }
            return (result, reader.unknown)
        } catch {
            throw cannotHandle(call, error.message)
        }
    }

    private func cannotHandle(_ call: APICall, _ why: String) -> Failure {
        .badRequest(
            "\(call.definition.kind) in version \"\(call.version.name)\" cannot be handled as a "
                + "\(call.definition.kind): \(why)")
    }

    private func report(
        _ unknown: [String], duplicate: String?, _ call: inout APICall, _ options: WriteOptions
    ) throws(Failure) {
        var faults = duplicate.map { ["duplicate field \"\($0)\""] } ?? []
        faults += unknown.map { "unknown field \"\($0)\"" }
        guard !faults.isEmpty else { return }
        switch options.fieldValidation {
        case .ignore: break
        case .warn: call.warnings += faults
        case .strict:
            throw cannotHandle(call, "strict decoding error: " + faults.joined(separator: ", "))
        }
    }

    private func checkContentType(_ call: APICall) throws(Failure) {
        let type = MediaType(call.request.header("content-type") ?? "").type
        guard type.isEmpty || type == "application/json" else {
            throw .unsupportedMediaType(["application/json"])
        }
    }
}
