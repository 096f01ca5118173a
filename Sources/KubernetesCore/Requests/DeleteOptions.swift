/// How an object is deleted, and which one it must still be.
public struct DeleteOptions: Hashable, Sendable {
    /// What becomes of the objects that the deleted one owns.
    public enum Propagation: String, Hashable, Sendable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    /// The identity the object must have; a successor of the same name is then left alone.
    public var uid: UID?
    /// The version the object must have.
    public var resourceVersion: ResourceVersion?
    /// Seconds the object is given to end; 0 at once; `nil` for the kind's default.
    public var graceSeconds: Int?
    /// What becomes of owned objects; `nil` for the kind's default.
    public var propagation: Propagation?
    /// Whether the server shall check everything and delete nothing.
    public var dryRun: Bool

    /// Options; the kind's defaults and no precondition where nothing is given.
    public init(
        uid: UID? = nil, resourceVersion: ResourceVersion? = nil, graceSeconds: Int? = nil,
        propagation: Propagation? = nil, dryRun: Bool = false
    ) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.graceSeconds = graceSeconds
        self.propagation = propagation
        self.dryRun = dryRun
    }

    /// These options as the request's body.
    public var json: JSONValue {
        var value: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
        if let graceSeconds { value["gracePeriodSeconds"] = .int(max(0, graceSeconds)) }
        if let propagation { value["propagationPolicy"] = .string(propagation.rawValue) }
        if dryRun { value["dryRun"] = ["All"] }
        var preconditions = JSONObject()
        if let uid { preconditions["uid"] = .string(uid.text) }
        if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion.text) }
        if !preconditions.isEmpty { value["preconditions"] = .object(preconditions) }
        return value
    }
}
