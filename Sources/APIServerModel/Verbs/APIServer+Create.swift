import KubernetesCore

extension APIServer {
    mutating func create(_ call: inout APICall) throws(Failure) -> ServerReply {
        let options = try WriteOptions(
            call.query, kind: "CreateOptions", userAgent: call.request.header("user-agent") ?? "")
        let decoded = try decode(&call, options)
        let object = try createObject(decoded, &call, options)
        return call.reply(object, status: 201)
    }

    /// Makes a new object: system fields, admission, validation, storage. A dry run does all but
    /// the last.
    mutating func createObject(
        _ given: Decoded, _ call: inout APICall, _ options: WriteOptions,
        apply: AppliedFields? = nil
    ) throws(Failure) -> StoredObject {
        var value = given.value
        try matchNamespace(&value, call)
        let isGenerated = try fillSystemFields(&value, call)
        var attempts = 0
        while true {
            attempts += 1
            do throws(Failure) {
                return try createNamed(value, kind: given.kind, &call, options, apply: apply)
            } catch {
                // A generated name that is taken is made again, as often as the API server does.
                guard isGenerated, error.reason == "AlreadyExists", attempts < 8 else {
                    throw error
                }
                let prefix = value[path: ["metadata", "generateName"]]?.string ?? ""
                value[path: ["metadata", "name"]] = .string(generatedName(prefix))
            }
        }
    }

    private mutating func createNamed(
        _ given: JSONValue, kind: String, _ call: inout APICall, _ options: WriteOptions,
        apply: AppliedFields?
    ) throws(Failure) -> StoredObject {
        var value = given
        try admitNamespace(call)
        try admitCreation(&value, &call)
        prepareBuiltIn(&value, call.definition)
        track(&value, old: nil, call, options, apply: apply, subresource: "")
        prepareForCreation(&value, call)
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        let errors = creationErrors(value, kind: kind, call)
        guard errors.isEmpty else {
            throw .invalid(kind: kind, group: call.definition.group, name: name, errors)
        }
        try validateAdmission(value, old: nil, &call)
        let storage = call.definition.storage
        guard store.object(storage, call.namespace, name) == nil else {
            throw .alreadyExists(call.resource, name)
        }
        let stored =
            call.definition.traits.contains(.isAlias)
            ? EventTranslation.toCore(value) : value
        guard !options.isDryRun else { return StoredObject(stored, revision: 0) }
        let object = store.put(stored, in: storage)
        didCreate(object, call)
        return object
    }

    /// The namespace of the object must be that of the path; where it is absent it is filled in.
    func matchNamespace(_ value: inout JSONValue, _ call: APICall) throws(Failure) {
        let given = value[path: ["metadata", "namespace"]]?.string ?? ""
        guard call.definition.isNamespaced else {
            value[path: ["metadata", "namespace"]] = nil
            return
        }
        guard given.isEmpty || given == call.namespace else { throw .namespaceMismatch }
        value[path: ["metadata", "namespace"]] = .string(call.namespace)
    }

    /// Sets what only the server sets. Returns whether the name was generated.
    private mutating func fillSystemFields(
        _ value: inout JSONValue, _ call: APICall
    ) throws(Failure) -> Bool {
        var metadata = value["metadata"]?.object ?? [:]
        let version = metadata["resourceVersion"]?.string ?? ""
        // What an apply or an update creates forgets the version it was written against.
        guard version.isEmpty || version == "0" || call.request.method != "POST" else {
            throw Failure(
                code: 500, reason: "",
                message: "resourceVersion should not be set on objects to be created",
                details: nil)
        }
        for key in [
            "resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds",
            "generation", "managedFields",
        ] {
            metadata[key] = nil
        }
        metadata["creationTimestamp"] = .string(call.now.description)
        metadata["uid"] = .string(random.uid())
        let prefix = metadata["generateName"]?.string ?? ""
        let isGenerated = !prefix.isEmpty && (metadata["name"]?.string ?? "").isEmpty
        if isGenerated { metadata["name"] = .string(generatedName(prefix)) }
        value["metadata"] = .object(metadata)
        return isGenerated
    }

    /// A name that begins with `prefix`, cut so that the whole fits a label.
    mutating func generatedName(_ prefix: String) -> String {
        String(prefix.prefix(58)) + random.suffix()
    }

    /// Nothing is created in a namespace that does not exist or is going.
    private func admitNamespace(_ call: APICall) throws(Failure) {
        guard call.definition.isNamespaced else { return }
        guard let namespace = store.object(.namespaces, "", call.namespace) else {
            throw .notFound(.namespaces, call.namespace)
        }
        guard namespace.isDeleting else { return }
        var failure = Failure.forbidden(
            call.resource, call.path.name,
            "unable to create new content in namespace \(call.namespace) because it is being "
                + "terminated")
        failure.details?.causes = [
            .init(
                reason: "NamespaceTerminating",
                message: "namespace \(call.namespace) is being terminated",
                field: "metadata.namespace")
        ]
        throw failure
    }
}
