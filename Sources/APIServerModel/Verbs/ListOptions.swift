import KubernetesCore

/// What a list or watch asks for beside the filter.
struct ListOptions: Sendable {
    /// Nil where no version is asked for.
    var revision: UInt64?
    var match: String
    var limit: Int?
    var continueToken: String
    var sendsInitialEvents: Bool?
    var wantsBookmarks: Bool
    var timeoutSeconds: Int64?

    init(_ query: Query, isWatch: Bool) throws(Failure) {
        match = query["resourceVersionMatch"] ?? ""
        continueToken = query["continue"] ?? ""
        limit = try query.integer("limit").flatMap { $0 > 0 ? Int(clamping: $0) : nil }
        sendsInitialEvents = query["sendInitialEvents"].map { _ in query.flag("sendInitialEvents") }
        wantsBookmarks = query.flag("allowWatchBookmarks")
        timeoutSeconds = try query.integer("timeoutSeconds")
        let version = query["resourceVersion"] ?? ""
        var errors: [FieldError] = []
        if isWatch {
            ListOptions.checkWatch(match, continueToken, sendsInitialEvents, &errors)
        } else {
            ListOptions.checkList(match, version, continueToken, sendsInitialEvents, &errors)
        }
        guard errors.isEmpty else {
            throw .invalid(kind: "ListOptions", group: "meta.k8s.io", name: "", errors)
        }
        revision = try ListOptions.revision(version)
    }

    /// The version that a request names; nil where it names none.
    static func revision(_ text: String) throws(Failure) -> UInt64? {
        guard !text.isEmpty else { return nil }
        guard let number = UInt64(text) else {
            throw Failure(
                code: 500, reason: "",
                message: "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: "
                    + "parsing \"\(text)\": invalid syntax",
                details: nil)
        }
        return number
    }

    private static let matchPath = FieldPath("resourceVersionMatch")

    private static func checkList(
        _ match: String, _ version: String, _ token: String, _ initial: Bool?,
        _ errors: inout [FieldError]
    ) {
        if !match.isEmpty {
            if version.isEmpty {
                errors.append(
                    .forbidden(
                        matchPath,
                        "resourceVersionMatch is forbidden unless resourceVersion is provided"))
            }
            if !token.isEmpty {
                errors.append(
                    .forbidden(
                        matchPath,
                        "resourceVersionMatch is forbidden when continue is provided"))
            }
            if match != "Exact", match != "NotOlderThan" {
                errors.append(
                    .notSupported(matchPath, .string(match), ["Exact", "NotOlderThan", ""]))
            }
            if match == "Exact", version == "0" {
                errors.append(
                    .forbidden(
                        matchPath,
                        "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
            }
        }
        if initial != nil {
            errors.append(
                .forbidden(
                    FieldPath("sendInitialEvents"), "sendInitialEvents is forbidden for list"))
        }
    }

    private static func checkWatch(
        _ match: String, _ token: String, _ initial: Bool?, _ errors: inout [FieldError]
    ) {
        if initial != nil, match != "NotOlderThan" {
            errors.append(
                .forbidden(
                    matchPath,
                    "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
        }
        guard !match.isEmpty else { return }
        if initial == nil {
            errors.append(
                .forbidden(
                    matchPath,
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
                        + "provided"))
        }
        if match != "NotOlderThan" {
            errors.append(.notSupported(matchPath, .string(match), ["NotOlderThan"]))
        }
        if !token.isEmpty {
            errors.append(
                .forbidden(
                    matchPath, "resourceVersionMatch is forbidden when continue is provided"))
        }
    }
}
