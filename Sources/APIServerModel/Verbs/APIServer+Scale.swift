import KubernetesCore

extension APIServer {
    /// The scale subresource of a custom resource: its replica counts under the names that every
    /// kind with a scale has.
    mutating func scale(_ call: inout APICall) throws(Failure) -> ServerReply {
        guard let paths = call.version.custom?.scale else { throw .unknownResource }
        let old = try existing(call)
        let current = APIServer.scaleObject(old, paths)
        let written: JSONValue
        switch call.request.method {
        case "GET", "HEAD": return call.reply(current)
        case "PUT":
            written = try readBody(&call, as: "Scale", kind: "Scale")
            try matchName(written, call)
        case "PATCH":
            let media = MediaType(call.request.header("content-type") ?? "").type
            let accepted = [
                "application/json-patch+json", "application/merge-patch+json",
                "application/apply-patch+yaml",
            ]
            guard accepted.contains(media) else { throw .unsupportedMediaType(accepted) }
            let patch = try readPatch(
                media == "application/apply-patch+yaml" ? "application/merge-patch+json" : media,
                call)
            let patched = try apply(patch, to: current, shape: .record)
            var reader = TypedReader(catalog: .builtIn)
            written = try reader.read(patched, as: "Scale")
        default: throw .methodNotAllowed
        }
        let options = try WriteOptions(
            call.query, kind: call.request.method == "PUT" ? "UpdateOptions" : "PatchOptions",
            userAgent: call.request.header("user-agent") ?? "",
            isApply: false)
        let replicas = written[path: ["spec", "replicas"]]?.integer ?? 0
        guard replicas >= 0 else {
            throw .invalid(
                kind: "Scale", group: "autoscaling", name: old.name,
                [
                    .invalid(
                        FieldPath("spec.replicas"), .integer(replicas),
                        "must be greater than or equal to 0")
                ])
        }
        let version = written[path: ["metadata", "resourceVersion"]]?.string ?? ""
        guard version.isEmpty || version == String(old.revision) else {
            throw .modified(call.resource, old.name)
        }
        var value = old.value
        value[path: paths.specReplicas] = .integer(replicas)
        let object = try updateObject(
            old, Decoded(value: value, kind: call.definition.kind), .main, &call, options)
        return call.reply(APIServer.scaleObject(object, paths))
    }

    private static func scaleObject(_ object: StoredObject, _ paths: ScalePaths) -> JSONValue {
        var metadata = JSONObject()
        for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[key] = object.metadata[key]
        }
        var status: JSONValue = [
            "replicas": .integer(object.value[path: paths.statusReplicas]?.integer ?? 0)
        ]
        if let path = paths.labelSelector, let selector = object.value[path: path]?.string,
            !selector.isEmpty
        {
            status["selector"] = .string(selector)
        }
        var spec = JSONObject()
        let replicas = object.value[path: paths.specReplicas]?.integer ?? 0
        if replicas != 0 { spec["replicas"] = .integer(replicas) }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata),
            "spec": .object(spec), "status": status,
        ]
    }
}
