import KubernetesCore

extension APIServer {
    /// The largest body the server reads.
    static let bodyBytesMax = 3 << 20

    mutating func route(
        _ request: ServerRequest, at now: Timestamp
    ) throws(Failure) -> ServerReply {
        watches.now = max(watches.now, now)
        let user = try impersonate(request, try identify(request, at: now))
        guard request.body.count <= APIServer.bodyBytesMax else {
            throw .tooLarge(APIServer.bodyBytesMax)
        }
        let query = Query(request.path)
        guard let path = ResourcePath(segments: query.segments), !path.resource.isEmpty else {
            return try routePath(request, query, user, at: now)
        }
        try authorize(request, path, query, user)
        guard registry.hasGroup(path.group) else {
            return .text("404 page not found\n", status: 404)
        }
        guard let definition = registry[path.groupResource],
            let version = definition.version(path.version)
        else {
            let known = registry.definitions(group: path.group, version: path.version)
            // What no definition describes is not known to the server of custom resources at all.
            let isBuiltIn = known.contains { !$0.isCustom }
            guard isBuiltIn else { return .text("404 page not found\n", status: 404) }
            throw .unknownResource
        }
        if definition.isCustom, !isServed(path, definition, request, query) {
            return .text("404 page not found\n", status: 404)
        }
        let form: ResponseForm
        switch request.method {
        case "GET", "POST", "PUT", "PATCH", "DELETE":
            form = try ResponseForm.negotiate(request.header("accept"))
        default: form = .object
        }
        var call = APICall(
            request: try ProtobufReader.translated(request), query: query, path: path, user: user,
            now: now,
            definition: definition, version: version, form: form)
        try call.checkInclusion()
        return try dispatch(&call)
    }

    /// Whether a path fits the scope of a custom resource: objects in namespaces have paths in
    /// namespaces, but lists and watches may be of all.
    private func isServed(
        _ path: ResourcePath, _ definition: ResourceDefinition, _ request: ServerRequest,
        _ query: Query
    ) -> Bool {
        guard definition.isNamespaced else { return path.namespace.isEmpty }
        guard path.namespace.isEmpty else { return true }
        return path.name.isEmpty && ["GET", "HEAD"].contains(request.method)
    }

    /// Paths that name no resource: health, version, discovery, schemas.
    private mutating func routePath(
        _ request: ServerRequest, _ query: Query, _ user: UserIdentity, at now: Timestamp
    ) throws(Failure) -> ServerReply {
        let verb = request.method.lowercased()
        let access = AccessAttributes(verb: verb, path: query.path)
        guard isAllowed(user, access) else { throw access.refusal(of: user) }
        if let reply = try discover(request, query) { return reply }
        return .text("404 page not found\n", status: 404)
    }

    private func authorize(
        _ request: ServerRequest, _ path: ResourcePath, _ query: Query, _ user: UserIdentity
    ) throws(Failure) {
        let verb: String
        switch request.method {
        case "POST": verb = "create"
        case "PUT": verb = "update"
        case "PATCH": verb = "patch"
        case "DELETE": verb = path.name.isEmpty ? "deletecollection" : "delete"
        default:
            let isWatch = (query.flag("watch") || path.isWatch) && path.subresource.isEmpty
            verb = isWatch ? "watch" : path.name.isEmpty ? "list" : "get"
        }
        let access = AccessAttributes(
            verb: verb, group: path.group, version: path.version, resource: path.resource,
            subresource: path.subresource, namespace: path.namespace, name: path.name)
        guard isAllowed(user, access) else { throw access.refusal(of: user) }
    }

    private mutating func dispatch(_ call: inout APICall) throws(Failure) -> ServerReply {
        if !call.path.subresource.isEmpty { return try subresource(&call) }
        let traits = call.definition.traits
        if traits.contains(.isReview) {
            guard call.request.method == "POST", call.path.name.isEmpty else {
                throw .methodNotAllowed
            }
            return try review(&call)
        }
        let isWholeNamespaced = call.definition.isNamespaced && call.path.namespace.isEmpty
        let isWatch = call.query.flag("watch") || call.path.isWatch
        switch (call.request.method, call.path.name.isEmpty) {
        case ("GET", true), ("HEAD", true):
            return isWatch ? try watch(call) : try list(call)
        case ("GET", false), ("HEAD", false):
            guard !isWholeNamespaced else { throw .unknownResource }
            return isWatch ? try watch(call) : try get(call)
        case ("POST", _) where isGoing(call.definition):
            throw Failure(
                code: 405, reason: "MethodNotAllowed",
                message: "create not allowed while custom resource definition is terminating",
                details: Failure.Details(
                    group: call.resource.group, kind: call.resource.resource))
        case ("POST", false) where call.definition.isCustom: return try create(&call)
        case ("PUT", true) where call.definition.isCustom,
            ("PATCH", true) where call.definition.isCustom:
            throw .badRequest("name must be provided")
        case ("POST", true):
            guard !isWholeNamespaced else { throw .methodNotAllowed }
            return try create(&call)
        case ("PUT", false): return try update(&call)
        case ("PATCH", false): return try patch(&call)
        case ("DELETE", false): return try delete(&call)
        case ("DELETE", true):
            guard !isWholeNamespaced else { throw .methodNotAllowed }
            return try deleteCollection(&call)
        default: throw methodNotAllowed(call)
        }
    }

    /// Whether a resource's own definition is being deleted.
    private func isGoing(_ definition: ResourceDefinition) -> Bool {
        definition.isCustom
            && store.object(.definitions, "", definition.resource.description)?.isDeleting == true
    }

    /// The refusal of a method; the server of custom resources has words of its own.
    func methodNotAllowed(_ call: APICall) -> Failure {
        guard call.definition.isCustom else { return .methodNotAllowed }
        let verbs = ["POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"]
        let verb = verbs[call.request.method] ?? call.request.method.lowercased()
        return Failure(
            code: 405, reason: "MethodNotAllowed",
            message: "\(verb) is not supported on resources of kind \"\(call.resource)\"",
            details: Failure.Details(
                group: call.resource.group, kind: call.resource.resource))
    }

    /// The object that a request names.
    func existing(_ call: APICall) throws(Failure) -> StoredObject {
        guard
            let object = store.object(call.definition.storage, call.namespace, call.path.name)
        else { throw .notFound(call.resource, call.path.name) }
        return object
    }
}
