extension APIRequest {
    /// Creates `object`, which carries its own name (or `generateName`) and, for kinds of
    /// namespaces, its namespace.
    public static func create(
        _ object: JSONValue, of type: ResourceType, options: WriteOptions = .plain
    ) -> APIRequest {
        let namespace = object[path: ["metadata", "namespace"]]?.string ?? ""
        return APIRequest(
            .create, .post, path: path(type, in: namespace), parameters: options.parameters,
            body: object)
    }

    /// Creates a subresource object, such as an eviction or a token request of a service account.
    public static func create(
        _ body: JSONValue, subresource: String, of object: ObjectRef,
        options: WriteOptions = .plain
    ) -> APIRequest {
        APIRequest(
            .create, .post, path: path(object.type, object.namespace, object.name, subresource),
            parameters: options.parameters, body: body)
    }

    /// Replaces the whole object, or the whole subresource; the body's `resourceVersion` decides
    /// whether it may. For kinds that Swiftlet alone writes, such as its election lease.
    public static func replace(
        _ object: ObjectRef, with body: JSONValue, subresource: String? = nil,
        options: WriteOptions = .plain
    ) -> APIRequest {
        APIRequest(
            .update, .put, path: path(object.type, object.namespace, object.name, subresource),
            parameters: options.parameters, body: body)
    }

    /// Changes the fields that `patch` names (RFC 7386); `null` removes one.
    public static func mergePatch(
        _ object: ObjectRef, _ patch: JSONValue, subresource: String? = nil,
        options: WriteOptions = .plain
    ) -> APIRequest {
        APIRequest(
            .patch, .patch, path: path(object.type, object.namespace, object.name, subresource),
            parameters: options.parameters, body: patch,
            contentType: "application/merge-patch+json")
    }

    /// Carries out the operations of a JSON patch (RFC 6902) in order, all or none.
    public static func jsonPatch(
        _ object: ObjectRef, _ operations: [JSONValue], subresource: String? = nil,
        options: WriteOptions = .plain
    ) -> APIRequest {
        APIRequest(
            .patch, .patch, path: path(object.type, object.namespace, object.name, subresource),
            parameters: options.parameters, body: .array(operations),
            contentType: "application/json-patch+json")
    }

    /// Makes the fields of `intent` ours (server-side apply); creates the object where there is
    /// none. The options must name a field manager.
    public static func apply(
        _ intent: JSONValue, of type: ResourceType, subresource: String? = nil,
        options: WriteOptions
    ) -> APIRequest {
        precondition(!options.fieldManager.isEmpty, "an apply needs a field manager")
        var parameters = options.parameters
        if options.force { parameters.append(Parameter("force", "true")) }
        let metadata = intent["metadata"]
        return APIRequest(
            .apply, .patch,
            path: path(
                type, metadata?["namespace"]?.string ?? "", metadata?["name"]?.string ?? "",
                subresource),
            parameters: parameters, body: intent, contentType: "application/apply-patch+yaml")
    }

    /// Changes fields of the object's status and nothing else.
    public static func statusPatch(
        _ object: ObjectRef, status: JSONValue, resourceVersion: ResourceVersion? = nil,
        options: WriteOptions = .plain
    ) -> APIRequest {
        var patch: JSONValue = ["status": status]
        if let resourceVersion {
            patch[path: ["metadata", "resourceVersion"]] = .string(resourceVersion.text)
        }
        if let uid = object.uid { patch[path: ["metadata", "uid"]] = .string(uid.text) }
        return mergePatch(object, patch, subresource: "status", options: options)
    }

    /// Sets how many replicas are wanted, through the scale subresource.
    public static func scale(
        _ object: ObjectRef, to replicas: Int, options: WriteOptions = .plain
    ) -> APIRequest {
        mergePatch(
            object, ["spec": ["replicas": .int(replicas)]], subresource: "scale", options: options)
    }

    /// Deletes one object. Its UID, where the reference carries one, is a precondition.
    public static func delete(
        _ object: ObjectRef, _ options: DeleteOptions = DeleteOptions()
    ) -> APIRequest {
        var options = options
        if options.uid == nil { options.uid = object.uid }
        return APIRequest(
            .delete, .delete, path: path(object.type, object.namespace, object.name),
            body: options.json)
    }
}

extension WriteOptions {
    /// The query parameters of these options; `force` is only known to applies.
    var parameters: [APIRequest.Parameter] {
        var result: [APIRequest.Parameter] = []
        if !fieldManager.isEmpty {
            result.append(APIRequest.Parameter("fieldManager", fieldManager))
        }
        if dryRun { result.append(APIRequest.Parameter("dryRun", "All")) }
        if strict { result.append(APIRequest.Parameter("fieldValidation", "Strict")) }
        return result
    }
}
