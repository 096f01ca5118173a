import KubernetesCore

/// What is left in a namespace that is going, and how its conditions say so.
///
/// Types, reasons and sentences are those of the namespace controller of Kubernetes 1.36.
struct NamespaceContent {
    private var resources: [String: Int] = [:]
    private var finalizers: [String: Int] = [:]

    /// Whether nothing is left.
    var isEmpty: Bool { resources.isEmpty }

    /// Counts an object that is still there.
    mutating func add(_ object: StoredObject, of definition: ResourceDefinition) {
        // Named by resource and group with a dot between them, which stands alone for core kinds.
        resources["\(definition.resource.resource).\(definition.group)", default: 0] += 1
        for finalizer in object.finalizers {
            finalizers[finalizer, default: 0] += 1
        }
    }

    /// Sets the conditions of a namespace. Returns whether anything changed; a namespace that was
    /// emptied at once never had conditions and gets none.
    func describe(in namespace: inout JSONValue, at now: Timestamp) -> Bool {
        let conditions = namespace[path: ["status", "conditions"]]?.array ?? []
        guard !isEmpty || !conditions.isEmpty else { return false }
        var updated: [JSONValue] = []
        for (type, status, reason, message) in states {
            let old = conditions.first { $0["type"]?.string == type }
            let isSame = old?["status"]?.string == status
            let since = isSame ? old?["lastTransitionTime"]?.string : nil
            updated.append([
                "type": .string(type), "status": .string(status),
                "lastTransitionTime": .string(since ?? now.description),
                "reason": .string(reason), "message": .string(message),
            ])
        }
        guard updated != conditions else { return false }
        namespace[path: ["status", "conditions"]] = .array(updated)
        return true
    }

    private var states: [(type: String, status: String, reason: String, message: String)] {
        let counted = resources.sorted { $0.key < $1.key }.map {
            "\($0.key) has \($0.value) resource instances"
        }
        let held = finalizers.sorted { $0.key < $1.key }.map {
            "\($0.key) in \($0.value) resource instances"
        }
        return [
            (
                "NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered",
                "All resources successfully discovered"
            ),
            (
                "NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions",
                "All legacy kube types successfully parsed"
            ),
            (
                "NamespaceDeletionContentFailure", "False", "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization"
            ),
            counted.isEmpty
                ? (
                    "NamespaceContentRemaining", "False", "ContentRemoved",
                    "All content successfully removed"
                )
                : (
                    "NamespaceContentRemaining", "True", "SomeResourcesRemain",
                    "Some resources are remaining: " + counted.joined(separator: ", ")
                ),
            held.isEmpty
                ? (
                    "NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers",
                    "All content-preserving finalizers finished"
                )
                : (
                    "NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain",
                    "Some content in the namespace has finalizers remaining: "
                        + held.joined(separator: ", ")
                ),
        ]
    }
}
