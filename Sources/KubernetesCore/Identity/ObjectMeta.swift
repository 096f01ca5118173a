/// What every object carries, as far as Swiftlet reads it. `managedFields` is never decoded.
public struct ObjectMeta: Hashable, Sendable {
    /// Name, unique per kind and namespace.
    public var name: String
    /// Namespace; empty for kinds of cluster scope.
    public var namespace: String
    /// Identity for the object's whole life.
    public var uid: UID
    /// The version of this reading.
    public var resourceVersion: ResourceVersion
    /// Counts changes of the spec; 0 where the kind does not count.
    public var generation: Int
    /// When the object was created, by the server's clock.
    public var creationTime: Timestamp
    /// When its deletion was asked for; nil while it lives.
    public var deletionTime: Timestamp?
    /// The grace that its deletion gives, in seconds.
    public var deletionGraceSeconds: Int?
    /// What must be done before it goes.
    public var finalizers: [String]
    /// Names and values by which selectors choose the object.
    public var labels: [String: String]
    /// Names and values that people and programs left on the object; no selector sees them.
    public var annotations: [String: String]
    /// The objects with which this one goes; at most one is the controller.
    public var owners: [OwnerReference]

    /// Metadata with these fields; the rest empty. For tests and models.
    public init(
        name: String, namespace: String = "", uid: UID = UID(""),
        resourceVersion: ResourceVersion = .unknown, generation: Int = 0,
        creationTime: Timestamp = Timestamp(nanoseconds: 0), deletionTime: Timestamp? = nil,
        deletionGraceSeconds: Int? = nil, finalizers: [String] = [],
        labels: [String: String] = [:], annotations: [String: String] = [:],
        owners: [OwnerReference] = []
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.generation = generation
        self.creationTime = creationTime
        self.deletionTime = deletionTime
        self.deletionGraceSeconds = deletionGraceSeconds
        self.finalizers = finalizers
        self.labels = labels
        self.annotations = annotations
        self.owners = owners
    }

    /// Reads `metadata`.
    public init(reading node: JSONNode) throws(JSONError) {
        name = try node.required("name").string()
        namespace = try node["namespace"]?.string() ?? ""
        uid = UID(try node["uid"]?.string() ?? "")
        resourceVersion = ResourceVersion(try node["resourceVersion"]?.string() ?? "")
        generation = try node["generation"]?.integer() ?? 0
        creationTime =
            try node["creationTimestamp"]?.timestamp() ?? Timestamp(nanoseconds: 0)
        deletionTime = try node["deletionTimestamp"]?.timestamp()
        deletionGraceSeconds = try node["deletionGracePeriodSeconds"]?.integer()
        finalizers = try node["finalizers"]?.strings() ?? []
        labels = try node["labels"]?.stringMap() ?? [:]
        annotations = try node["annotations"]?.stringMap() ?? [:]
        owners = []
        for owner in node["ownerReferences"]?.elements ?? [] {
            owners.append(try OwnerReference(reading: owner))
        }
    }

    /// The owner that manages this object, if it has one.
    public var controller: OwnerReference? { owners.first { $0.isController } }

    /// Whether deletion has been asked for.
    public var isDeleting: Bool { deletionTime != nil }
}
