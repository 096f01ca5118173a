import KubernetesCore

extension APIServer {
    static let definitionFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// Serves what a new or changed custom resource definition describes, and says so in its
    /// status.
    mutating func establish(_ stored: StoredObject, at now: Timestamp) {
        let spec = stored.value["spec"] ?? [:]
        var value = stored.value
        var conditions = DefinitionStatus(value[path: ["status", "conditions"]], now)
        let accepted = value[path: ["status", "acceptedNames"]] ?? [:]
        let names = acceptedNames(stored, spec["names"] ?? [:], accepted)
        value[path: ["status", "acceptedNames"]] = names.accepted
        if let conflict = names.conflict {
            conditions.set("NamesAccepted", "False", conflict.reason, conflict.message)
            if !conditions.isTrue("Established") {
                conditions.set(
                    "Established", "False", "NotAccepted", "not all names are accepted")
            }
        } else {
            conditions.set("NamesAccepted", "True", "NoConflicts", "no conflicts found")
            conditions.set(
                "Established", "True", "InitialNamesAccepted",
                "the initial names have been accepted")
        }
        value[path: ["status", "conditions"]] = conditions.json
        var versions = (value[path: ["status", "storedVersions"]]?.array ?? []).compactMap(\.string)
        for version in spec["versions"]?.array ?? [] where version["storage"]?.bool == true {
            let name = version["name"]?.string ?? ""
            if !versions.contains(name) { versions.append(name) }
        }
        value[path: ["status", "storedVersions"]] = .strings(versions)
        if value != stored.value { store.put(value, in: .definitions) }
        guard conditions.isTrue("Established"), let definition = CustomDefinition.read(value)
        else { return }
        registry.set(definition)
    }

    /// Which of the names that a definition asks for it gets: those it has, and those that no
    /// other definition of its group has. With what is wrong with the last one it does not get.
    private func acceptedNames(
        _ stored: StoredObject, _ wanted: JSONValue, _ before: JSONValue
    ) -> (accepted: JSONValue, conflict: (reason: String, message: String)?) {
        let (resources, kinds) = takenNames(
            stored.value[path: ["spec", "group"]]?.string ?? "", except: stored.name)
        var accepted = before
        var conflict: (reason: String, message: String)?
        func check(_ field: String, _ reason: String, _ taken: Set<String>) {
            let name = wanted[field]?.string ?? ""
            if name != before[field]?.string ?? "", taken.contains(name) {
                conflict = (reason, "\(GoText.quote(name)) is already in use")
            } else {
                accepted[field] = wanted[field]
            }
        }
        check("plural", "PluralConflict", resources)
        check("singular", "SingularConflict", resources)
        let own = Authorization.texts(before["shortNames"])
        let clashes = Authorization.texts(wanted["shortNames"])
            .filter { !own.contains($0) && resources.contains($0) }
            .map { "\(GoText.quote($0)) is already in use" }
        if clashes.isEmpty {
            accepted["shortNames"] = wanted["shortNames"]
        } else {
            let list = clashes.joined(separator: ", ")
            conflict = ("ShortNamesConflict", clashes.count == 1 ? list : "[\(list)]")
        }
        check("kind", "KindConflict", kinds)
        check("listKind", "ListKindConflict", kinds)
        accepted["categories"] = wanted["categories"]
        return (accepted, conflict)
    }

    /// The names that the other definitions of a group have been given.
    private func takenNames(
        _ group: String, except name: String
    ) -> (resources: Set<String>, kinds: Set<String>) {
        var resources: Set<String> = []
        var kinds: Set<String> = []
        for other in store.objects(.definitions) where other.name != name {
            guard other.value[path: ["spec", "group"]]?.string == group,
                let names = other.value[path: ["status", "acceptedNames"]]
            else { continue }
            for field in ["plural", "singular"] {
                if let text = names[field]?.string, !text.isEmpty { resources.insert(text) }
            }
            resources.formUnion(Authorization.texts(names["shortNames"]))
            for field in ["kind", "listKind"] {
                if let text = names[field]?.string, !text.isEmpty { kinds.insert(text) }
            }
        }
        return (resources, kinds)
    }

    /// Gives definitions of a group that waited for a name another look: a rival has gone.
    mutating func establishRest(ofGroup group: String, at now: Timestamp) {
        for object in store.objects(.definitions) where !object.isDeleting {
            guard object.value[path: ["spec", "group"]]?.string == group,
                !DefinitionStatus(object.value[path: ["status", "conditions"]], now)
                    .isTrue("NamesAccepted")
            else { continue }
            establish(object, at: now)
        }
    }

    /// Marks a definition: its objects go first.
    mutating func markDefinition(
        _ object: StoredObject, _ options: DeletionOptions, at now: Timestamp
    ) -> StoredObject {
        var value = object.value
        value[path: ["metadata", "deletionTimestamp"]] = .string(now.description)
        var finalizers = object.finalizers
        if !finalizers.contains(APIServer.definitionFinalizer) {
            finalizers.append(APIServer.definitionFinalizer)
        }
        value[path: ["metadata", "finalizers"]] = .strings(finalizers)
        var conditions = DefinitionStatus(value[path: ["status", "conditions"]], now)
        conditions.set(
            "Terminating", "True", "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon")
        value[path: ["status", "conditions"]] = conditions.json
        guard !options.isDryRun else { return StoredObject(value, revision: object.revision) }
        return store.put(value, in: .definitions)
    }

    /// Deletes the objects of definitions that are going, then the definitions.
    mutating func finalizeDefinitions(at now: Timestamp) {
        for object in store.objects(.definitions) where object.isDeleting {
            let resource = GroupResource(
                group: object.value[path: ["spec", "group"]]?.string ?? "",
                resource: object.value[path: ["spec", "names", "plural"]]?.string ?? "")
            if let definition = registry[resource] {
                for instance in store.objects(resource) {
                    // What is refused is counted below: the definition waits for it.
                    _ = try? delete(instance, of: definition, DeletionOptions(), at: now)
                }
            }
            guard store.count(resource) == 0,
                object.finalizers.contains(APIServer.definitionFinalizer),
                let definition = registry[.definitions]
            else { continue }
            let rest = object.finalizers.filter { $0 != APIServer.definitionFinalizer }
            if rest.isEmpty {
                remove(object, of: definition)
                establishRest(ofGroup: resource.group, at: now)
            } else {
                var value = object.value
                value[path: ["metadata", "finalizers"]] = .strings(rest)
                store.put(value, in: .definitions)
            }
        }
    }

    /// Serves a resource no longer: its definition is gone.
    mutating func withdraw(_ object: StoredObject) {
        let resource = GroupResource(
            group: object.value[path: ["spec", "group"]]?.string ?? "",
            resource: object.value[path: ["spec", "names", "plural"]]?.string ?? "")
        guard registry[resource]?.isCustom == true else { return }
        registry.remove(resource)
        watches.end(resource)
    }
}

/// The conditions of a custom resource definition.
struct DefinitionStatus {
    private var conditions: [JSONValue]
    private let now: Timestamp

    init(_ conditions: JSONValue?, _ now: Timestamp) {
        self.conditions = conditions?.array ?? []
        self.now = now
    }

    mutating func set(_ type: String, _ status: String, _ reason: String, _ message: String) {
        var condition: JSONValue = [
            "type": .string(type), "status": .string(status), "reason": .string(reason),
            "message": .string(message), "lastTransitionTime": .string(now.description),
        ]
        guard let index = conditions.firstIndex(where: { $0["type"]?.string == type }) else {
            conditions.append(condition)
            return
        }
        if conditions[index]["status"] == condition["status"] {
            condition["lastTransitionTime"] = conditions[index]["lastTransitionTime"]
        }
        conditions[index] = condition
    }

    func isTrue(_ type: String) -> Bool {
        conditions.contains { $0["type"]?.string == type && $0["status"]?.string == "True" }
    }

    var json: JSONValue { .array(conditions) }

    /// Whether a stored definition is served.
    static func isEstablished(_ object: StoredObject) -> Bool {
        (object.value[path: ["status", "conditions"]]?.array ?? []).contains {
            $0["type"]?.string == "Established" && $0["status"]?.string == "True"
        }
    }
}

/// Reads custom resource definitions that have been validated.
enum CustomDefinition {
    static func read(_ value: JSONValue) -> ResourceDefinition? {
        guard let spec = value["spec"], let group = spec["group"]?.string,
            let plural = spec[path: ["names", "plural"]]?.string,
            let kind = spec[path: ["names", "kind"]]?.string
        else { return nil }
        let names = spec["names"] ?? [:]
        let resource = GroupResource(group: group, resource: plural)
        var definition = ResourceDefinition(
            resource: resource, kind: kind, singular: names["singular"]?.string ?? "",
            listKind: names["listKind"]?.string ?? kind + "List", storage: resource)
        definition.shortNames = Authorization.texts(names["shortNames"])
        definition.categories = Authorization.texts(names["categories"])
        definition.isNamespaced = spec["scope"]?.string == "Namespaced"
        for given in spec["versions"]?.array ?? [] {
            guard let version = self.version(given, of: definition) else { return nil }
            definition.versions.append(version)
        }
        return definition
    }

    private static func version(
        _ given: JSONValue, of definition: ResourceDefinition
    ) -> ServedVersion? {
        // A schema that is none was refused when the definition was written.
        guard let name = given["name"]?.string,
            let schema = try? StructuralSchema(
                reading: given[path: ["schema", "openAPIV3Schema"]] ?? [:])
        else { return nil }
        let columns = (given["additionalPrinterColumns"]?.array ?? []).compactMap(column)
        var version = ServedVersion(name: name)
        version.isServed = given["served"]?.bool ?? false
        version.isStorage = given["storage"]?.bool ?? false
        version.custom = CustomVersion(
            schema: schema, shape: schema.shape, rules: CustomRules(schema),
            hasStatus: given[path: ["subresources", "status"]] != nil,
            scale: scale(given[path: ["subresources", "scale"]]), columns: columns,
            selectableFields: (given["selectableFields"]?.array ?? []).compactMap {
                $0["jsonPath"]?.string.flatMap { JSONPath($0)?.members }
            })
        if given["deprecated"]?.bool == true {
            version.deprecation =
                given["deprecationWarning"]?.string
                ?? "\(definition.apiVersion(name)) \(definition.kind) is deprecated"
        }
        return version
    }

    private static func column(_ given: JSONValue) -> PrinterColumn? {
        guard let name = given["name"]?.string,
            let path = given["jsonPath"]?.string.flatMap({ JSONPath($0) })
        else { return nil }
        return PrinterColumn(
            name: name, type: given["type"]?.string ?? "string",
            format: given["format"]?.string ?? "",
            description: given["description"]?.string
                ?? "Custom resource definition column (in JSONPath format): "
                + (given["jsonPath"]?.string ?? ""),
            priority: given["priority"]?.integer ?? 0, path: path)
    }

    private static func scale(_ given: JSONValue?) -> ScalePaths? {
        guard let spec = given?["specReplicasPath"]?.string.flatMap({ JSONPath($0)?.members }),
            let status = given?["statusReplicasPath"]?.string.flatMap({ JSONPath($0)?.members })
        else { return nil }
        return ScalePaths(
            specReplicas: spec, statusReplicas: status,
            labelSelector: given?["labelSelectorPath"]?.string.flatMap { JSONPath($0)?.members })
    }
}
