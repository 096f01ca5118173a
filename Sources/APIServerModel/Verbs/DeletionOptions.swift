import KubernetesCore

/// How an object is to be deleted, as a request's body or query says.
struct DeletionOptions: Sendable {
    enum Propagation: String, Sendable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    var graceSeconds: Int64?
    var propagation: Propagation?
    var uid: String?
    var resourceVersion: String?
    var isDryRun = false

    init() {}

    init(_ call: APICall) throws(Failure) {
        var body: JSONValue = [:]
        if !call.request.body.isEmpty {
            body = try BodyReader.object(call.request.body, expected: "DeleteOptions").value
        }
        graceSeconds =
            body["gracePeriodSeconds"]?.integer
            ?? call.query["gracePeriodSeconds"].flatMap { Int64($0) }
        uid = body[path: ["preconditions", "uid"]]?.string
        resourceVersion = body[path: ["preconditions", "resourceVersion"]]?.string
        let dryRun =
            (body["dryRun"]?.array ?? []).compactMap(\.string) + call.query.all("dryRun")
        isDryRun = !dryRun.isEmpty
        var errors: [FieldError] = []
        if dryRun.contains(where: { $0 != "All" }) {
            errors.append(
                FieldError(
                    .notSupported, path: "dryRun", badValue: .strings(dryRun),
                    detail: "supported values: \"All\""))
        }
        let orphans =
            body["orphanDependents"]?.bool
            ?? call.query["orphanDependents"].map { _ in call.query.flag("orphanDependents") }
        let policy = body["propagationPolicy"]?.string ?? call.query["propagationPolicy"]
        if let policy, !policy.isEmpty {
            propagation = Propagation(rawValue: policy)
            if propagation == nil {
                errors.append(
                    .notSupported(
                        FieldPath("propagationPolicy"), .string(policy),
                        ["Foreground", "Background", "Orphan", "nil"]))
            }
            if orphans != nil {
                errors.append(
                    .invalid(
                        FieldPath("propagationPolicy"), .string(policy),
                        "orphanDependents and deletionPropagation cannot be both set"))
            }
        } else if let orphans {
            propagation = orphans ? .orphan : .background
        }
        guard errors.isEmpty else {
            throw .invalid(kind: "DeleteOptions", group: "meta.k8s.io", name: "", errors)
        }
    }

    /// The finalizers of an object once its deletion has been asked for in this way.
    func finalizers(of object: StoredObject) -> [String] {
        var finalizers = object.finalizers.filter { $0 != "orphan" && $0 != "foregroundDeletion" }
        switch propagation {
        case .foreground: finalizers.append("foregroundDeletion")
        case .orphan: finalizers.append("orphan")
        case .background: break
        case nil: return object.finalizers
        }
        return finalizers
    }
}
