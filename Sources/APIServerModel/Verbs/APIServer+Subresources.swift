import KubernetesCore

extension APIServer {
    mutating func subresource(_ call: inout APICall) throws(Failure) -> ServerReply {
        let name = call.path.subresource
        let method = call.request.method
        let hasStatus =
            call.version.custom?.hasStatus ?? call.definition.traits.contains(.hasStatus)
        switch (name, method) {
        case ("status", _) where hasStatus:
            switch method {
            case "GET", "HEAD": return try get(call)
            case "PUT": return try update(&call)
            case "PATCH": return try patch(&call)
            default: throw methodNotAllowed(call)
            }
        case ("scale", _) where call.version.scale != nil:
            return try scale(&call)
        default: break
        }
        guard let known = call.definition.subresources.first(where: { $0.name == name }) else {
            throw call.definition.isCustom
                ? .notFound(call.resource, call.path.name) : .unknownResource
        }
        let verbs = [
            "POST": "create", "GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete",
        ]
        guard let verb = verbs[method], known.verbs.contains(verb) else { throw .methodNotAllowed }
        switch name {
        case "binding":
            let binding = try readBody(&call, as: "Binding", kind: "Binding")
            guard binding[path: ["metadata", "name"]]?.string ?? "" == call.path.name else {
                throw .badRequest("name in URL does not match name in Binding object")
            }
            return try bind(&call, binding)
        case "eviction": return try evict(&call)
        case "log": return try podLogs(call)
        case "ephemeralcontainers", "resize":
            switch method {
            case "GET": return try get(call)
            case "PUT": return try update(&call)
            default: return try patch(&call)
            }
        case "exec", "attach", "portforward", "proxy": throw try noStream(call)
        case "token": return try requestToken(&call)
        case "finalize": return try finalizeNamespace(&call)
        default: throw .unknownResource
        }
    }

    /// Reads the body of a subresource whose objects are not stored.
    func readBody(
        _ call: inout APICall, as type: String, kind: String
    ) throws(Failure) -> JSONValue {
        let (value, _) = try BodyReader.object(call.request.body, expected: kind)
        var reader = TypedReader(catalog: .builtIn)
        do {
            return try reader.read(value, as: type)
        } catch {
            throw .badRequest(
                "\(kind) in version \"v1\" cannot be handled as a \(kind): \(error.message)")
        }
    }

    private func success(_ call: APICall) -> ServerReply {
        call.reply(
            [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
                "code": 201,
            ], status: 201)
    }

    /// Carries out a binding: that of a pod's subresource, or one from the collection `bindings`,
    /// which names its pod itself.
    mutating func bind(
        _ call: inout APICall, _ binding: JSONValue
    ) throws(Failure) -> ServerReply {
        let options = try WriteOptions(
            call.query, kind: "CreateOptions", userAgent: call.request.header("user-agent") ?? "")
        let node = binding[path: ["target", "name"]]?.string ?? ""
        let kind = binding[path: ["target", "kind"]]?.string ?? ""
        let name = binding[path: ["metadata", "name"]]?.string ?? ""
        var errors: [FieldError] = []
        if !kind.isEmpty, kind != "Node" {
            errors.append(
                .notSupported(FieldPath("target.kind"), .string(kind), ["Node", "<empty>"]))
        }
        if node.isEmpty { errors.append(.required(FieldPath("target.name"))) }
        guard errors.isEmpty else {
            throw .invalid(kind: "Binding", group: "", name: name, errors)
        }
        guard let pod = store.object(.pods, call.namespace, name) else {
            throw .notFound(.pods, name)
        }
        let target = GroupResource(group: "", resource: "pods/binding")
        if pod.isDeleting {
            throw .conflict(
                target, name, "pod \(name) is being deleted, cannot be assigned to a host")
        }
        if let bound = pod.value[path: ["spec", "nodeName"]]?.string, !bound.isEmpty {
            throw .conflict(target, name, "pod \(name) is already assigned to node \"\(bound)\"")
        }
        if !options.isDryRun { bind(pod, to: node, at: call.now) }
        return success(call)
    }

    /// Binds a pod to a node and says so in its conditions.
    mutating func bind(_ pod: StoredObject, to node: String, at now: Timestamp) {
        var value = pod.value
        value[path: ["spec", "nodeName"]] = .string(node)
        let generation = value[path: ["metadata", "generation"]]?.integer ?? 0
        value[path: ["metadata", "generation"]] = .integer(generation &+ 1)
        PodConditions.set(
            &value, "PodScheduled", "True", reason: nil, message: nil, at: now)
        store.put(value, in: .pods)
    }

    private mutating func evict(_ call: inout APICall) throws(Failure) -> ServerReply {
        let eviction = try readBody(&call, as: "Eviction", kind: "Eviction")
        let given = eviction[path: ["metadata", "name"]]?.string ?? ""
        guard given == call.path.name else {
            throw .badRequest("name in URL does not match name in Eviction object")
        }
        let pod = try existing(call)
        var options = DeletionOptions()
        let wanted = eviction["deleteOptions"] ?? [:]
        options.graceSeconds = wanted["gracePeriodSeconds"]?.integer
        options.uid = wanted[path: ["preconditions", "uid"]]?.string
        options.isDryRun = !(wanted["dryRun"]?.array ?? []).isEmpty || call.query["dryRun"] != nil
        try takeDisruption(pod, options, at: call.now)
        _ = try delete(pod, of: call.definition, options, at: call.now)
        return success(call)
    }

    private func podLogs(_ call: APICall) throws(Failure) -> ServerReply {
        let pod = try existing(call)
        try checkLogOptions(call)
        let containers =
            (pod.value[path: ["spec", "containers"]]?.array ?? [])
            + (pod.value[path: ["spec", "initContainers"]]?.array ?? [])
        let names = containers.compactMap { $0["name"]?.string }
        var container = call.query["container"] ?? ""
        if container.isEmpty {
            let own = (pod.value[path: ["spec", "containers"]]?.array ?? []).compactMap {
                $0["name"]?.string
            }
            let marked = pod.metadata[
                path: ["annotations", "kubectl.kubernetes.io/default-container"]]?.string
            let first = own.first { $0 == marked } ?? (own.count == 1 ? own.first : nil)
            guard let first else {
                let setup = names.dropFirst(own.count).joined(separator: " ")
                throw .badRequest(
                    "a container name must be specified for pod \(pod.name), choose one of: "
                        + "[\(own.joined(separator: " "))]"
                        + (setup.isEmpty ? "" : " or one of the init containers: [\(setup)]"))
            }
            container = first
        }
        guard names.contains(container) else {
            throw .badRequest("container \(container) is not valid for pod \(pod.name)")
        }
        guard let node = pod.value[path: ["spec", "nodeName"]]?.string, !node.isEmpty else {
            // A pod that is nowhere has written nothing.
            return .response(status: 204, headers: [], body: [])
        }
        func count(_ name: String) -> Int? { call.query[name].flatMap { Int($0) } }
        return .podLogs(
            PodLogRequest(
                namespace: pod.namespace, pod: pod.name, podUID: UID(pod.uid), node: node,
                container: container, follow: call.query.flag("follow"),
                tailLines: count("tailLines"), sinceSeconds: count("sinceSeconds"),
                sinceTime: call.query["sinceTime"].flatMap { Timestamp($0) },
                timestamps: call.query.flag("timestamps"), previous: call.query.flag("previous"),
                limitBytes: count("limitBytes")))
    }

    private func checkLogOptions(_ call: APICall) throws(Failure) {
        var errors: [FieldError] = []
        for (name, least, words) in [
            ("tailLines", Int64(0), "must be greater than or equal to 0"),
            ("limitBytes", 1, "must be greater than 0"),
        ] {
            guard let number = try call.query.integer(name), number < least else { continue }
            errors.append(.invalid(FieldPath(name), .integer(number), words))
        }
        let seconds = try call.query.integer("sinceSeconds")
        if seconds != nil, call.query["sinceTime"] != nil {
            errors.append(
                .forbidden(
                    .root, "at most one of `sinceTime` or `sinceSeconds` may be specified"))
        } else if let seconds, seconds < 1 {
            errors.append(
                .invalid(FieldPath("sinceSeconds"), .integer(seconds), "must be greater than 0"))
        }
        guard errors.isEmpty else {
            throw .invalid(kind: "PodLogOptions", group: "", name: call.path.name, errors)
        }
    }

    /// The refusal of a stream into a pod: pods run as processes beside the server, and there is
    /// no way into them.
    private func noStream(_ call: APICall) throws(Failure) -> Failure {
        let pod = try existing(call)
        let node = pod.value[path: ["spec", "nodeName"]]?.string ?? ""
        if node.isEmpty { return .badRequest("pod \(pod.name) does not have a host assigned") }
        return Failure(
            code: 501, reason: "NotImplemented",
            message: "this local cluster runs pods as processes of yours: "
                + "\(call.path.subresource) is not available, use a debugger or a shell",
            details: nil)
    }

    private mutating func finalizeNamespace(
        _ call: inout APICall
    ) throws(Failure) -> ServerReply {
        let decoded = try decode(&call, WriteOptions())
        let old = try existing(call)
        let version = decoded.value[path: ["metadata", "resourceVersion"]]?.string ?? ""
        guard version.isEmpty || version == String(old.revision) else {
            throw .modified(call.resource, old.name)
        }
        var value = old.value
        let finalizers = decoded.value[path: ["spec", "finalizers"]]
        value[path: ["spec", "finalizers"]] = finalizers
        if old.isDeleting, (finalizers?.array ?? []).isEmpty, old.finalizers.isEmpty {
            let last = StoredObject(value, revision: old.revision)
            remove(last, of: call.definition)
            return call.reply(last)
        }
        return call.reply(store.put(value, in: .namespaces))
    }
}

/// The conditions of pods.
enum PodConditions {
    static func set(
        _ pod: inout JSONValue, _ type: String, _ status: String, reason: String?,
        message: String?, at now: Timestamp
    ) {
        var conditions = pod[path: ["status", "conditions"]]?.array ?? []
        var condition: JSONValue = [
            "type": .string(type), "status": .string(status), "lastProbeTime": .null,
            "lastTransitionTime": .string(now.description),
        ]
        condition["reason"] = reason.map(JSONValue.string)
        condition["message"] = message.map(JSONValue.string)
        if let generation = pod[path: ["metadata", "generation"]] {
            condition["observedGeneration"] = generation
        }
        if let index = conditions.firstIndex(where: { $0["type"]?.string == type }) {
            if conditions[index]["status"] == condition["status"] {
                condition["lastTransitionTime"] = conditions[index]["lastTransitionTime"]
            }
            conditions[index] = condition
        } else {
            conditions.append(condition)
        }
        pod[path: ["status", "conditions"]] = .array(conditions)
    }
}
