import KubernetesCore

extension APIServer {
    /// A namespace goes in two steps: marked at once, taken out when everything in it has gone.
    mutating func deleteNamespace(
        _ object: StoredObject, _ definition: ResourceDefinition, _ options: DeletionOptions,
        at now: Timestamp
    ) throws(Failure) -> Deletion {
        if !object.isDeleting {
            var value = object.value
            markAsDeleting(&value, at: now)
            value[path: ["metadata", "deletionGracePeriodSeconds"]] = nil
            value[path: ["status", "phase"]] = "Terminating"
            guard !options.isDryRun else {
                return .pending(StoredObject(value, revision: object.revision))
            }
            return .pending(store.put(value, in: .namespaces))
        }
        let finalizers = object.value[path: ["spec", "finalizers"]]?.array ?? []
        guard finalizers.isEmpty else {
            throw .conflict(
                .namespaces, object.name,
                "The system is ensuring all content is removed from this namespace.  Upon "
                    + "completion, this namespace will automatically be purged by the system.")
        }
        guard object.finalizers.isEmpty, !options.isDryRun else { return .pending(object) }
        return .gone(remove(object, of: definition))
    }

    /// When the emptying of a namespace begins: a moment after it was marked, so that clients which
    /// delete a namespace and its content together find the content.
    static func finalization(of namespace: StoredObject) -> Timestamp? {
        namespace.metadata["deletionTimestamp"]?.string.flatMap { Timestamp($0) }.map {
            $0 + .seconds(2)
        }
    }

    /// Empties the namespaces that are going and takes out those that are empty.
    mutating func finalizeNamespaces(at now: Timestamp) {
        for namespace in store.objects(.namespaces) {
            guard let due = APIServer.finalization(of: namespace), due <= now else { continue }
            var content = NamespaceContent()
            for definition in registry.sorted where definition.isNamespaced {
                if !definition.traits.isDisjoint(with: [.isReview, .isAlias]) { continue }
                for object in store.objects(definition.storage, namespace: namespace.name) {
                    var options = DeletionOptions()
                    options.propagation = .background
                    // Pods get no grace where no node is there to end them. What cannot be deleted
                    // is content that is left, and tried again in the next round.
                    let deletion = try? delete(object, of: definition, options, at: now)
                    if case .gone = deletion { continue }
                    content.add(
                        store.object(definition.storage, object.namespace, object.name) ?? object,
                        of: definition)
                }
            }
            var value = namespace.value
            if content.describe(in: &value, at: now) { store.put(value, in: .namespaces) }
            guard content.isEmpty else { continue }
            finalize(store.object(.namespaces, "", namespace.name) ?? namespace)
        }
    }

    private mutating func finalize(_ namespace: StoredObject) {
        var value = namespace.value
        let finalizers = (value[path: ["spec", "finalizers"]]?.array ?? []).filter {
            $0.string != "kubernetes"
        }
        if finalizers.isEmpty, namespace.finalizers.isEmpty {
            store.remove(namespace, from: .namespaces)
            return
        }
        value[path: ["spec", "finalizers"]] = finalizers.isEmpty ? nil : .array(finalizers)
        if value != namespace.value { store.put(value, in: .namespaces) }
    }

    /// Gives each namespace its default service account and the certificates of this server.
    mutating func furnish(_ namespace: StoredObject, at now: Timestamp) {
        guard !namespace.isDeleting else { return }
        if store.object(.serviceAccounts, namespace.name, "default") == nil {
            seed(.serviceAccounts, name: "default", namespace: namespace.name, [:], at: now)
        }
        if store.object(.configMaps, namespace.name, "kube-root-ca.crt") == nil {
            seed(
                .configMaps, name: "kube-root-ca.crt", namespace: namespace.name,
                ["data": ["ca.crt": .string(configuration.rootCertificates)]], at: now)
        }
    }

    /// Stores an object that the server makes by itself.
    @discardableResult
    mutating func seed(
        _ resource: GroupResource, name: String, namespace: String = "", labels: JSONObject = [:],
        _ body: JSONValue, at now: Timestamp
    ) -> StoredObject {
        var metadata: JSONValue = [
            "name": .string(name), "uid": .string(random.uid()),
            "creationTimestamp": .string(now.description),
        ]
        if !namespace.isEmpty { metadata["namespace"] = .string(namespace) }
        if !labels.isEmpty { metadata["labels"] = .object(labels) }
        var value = body
        value["metadata"] = metadata
        return store.put(value, in: resource)
    }
}
