import KubernetesCore

/// The rules of security contexts: bounds and contradictions, not what a namespace allows.
enum PodSecurityValidation {
    static func podErrors(_ context: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors = userErrors(context, at: path)
        if let group = context["fsGroup"]?.integer, let fault = rangeError(group) {
            errors.append(.invalid(path.child("fsGroup"), .integer(group), fault))
        }
        for (index, group) in (context["supplementalGroups"]?.array ?? []).enumerated() {
            guard let number = group.integer, let fault = rangeError(number) else { continue }
            errors.append(.invalid(path.child("supplementalGroups")[index], group, fault))
        }
        return errors
            + profileErrors(context["seccompProfile"], at: path.child("seccompProfile"))
    }

    static func containerErrors(_ context: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors = userErrors(context, at: path)
        if let mount = context["procMount"]?.string, !["Default", "Unmasked"].contains(mount) {
            errors.append(
                .notSupported(
                    path.child("procMount"), .string(mount), ["Default", "Unmasked"]))
        }
        if context["allowPrivilegeEscalation"]?.bool == false {
            if context["privileged"]?.bool == true {
                errors.append(
                    .invalid(
                        path, context,
                        "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
            }
            let added = Authorization.texts(context[path: ["capabilities", "add"]])
            if added.contains("CAP_SYS_ADMIN") {
                errors.append(
                    .invalid(
                        path, context,
                        "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` "
                            + "CAP_SYS_ADMIN"))
            }
        }
        return errors
            + profileErrors(context["seccompProfile"], at: path.child("seccompProfile"))
    }

    private static func rangeError(_ number: Int64) -> String? {
        (0...Int64(Int32.max)).contains(number)
            ? nil : "must be between 0 and 2147483647, inclusive"
    }

    private static func userErrors(_ context: JSONValue, at path: FieldPath) -> [FieldError] {
        ["runAsUser", "runAsGroup"].compactMap { field in
            guard let number = context[field]?.integer, let fault = rangeError(number) else {
                return nil
            }
            return .invalid(path.child(field), .integer(number), fault)
        }
    }

    private static func profileErrors(
        _ profile: JSONValue?, at path: FieldPath
    ) -> [FieldError] {
        guard let profile else { return [] }
        let type = profile["type"]?.string ?? ""
        let file = profile["localhostProfile"]?.string
        switch type {
        case "Localhost":
            return file == nil
                ? [
                    .required(
                        path.child("localhostProfile"),
                        "must be set when seccomp type is Localhost")
                ] : []
        case "RuntimeDefault", "Unconfined":
            return file == nil
                ? []
                : [
                    .invalid(
                        path.child("localhostProfile"), .string(file ?? ""),
                        "can only be set when seccomp type is Localhost")
                ]
        case "":
            return [
                .required(path.child("type"), "type is required when seccompProfile is set")
            ]
        default:
            return [
                .notSupported(
                    path.child("type"), .string(type),
                    ["Localhost", "RuntimeDefault", "Unconfined"])
            ]
        }
    }
}
