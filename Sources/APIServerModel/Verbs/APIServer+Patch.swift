import KubernetesCore

/// The patch of a request, read and checked in itself.
struct ReadPatch: Sendable {
    var patch: Patch
    /// The body, for messages.
    var text: [UInt8]
    /// Fields that stand twice in the body.
    var duplicates: [String]
    /// How a patch that fails shows itself.
    var shown: Shown

    /// What a refusal shows as the value that is wrong.
    enum Shown: Sendable {
        /// The patched object as JSON.
        case object
        /// The patch as the maps it was read into.
        case patch(JSONValue)
    }
}

extension APIServer {
    mutating func patch(_ call: inout APICall) throws(Failure) -> ServerReply {
        let media = MediaType(call.request.header("content-type") ?? "").type
        let accepted =
            ["application/json-patch+json", "application/merge-patch+json"]
            + (call.definition.isCustom ? [] : ["application/strategic-merge-patch+json"])
            + ["application/apply-patch+yaml"]
        guard accepted.contains(media) else { throw .unsupportedMediaType(accepted) }
        let isApply = media == "application/apply-patch+yaml"
        let options = try WriteOptions(
            call.query, kind: "PatchOptions", userAgent: call.request.header("user-agent") ?? "",
            isApply: isApply)
        if isApply { return try applyPatch(&call, options) }
        let old = try existing(call)
        let patch = try readPatch(media, call)
        let current = call.plainView.value(old)
        let patched = try apply(patch, to: current, shape: shape(of: call))
        let decoded = try readPatched(patched, patch, &call, options)
        try matchPatched(decoded.value, call)
        let part = ObjectPart(subresource: call.path.subresource)
        // Before the answer is made: it carries the warnings that come up on the way.
        let object = try updateObject(old, decoded, part, &call, options)
        return call.reply(object)
    }

    /// How objects of the request's kind are merged.
    func shape(of call: APICall) -> TypeShape {
        if let custom = call.version.custom { return custom.shape }
        let type = ResourceType(
            group: call.definition.group, version: call.version.name,
            kind: call.definition.kind, plural: call.definition.resource.resource)
        return BuiltInShapes.shape(for: type)
            ?? .record(["metadata": BuiltInShapes.objectMeta])
    }

    func readPatch(_ media: String, _ call: APICall) throws(Failure) -> ReadPatch {
        let text = call.request.body
        let isStrategic = media == "application/strategic-merge-patch+json"
        let prefix = isStrategic ? "" : "error decoding patch: "
        guard let body = try? JSONValue(parsing: text) else {
            throw .badRequest(prefix + GoJSONFault.describe(text))
        }
        let isList = media == "application/json-patch+json"
        if isList ? body.array == nil : body.object == nil {
            guard !body.isNull else { throw .badRequest("Invalid JSON Patch") }
            throw .badRequest(
                "\(prefix)json: cannot unmarshal \(body.goTypeName) into Go value of type "
                    + (isList ? "[]interface {}" : "map[string]interface {}"))
        }
        var limits = JSONDocument.Limits()
        limits.refusesDuplicateKeys = true
        let isClean = (try? JSONDocument(parsing: text, limits: limits)) != nil
        let patch: Patch?
        do throws(PatchError) {
            patch = try Patch(mediaType: media, body: body)
        } catch {
            throw Failure(error)
        }
        guard let patch else { throw .badRequest("unknown patch type: \(media)") }
        return ReadPatch(
            patch: patch, text: text, duplicates: isClean ? [] : DocumentOrder(text).duplicates,
            shown: isStrategic ? .patch(body) : .object)
    }

    func apply(
        _ patch: ReadPatch, to value: JSONValue, shape: TypeShape
    ) throws(Failure) -> JSONValue {
        do throws(PatchError) {
            return try patch.patch.applied(to: value, shape: shape)
        } catch {
            throw Failure(error)
        }
    }

    /// Reads a patched object as the request's kind. What is wrong with it is the patch's fault.
    private func readPatched(
        _ value: JSONValue, _ patch: ReadPatch, _ call: inout APICall, _ options: WriteOptions
    ) throws(Failure) -> Decoded {
        let decoded: (value: Decoded, unknown: [String])
        do throws(DecodeFault) {
            decoded = try decode(value, text: value.encoded(), call)
        } catch {
            if case .wrongVersion(let message) = error { throw .badRequest(message) }
            throw .patchedBadly(patch.shown, value.text, error.why)
        }
        let faults =
            patch.duplicates.map { "duplicate field \"\($0)\"" }
            + decoded.unknown.map { "unknown field \"\($0)\"" }
        guard !faults.isEmpty else { return decoded.value }
        switch options.fieldValidation {
        case .ignore: break
        case .warn: call.warnings += faults
        case .strict:
            let shown =
                decoded.unknown.isEmpty
                ? String(decoding: patch.text, as: UTF8.self) : value.text
            throw .patchedBadly(
                patch.shown, shown, "strict decoding error: " + faults.joined(separator: ", "))
        }
        return decoded.value
    }

    /// A patched object must still be the one that the path names.
    func matchPatched(_ value: JSONValue, _ call: APICall) throws(Failure) {
        let namespace = value[path: ["metadata", "namespace"]]?.string ?? ""
        guard
            namespace.isEmpty || namespace == call.namespace || !call.definition.isNamespaced
        else { throw .namespaceMismatch }
        try matchName(value, call)
    }
}

extension JSONValue {
    /// The kind of value as Go's reader of JSON calls it.
    var goTypeName: String {
        switch self {
        case .integer, .double: "number"
        case .bool: "bool"
        default: typeName
        }
    }

    /// The value as Go prints maps and lists that were read from JSON.
    var goText: String {
        switch self {
        case .null: "<nil>"
        case .string(let text): text
        case .array(let elements):
            "[" + elements.map(\.goText).joined(separator: " ") + "]"
        case .object(let members):
            "map["
                + members.map { $0 }.sorted { $0.0 < $1.0 }.map { $0.0 + ":" + $0.1.goText }
                .joined(separator: " ") + "]"
        default: text
        }
    }
}

extension Failure {
    /// The refusal of a patch.
    init(_ error: PatchError) {
        let status = error.status
        self.init(
            code: status.code, reason: status.reason, message: status.message,
            details: error.kind == .unprocessable ? Details() : nil)
    }

    /// The refusal of a patch that leaves an object which its kind cannot read.
    static func patchedBadly(
        _ shown: ReadPatch.Shown, _ object: String, _ why: String
    ) -> Failure {
        let value =
            switch shown {
            case .object: object
            case .patch(let patch): patch.goText
            }
        return .invalid(
            kind: "", group: "", name: "", [.invalid(FieldPath("patch"), .string(value), why)])
    }

    static let namespaceMismatch = Failure.badRequest(
        "the namespace of the provided object does not match the namespace sent on the request")
}
