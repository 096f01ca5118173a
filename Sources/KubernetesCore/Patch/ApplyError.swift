/// Why a configuration cannot be applied to an object.
public enum ApplyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Other managers own fields that the configuration would change.
    case conflict([Conflict])
    /// The request contradicts itself (400).
    case badRequest(String)
    /// The configuration does not have the shape of the kind; answered with 500, as a
    /// kube-apiserver does.
    case malformed(String)

    /// One field that another manager owns.
    public struct Conflict: Hashable, Sendable {
        /// Who owns the field, as messages name it.
        public let manager: String
        /// The field, as in `.spec.size`.
        public let path: String

        /// A field and who owns it.
        public init(manager: String, path: String) {
            self.manager = manager
            self.path = path
        }
    }

    /// What is wrong, in the words of a kube-apiserver.
    public var description: String {
        switch self {
        case .badRequest(let message), .malformed(let message): return message
        case .conflict(let conflicts):
            guard conflicts.count > 1 else {
                let one = conflicts.first
                return "Apply failed with 1 conflict: conflict with \(one?.manager ?? ""): "
                    + (one?.path ?? "")
            }
            var lines: [String] = []
            var previous: String?
            for conflict in conflicts {
                if conflict.manager != previous {
                    lines.append("conflicts with \(conflict.manager):")
                }
                previous = conflict.manager
                lines.append("- " + conflict.path)
            }
            return "Apply failed with \(conflicts.count) conflicts: "
                + lines.joined(separator: "\n")
        }
    }

    /// The fault as an error of the API.
    public var status: APIStatus {
        switch self {
        case .badRequest: APIStatus(code: 400, reason: "BadRequest", message: description)
        case .malformed: APIStatus(code: 500, reason: "", message: description)
        case .conflict(let conflicts):
            APIStatus(
                code: 409, reason: "Conflict", message: description,
                causes: conflicts.map {
                    APIStatus.Cause(
                        reason: "FieldManagerConflict", message: "conflict with " + $0.manager,
                        field: $0.path)
                })
        }
    }
}
