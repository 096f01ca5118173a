import KubernetesCore

/// A request that is refused: what the server's `Status` object says about it.
struct Failure: Error, Sendable {
    /// What the failure is about.
    struct Details: Sendable {
        var name = ""
        var group = ""
        var kind = ""
        var uid = ""
        var causes: [APIStatus.Cause] = []
        var retryAfterSeconds = 0
    }

    var code: Int
    var reason: String
    var message: String
    var details: Details?

    /// The `Status` object.
    var json: JSONValue {
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message), "code": .int(code),
        ]
        if !reason.isEmpty { status["reason"] = .string(reason) }
        if let details { status["details"] = Failure.json(details) }
        return status
    }

    static func json(_ details: Details) -> JSONValue {
        var members = JSONObject()
        for (key, text) in [
            ("name", details.name), ("group", details.group), ("kind", details.kind),
            ("uid", details.uid),
        ] where !text.isEmpty {
            members[key] = .string(text)
        }
        if !details.causes.isEmpty {
            members["causes"] = .array(
                details.causes.map { cause in
                    var item: JSONValue = [:]
                    if !cause.reason.isEmpty { item["reason"] = .string(cause.reason) }
                    if !cause.message.isEmpty { item["message"] = .string(cause.message) }
                    if !cause.field.isEmpty { item["field"] = .string(cause.field) }
                    return item
                })
        }
        if details.retryAfterSeconds > 0 {
            members["retryAfterSeconds"] = .int(details.retryAfterSeconds)
        }
        return .object(members)
    }
}

/// The resource that messages name, as in `widgets.conf.example.dev`.
struct GroupResource: Hashable, Comparable, Sendable, CustomStringConvertible {
    var group: String
    var resource: String

    var description: String { group.isEmpty ? resource : resource + "." + group }

    static func < (left: GroupResource, right: GroupResource) -> Bool {
        (left.group, left.resource) < (right.group, right.resource)
    }
}

extension Failure {
    static func notFound(_ resource: GroupResource, _ name: String) -> Failure {
        Failure(
            code: 404, reason: "NotFound", message: "\(resource) \"\(name)\" not found",
            details: Details(name: name, group: resource.group, kind: resource.resource))
    }

    /// No such resource or subresource in a group that exists.
    static let unknownResource = Failure(
        code: 404, reason: "NotFound",
        message: "the server could not find the requested resource", details: Details())

    static func alreadyExists(_ resource: GroupResource, _ name: String) -> Failure {
        Failure(
            code: 409, reason: "AlreadyExists", message: "\(resource) \"\(name)\" already exists",
            details: Details(name: name, group: resource.group, kind: resource.resource))
    }

    static func conflict(_ resource: GroupResource, _ name: String, _ why: String) -> Failure {
        Failure(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(resource) \"\(name)\": \(why)",
            details: Details(name: name, group: resource.group, kind: resource.resource))
    }

    /// The write was made against a version that is no longer the latest.
    static func modified(_ resource: GroupResource, _ name: String) -> Failure {
        conflict(
            resource, name,
            "the object has been modified; please apply your changes to the latest version "
                + "and try again")
    }

    /// A resource version that is no number. The API server has no reason for this.
    static func unreadableVersion(_ text: String) -> Failure {
        Failure(
            code: 500, reason: "",
            message: "strconv.ParseUint: parsing \(GoText.quote(text)): invalid syntax",
            details: nil)
    }

    static func badRequest(_ message: String) -> Failure {
        Failure(code: 400, reason: "BadRequest", message: message, details: nil)
    }

    static func internalError(_ message: String) -> Failure {
        Failure(
            code: 500, reason: "InternalError", message: "Internal error occurred: \(message)",
            details: Details(causes: [.init(reason: "", message: message, field: "")]))
    }

    static let unauthorized = Failure(
        code: 401, reason: "Unauthorized", message: "Unauthorized", details: nil)

    static let methodNotAllowed = Failure(
        code: 405, reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource",
        details: Details())

    /// Refused by admission or by a rule about who may do what.
    static func forbidden(_ resource: GroupResource, _ name: String, _ why: String) -> Failure {
        let subject = name.isEmpty ? "\(resource)" : "\(resource) \"\(name)\""
        return Failure(
            code: 403, reason: "Forbidden", message: "\(subject) is forbidden: \(why)",
            details: Details(name: name, group: resource.group, kind: resource.resource))
    }

    static func unsupportedMediaType(_ accepted: [String]) -> Failure {
        Failure(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types "
                + "include: " + accepted.joined(separator: ", "),
            details: nil)
    }

    static func notAcceptable(_ accepted: [String]) -> Failure {
        Failure(
            code: 406, reason: "NotAcceptable",
            message: "only the following media types are accepted: "
                + accepted.joined(separator: ", "),
            details: nil)
    }

    static func expired(_ message: String) -> Failure {
        Failure(code: 410, reason: "Expired", message: message, details: nil)
    }

    static func tooLarge(_ limit: Int) -> Failure {
        Failure(
            code: 413, reason: "RequestEntityTooLarge",
            message: "Request entity too large: limit is \(limit)", details: nil)
    }

    /// An object that breaks the rules of its kind.
    static func invalid(
        kind: String, group: String, name: String, _ errors: [FieldError]
    ) -> Failure {
        let object = InvalidObject(group: group, kind: kind, name: name, errors: errors)
        return Failure(
            code: 422, reason: "Invalid", message: object.message,
            details: Details(
                name: name, group: group, kind: kind, causes: errors.map { $0.cause }))
    }
}
