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

    /// Reads the body; the query counts only where there is none.
    init(_ call: APICall) throws(Failure) {
        let query = call.request.body.isEmpty ? call.query : Query("")
        let body = try DeletionOptions.body(call)
        let graceOfQuery = try query.integer("gracePeriodSeconds")
        graceSeconds = body["gracePeriodSeconds"]?.integer ?? graceOfQuery
        uid = body[path: ["preconditions", "uid"]]?.string
        resourceVersion = body[path: ["preconditions", "resourceVersion"]]?.string
        let dryRun = (body["dryRun"]?.array ?? []).compactMap(\.string) + query.all("dryRun")
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
            ?? query["orphanDependents"].map { _ in query.flag("orphanDependents") }
        let policy = body["propagationPolicy"]?.string ?? query["propagationPolicy"]
        if let policy, !policy.isEmpty {
            propagation = Propagation(rawValue: policy)
            var wrong: [FieldError] = []
            if orphans != nil {
                wrong.append(
                    .invalid(
                        FieldPath("propagationPolicy"), .string(policy),
                        "orphanDependents and deletionPropagation cannot be both set"))
            }
            if propagation == nil {
                wrong.append(
                    .notSupported(
                        FieldPath("propagationPolicy"), .string(policy),
                        ["Foreground", "Background", "Orphan", "nil"]))
            }
            errors = wrong + errors
        } else if let orphans {
            propagation = orphans ? .orphan : .background
        }
        guard errors.isEmpty else {
            throw .invalid(kind: "DeleteOptions", group: "meta.k8s.io", name: "", errors)
        }
    }

    /// The body as `DeleteOptions`. What is wrong with it has no reason, as the API server says it.
    private static func body(_ call: APICall) throws(Failure) -> JSONValue {
        let text = call.request.body
        guard !text.isEmpty else { return [:] }
        guard let value = try? JSONValue(parsing: text) else {
            throw Failure(
                code: 500, reason: "",
                message: "couldn't get version/kind; json parse error: "
                    + GoJSONFault.describe(text), details: nil)
        }
        let kind = value["kind"]?.string ?? ""
        guard kind.isEmpty || kind == "DeleteOptions" else {
            throw Failure(
                code: 500, reason: "",
                message: "no kind \"\(kind)\" is registered for version "
                    + "\"\(value["apiVersion"]?.string ?? "")\" in scheme "
                    + "\"pkg/runtime/scheme.go:110\"", details: nil)
        }
        var reader = TypedReader(catalog: .builtIn, collectsUnknown: false)
        do {
            return try reader.read(value, as: "DeleteOptions")
        } catch {
            throw Failure(code: 500, reason: "", message: error.message, details: nil)
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
