import KubernetesCore

/// One resource that the server serves, built in or defined by a custom resource definition: what
/// it is called, what may be done with it, and which rules of its kind apply.
struct ResourceDefinition: Sendable {
    /// Peculiarities of a resource.
    struct Traits: OptionSet, Sendable {
        let rawValue: Int

        /// An update without a resource version overwrites.
        static let unconditionalUpdate = Traits(rawValue: 1)
        /// An update of an object that does not exist creates it.
        static let createOnUpdate = Traits(rawValue: 2)
        /// A deletion answers with the object.
        static let returnsDeleted = Traits(rawValue: 4)
        /// Changes of anything but metadata and status count up `metadata.generation`.
        static let countsGeneration = Traits(rawValue: 8)
        /// There is a status subresource, and the main one leaves the status alone.
        static let hasStatus = Traits(rawValue: 16)
        /// Objects are only answered, never stored.
        static let isReview = Traits(rawValue: 32)
        /// Stored as another resource's objects and translated.
        static let isAlias = Traits(rawValue: 64)
        /// Names follow the rules of path segments alone, as those of RBAC objects do.
        static let pathNames = Traits(rawValue: 128)
        /// Names are DNS labels.
        static let labelNames = Traits(rawValue: 256)
    }

    var resource: GroupResource
    var kind: String
    var singular: String
    var listKind: String
    var shortNames: [String] = []
    var categories: [String] = []
    var isNamespaced = true
    var traits: Traits = []
    /// Subresources beside `status` and `scale`: name, kind, group, version, verbs.
    var subresources: [Subresource] = []
    var versions: [ServedVersion] = []
    /// Where the objects are kept.
    var storage: GroupResource

    /// A part of an object with a path of its own.
    struct Subresource: Sendable {
        var name: String
        var kind: String
        var group = ""
        var version = ""
        var verbs: [String]
    }

    var isCustom: Bool { versions.first?.custom != nil }

    var group: String { resource.group }

    func version(_ name: String) -> ServedVersion? {
        versions.first { $0.name == name && $0.isServed }
    }

    /// The verbs of the resource itself.
    var verbs: [String] {
        traits.contains(.isReview)
            ? ["create"]
            : [
                "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
            ]
    }

    /// The identity of the kind in one version, for requests of other targets.
    func apiVersion(_ version: String) -> String {
        group.isEmpty ? version : group + "/" + version
    }
}

/// One version in which a resource is served.
struct ServedVersion: Sendable {
    var name: String
    var isServed = true
    var isStorage = true
    /// The type of a built-in kind in the `TypeCatalog`; empty for custom resources.
    var typeName = ""
    /// What a custom resource definition says about the version.
    var custom: CustomVersion?
    /// What is sent as a warning with each answer; nil where the version is not deprecated.
    var deprecation: String?
    /// Where a built-in kind keeps what the scale subresource shows.
    var builtInScale: ScalePaths?

    /// Where objects keep what the scale subresource shows; nil where there is none.
    var scale: ScalePaths? { custom?.scale ?? builtInScale }
}

/// A version of a custom resource.
struct CustomVersion: Sendable {
    var schema: StructuralSchema
    /// How objects are merged by patches and applies.
    var shape: TypeShape
    var rules: CustomRules
    var hasStatus: Bool
    var scale: ScalePaths?
    var columns: [PrinterColumn]
    /// Fields that field selectors may name, as paths.
    var selectableFields: [[String]]
}

/// Where a custom resource keeps what the scale subresource shows.
struct ScalePaths: Sendable, Hashable {
    var specReplicas: [String]
    var statusReplicas: [String]
    var labelSelector: [String]?

    /// As Deployments and ReplicaSets have it.
    static let workload = ScalePaths(
        specReplicas: ["spec", "replicas"], statusReplicas: ["status", "replicas"],
        labelSelector: ["spec", "selector"])
}

/// A column that a custom resource definition adds to tables.
struct PrinterColumn: Sendable {
    var name: String
    var type: String
    var format: String
    var description: String
    var priority: Int64
    var path: JSONPath
}
