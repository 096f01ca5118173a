import KubernetesCore

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
        let decoded = try read(patched, &call, options)
        let part = call.path.subresource == "status" ? ObjectPart.status : .main
        return call.reply(try updateObject(old, decoded, part, &call, options))
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

    func readPatch(_ media: String, _ call: APICall) throws(Failure) -> Patch {
        let body: JSONValue
        do {
            body = try JSONValue(parsing: call.request.body)
        } catch {
            throw .badRequest(
                "error decoding patch: \(GoJSONFault.describe(call.request.body))")
        }
        do {
            guard let patch = try Patch(mediaType: media, body: body) else {
                throw Failure.badRequest("unknown patch type: \(media)")
            }
            return patch
        } catch let failure as Failure {
            throw failure
        } catch let error as PatchError {
            throw Failure(error)
        } catch {
            throw .badRequest("\(error)")
        }
    }

    func apply(
        _ patch: Patch, to value: JSONValue, shape: TypeShape
    ) throws(Failure) -> JSONValue {
        let patched: JSONValue
        do throws(PatchError) {
            patched = try patch.applied(to: value, shape: shape)
        } catch {
            throw Failure(error)
        }
        guard patched.object != nil else {
            throw .badRequest("the patch leaves no object")
        }
        return patched
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
}
