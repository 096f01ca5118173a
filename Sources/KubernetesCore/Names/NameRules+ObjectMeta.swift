extension NameRules {
    /// The most bytes that the annotations of one object may have together.
    public static let annotationBytesMax = 256 * 1_024

    /// What is wrong with the metadata of an object, in the order of a kube-apiserver.
    ///
    /// `metadata` is the JSON of `metadata`; members of a wrong JSON type are taken for absent,
    /// they are the decoder's business.
    public static func objectMetaErrors(
        _ metadata: JSONValue, isNamespaced: Bool, nameRule: Rule = .dnsSubdomain,
        at path: FieldPath = FieldPath("metadata")
    ) -> [FieldError] {
        var errors: [FieldError] = []
        let prefix = metadata["generateName"]?.string ?? ""
        if !prefix.isEmpty {
            errors += nameRule.errors(prefix, isPrefix: true).map {
                .invalid(path.child("generateName"), .string(prefix), $0)
            }
        }
        let name = metadata["name"]?.string ?? ""
        if name.isEmpty {
            errors.append(.required(path.child("name"), "name or generateName is required"))
        } else {
            errors += nameRule.errors(name).map {
                .invalid(path.child("name"), .string(name), $0)
            }
        }
        errors += namespaceErrors(metadata, isNamespaced, at: path.child("namespace"))
        if let generation = metadata["generation"]?.integer, generation < 0 {
            errors.append(
                .invalid(
                    path.child("generation"), .integer(generation),
                    "must be greater than or equal to 0"))
        }
        if let labels = metadata["labels"] {
            errors += labelErrors(labels, at: path.child("labels"))
        }
        if let annotations = metadata["annotations"] {
            errors += annotationErrors(annotations, at: path.child("annotations"))
        }
        if let ownerReferences = metadata["ownerReferences"] {
            errors += ownerErrors(ownerReferences, at: path.child("ownerReferences"))
        }
        if let finalizers = metadata["finalizers"] {
            errors += finalizerErrors(finalizers, at: path.child("finalizers"))
        }
        return errors
    }

    private static func namespaceErrors(
        _ metadata: JSONValue, _ isNamespaced: Bool, at path: FieldPath
    ) -> [FieldError] {
        let namespace = metadata["namespace"]?.string ?? ""
        switch (isNamespaced, namespace.isEmpty) {
        case (true, true): return [.required(path)]
        case (true, false):
            return dnsLabelErrors(namespace).map { .invalid(path, .string(namespace), $0) }
        case (false, false): return [.forbidden(path, "not allowed on this type")]
        case (false, true): return []
        }
    }

    /// What is wrong with labels, given as a JSON object.
    public static func labelErrors(_ labels: JSONValue?, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (key, value) in labels?.object ?? [:] {
            errors += qualifiedNameErrors(key).map { .invalid(path, .string(key), $0) }
            errors += labelValueErrors(value.string ?? "").map { .invalid(path, value, $0) }
        }
        return errors
    }

    /// What is wrong with annotations, given as a JSON object.
    public static func annotationErrors(
        _ annotations: JSONValue?, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        var bytes = 0
        for (key, value) in annotations?.object ?? [:] {
            errors += qualifiedNameErrors(key.lowercased()).map { .invalid(path, .string(key), $0) }
            bytes += key.utf8.count + (value.string?.utf8.count ?? 0)
        }
        if bytes > annotationBytesMax { errors.append(.tooLong(path, limit: annotationBytesMax)) }
        return errors
    }

    /// What is wrong with owner references, given as a JSON array.
    public static func ownerErrors(_ owners: JSONValue?, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var controller = ""
        for owner in owners?.array ?? [] {
            let apiVersion = owner["apiVersion"]?.string ?? ""
            let kind = owner["kind"]?.string ?? ""
            let name = owner["name"]?.string ?? ""
            if apiVersion.split(separator: "/", omittingEmptySubsequences: false).last == "" {
                errors.append(
                    .invalid(
                        path.child("apiVersion"), .string(apiVersion), "version must not be empty"))
            }
            for (key, text) in [
                ("kind", kind), ("name", name), ("uid", owner["uid"]?.string ?? ""),
            ] where text.isEmpty {
                errors.append(.invalid(path.child(key), "", "must not be empty"))
            }
            if apiVersion == "v1", kind == "Event" {
                errors.append(
                    .invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"))
            }
            guard owner["controller"]?.bool == true else { continue }
            let current = kind + "/" + name
            if controller.isEmpty {
                controller = current
            } else {
                errors.append(
                    .invalid(
                        path, owners,
                        "Only one reference can have Controller set to true. Found \"true\" in "
                            + "references for \(controller) and \(current)"))
            }
        }
        return errors
    }

    /// What is wrong with finalizers, given as a JSON array.
    public static func finalizerErrors(
        _ finalizers: JSONValue?, at path: FieldPath
    ) -> [FieldError] {
        let names = (finalizers?.array ?? []).compactMap(\.string)
        var errors = names.flatMap { name in
            qualifiedNameErrors(name).map { FieldError.invalid(path, .string(name), $0) }
        }
        if names.contains("orphan"), names.contains("foregroundDeletion") {
            errors.append(
                .invalid(
                    path, finalizers,
                    "finalizer orphan and foregroundDeletion cannot be both set"))
        }
        return errors
    }

    /// What an update must not do to metadata: change the identity, or add finalizers to an object
    /// that is being deleted.
    public static func objectMetaUpdateErrors(
        _ metadata: JSONValue, old: JSONValue, at path: FieldPath = FieldPath("metadata")
    ) -> [FieldError] {
        var errors: [FieldError] = []
        if let deletion = old["deletionTimestamp"], !deletion.isNull {
            let before = Set((old["finalizers"]?.array ?? []).compactMap(\.string))
            let added = (metadata["finalizers"]?.array ?? []).compactMap(\.string).filter {
                !before.contains($0)
            }
            if !added.isEmpty {
                let list = Set(added).sorted().map(GoText.quote).joined(separator: ", ")
                errors.append(
                    .forbidden(
                        path.child("finalizers"),
                        "no new finalizers can be added if the object is being deleted, "
                            + "found new finalizers []string{\(list)}"))
            }
        }
        for key in [
            "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ] {
            let value = metadata[key].flatMap { $0.isNull ? nil : $0 }
            let before = old[key].flatMap { $0.isNull ? nil : $0 }
            if value != before {
                errors.append(.invalid(path.child(key), value ?? .null, "field is immutable"))
            }
        }
        return errors
    }
}
