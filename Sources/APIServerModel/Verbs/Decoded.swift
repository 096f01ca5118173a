import KubernetesCore

/// An object as a request's body gave it, read as its kind and stripped of `apiVersion` and `kind`.
struct Decoded: Sendable {
    var value: JSONValue
    /// The kind that the body claims.
    var kind: String
}

/// Why a value cannot be read as its kind, in the words of the server's decoder.
enum DecodeFault: Error, Sendable {
    /// The object does not say its kind; the text it was read from.
    case missingKind(String)
    /// The object is of another version than the path.
    case wrongVersion(String)
    /// The object says it is of `kind` and does not fit it.
    case unreadable(kind: String, why: String)

    var why: String {
        switch self {
        case .missingKind(let text): "Object 'Kind' is missing in '\(text)'"
        case .wrongVersion(let message): message
        case .unreadable(_, let why): why
        }
    }
}

/// Reads bodies.
enum BodyReader {
    /// Reads one JSON value; `expected` is the kind that messages name. Fields that stand twice in
    /// an object are named; the last one counts.
    static func object(
        _ body: [UInt8], expected: String
    ) throws(Failure) -> (value: JSONValue, duplicates: [String]) {
        var limits = JSONDocument.Limits()
        limits.refusesDuplicateKeys = true
        do {
            return (try JSONValue(parsing: body, limits: limits), [])
        } catch {
            if error.code == .duplicateKey, let value = try? JSONValue(parsing: body) {
                return (value, DocumentOrder(body).duplicates)
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
        let (value, duplicates) = try BodyReader.object(call.request.body, expected: kind)
        guard value.object != nil else {
            throw BodyReader.unrecognized(
                call.request.body, kind,
                value.isNull
                    ? "Object 'Kind' is missing in 'null'"
                    : "couldn't get version/kind; json parse error: json: cannot unmarshal "
                        + "\(value.typeName) into Go value of type struct { APIVersion string "
                        + "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                        + "\"json:\\\"kind,omitempty\\\"\" }")
        }
        return try read(value, duplicates: duplicates, &call, options)
    }

    /// Reads a JSON object as the request's kind: checks its type, drops and names what the kind
    /// does not know, fills in defaults.
    func read(
        _ value: JSONValue, duplicates: [String] = [], _ call: inout APICall,
        _ options: WriteOptions
    ) throws(Failure) -> Decoded {
        let decoded: (value: Decoded, unknown: [String])
        do throws(DecodeFault) {
            decoded = try decode(value, text: call.request.body, call)
        } catch {
            switch error {
            case .missingKind:
                throw BodyReader.unrecognized(call.request.body, call.definition.kind, error.why)
            case .wrongVersion(let message): throw .badRequest(message)
            case .unreadable(let kind, let why): throw cannotHandle(kind, call, why)
            }
        }
        var unknown = decoded.unknown
        if !unknown.isEmpty, !call.definition.isCustom {
            unknown = DocumentOrder(call.request.body).sorted(unknown)
        }
        let faults =
            duplicates.map { "duplicate field \"\($0)\"" }
            + unknown.map { "unknown field \"\($0)\"" }
        if !faults.isEmpty {
            switch options.fieldValidation {
            case .ignore: break
            case .warn: call.warnings += faults
            case .strict:
                throw cannotHandle(
                    decoded.value.kind, call,
                    "strict decoding error: " + faults.joined(separator: ", "))
            }
        }
        return decoded.value
    }

    /// Reads a value as the request's kind; gives the fields it does not know. `text` is what it
    /// was read from, for messages.
    func decode(
        _ value: JSONValue, text: @autoclosure () -> [UInt8], _ call: APICall
    ) throws(DecodeFault) -> (value: Decoded, unknown: [String]) {
        let expected = call.definition.apiVersion(call.version.name)
        let kind = value["kind"]?.string ?? ""
        let apiVersion = value["apiVersion"]?.string ?? ""
        if call.definition.isCustom, kind.isEmpty {
            throw .missingKind(String(decoding: text(), as: UTF8.self))
        }
        if !apiVersion.isEmpty, apiVersion != expected {
            throw .wrongVersion(
                "the API version in the data (\(apiVersion)) does not match the expected API "
                    + "version (\(expected))")
        }
        if !call.definition.isCustom, !kind.isEmpty, kind != call.definition.kind {
            throw .unreadable(kind: kind, why: foreignKind(kind, call))
        }
        var (result, unknown) =
            if let custom = call.version.custom {
                try readCustom(value, custom, call)
            } else {
                try readBuiltIn(value, call)
            }
        result["apiVersion"] = nil
        result["kind"] = nil
        return (Decoded(value: result, kind: kind.isEmpty ? call.definition.kind : kind), unknown)
    }

    /// What is wrong with an object of another kind than the path's.
    private func foreignKind(_ kind: String, _ call: APICall) -> String {
        let version = call.version.name
        let isKnown = registry.definitions(group: call.definition.group, version: version)
            .contains { $0.kind == kind }
        guard isKnown else {
            return "no kind \"\(kind)\" is registered for version "
                + "\"\(call.definition.apiVersion(version))\" in scheme "
                + "\"pkg/api/legacyscheme/scheme.go:30\""
        }
        let package =
            call.definition.group.isEmpty
            ? "core" : call.definition.group.prefix { $0 != "." }.description
        return "converting (\(version).\(kind)) to (\(package).\(call.definition.kind)): "
            + "unknown conversion"
    }

    private func readCustom(
        _ value: JSONValue, _ custom: CustomVersion, _ call: APICall
    ) throws(DecodeFault) -> (JSONValue, [String]) {
        let (pruned, unknown) = custom.schema.pruned(value)
        var result = custom.schema.defaulted(pruned)
        var reader = TypedReader(catalog: .builtIn, collectsUnknown: false)
        do {
            result["metadata"] = try reader.read(value["metadata"] ?? [:], as: "ObjectMeta")
        } catch {
            throw .unreadable(
                kind: value["kind"]?.string ?? call.definition.kind, why: error.message)
        }
        return (result, unknown)
    }

    private func readBuiltIn(
        _ value: JSONValue, _ call: APICall
    ) throws(DecodeFault) -> (JSONValue, [String]) {
        var reader = TypedReader(catalog: .builtIn)
        if call.version.typeName == "FreeSpecObject" {
            reader = TypedReader(catalog: .builtIn, collectsUnknown: false)
        }
        do {
            var result = try reader.read(value, as: call.version.typeName)
            if result["metadata"] == nil { result["metadata"] = [:] }
            return (result, reader.unknown)
        } catch {
            throw .unreadable(kind: call.definition.kind, why: error.message)
        }
    }

    private func cannotHandle(_ kind: String, _ call: APICall, _ why: String) -> Failure {
        .badRequest(
            "\(kind) in version \"\(call.version.name)\" cannot be handled as a "
                + "\(call.definition.kind): \(why)")
    }

    private func checkContentType(_ call: APICall) throws(Failure) {
        let type = MediaType(call.request.header("content-type") ?? "").type
        guard type.isEmpty || type == "application/json" else {
            throw .unsupportedMediaType(ResponseForm.mediaTypes)
        }
    }
}
