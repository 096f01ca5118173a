import KubernetesCore

/// One request on its way through the server: who asks for what, when, and in which form.
struct APICall: Sendable {
    let request: ServerRequest
    let query: Query
    let path: ResourcePath
    let user: UserIdentity
    let now: Timestamp
    let definition: ResourceDefinition
    let version: ServedVersion
    let form: ResponseForm
    /// Sentences for the `Warning` fields of the answer.
    var warnings: [String] = []

    var view: ObjectView { ObjectView(definition, version, form: form) }

    /// The same eyes without the form that only answers have.
    var plainView: ObjectView { ObjectView(definition, version) }

    /// The namespace of the request; empty for kinds of cluster scope.
    var namespace: String { definition.isNamespaced ? path.namespace : "" }

    var resource: GroupResource { definition.resource }

    var inclusion: TablePrinter.Inclusion {
        query["includeObject"].flatMap { TablePrinter.Inclusion(rawValue: $0) } ?? .metadata
    }

    /// Refuses a table whose rows are asked for in a form that there is not.
    func checkInclusion() throws(Failure) {
        guard form == .table, let text = query["includeObject"], !text.isEmpty,
            TablePrinter.Inclusion(rawValue: text) == nil
        else { return }
        throw .badRequest(
            "Unable to convert to Table as requested: includeObject: Invalid value: "
                + "\(GoText.quote(text)): must be 'Metadata', 'Object', 'None', or empty")
    }

    /// An answer with one object.
    func reply(_ object: StoredObject, status: Int = 200) -> ServerReply {
        switch form {
        case .table:
            let table = TablePrinter(view, inclusion: inclusion).table(
                [object], plainView,
                metadata: ["resourceVersion": .string(String(object.revision))], at: now)
            return reply(table, status: status)
        case .object, .partialMetadata:
            var bytes: [UInt8] = []
            bytes.reserveCapacity(object.tail.count + 64)
            view.write(object, into: &bytes)
            bytes.append(0x0A)
            return .response(status: status, headers: headers, body: bytes)
        }
    }

    func reply(_ value: JSONValue, status: Int = 200) -> ServerReply {
        .json(value, status: status, headers: warningHeaders)
    }

    /// An answer with an object that is not stored: of a dry run, or of a virtual resource.
    func reply(unstored value: JSONValue, status: Int) -> ServerReply {
        reply(StoredObject(value, revision: 0), status: status)
    }

    var headers: [(String, String)] { [("content-type", "application/json")] + warningHeaders }

    private var warningHeaders: [(String, String)] {
        ((version.deprecation.map { [$0] } ?? []) + warnings).map { text in
            let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
            return ("warning", "299 - \"\(escaped)\"")
        }
    }

    func failure(_ object: String, _ errors: [FieldError]) -> Failure {
        .invalid(kind: definition.kind, group: definition.group, name: object, errors)
    }
}

/// What a writing request says about how it is to be carried out.
struct WriteOptions: Sendable {
    /// What happens to fields that the kind does not know.
    enum FieldValidation: String, Sendable {
        case ignore = "Ignore"
        case warn = "Warn"
        case strict = "Strict"
    }

    var isDryRun = false
    var fieldManager = ""
    var fieldValidation = FieldValidation.warn
    var force: Bool?

    init() {}

    /// Reads the query; `kind` is what messages call the options.
    init(_ query: Query, kind: String, userAgent: String, isApply: Bool = false) throws(Failure) {
        var errors: [FieldError] = []
        let dryRun = query.all("dryRun")
        if dryRun.contains(where: { $0 != "All" }) {
            errors.append(
                FieldError(
                    .notSupported, path: "dryRun", badValue: .strings(dryRun),
                    detail: "supported values: \"All\""))
        }
        isDryRun = !dryRun.isEmpty
        if let text = query["fieldValidation"], !text.isEmpty {
            if let known = FieldValidation(rawValue: text) {
                fieldValidation = known
            } else {
                errors.append(
                    .notSupported(
                        FieldPath("fieldValidation"), .string(text),
                        ["", "Ignore", "Strict", "Warn"]))
            }
        }
        let manager = query["fieldManager"] ?? ""
        var first: [FieldError] = []
        if query["force"] != nil {
            force = query.flag("force")
            if !isApply, kind == "PatchOptions" {
                first.append(
                    .forbidden(FieldPath("force"), "may not be specified for non-apply patch"))
            }
        }
        if isApply, manager.isEmpty {
            first.append(
                .required(FieldPath("fieldManager"), "is required for apply patch"))
        }
        errors = first + WriteOptions.managerErrors(manager, at: FieldPath("fieldManager")) + errors
        guard errors.isEmpty else {
            throw .invalid(kind: kind, group: "meta.k8s.io", name: "", errors)
        }
        fieldManager =
            manager.isEmpty
            ? String(Substring(userAgent.utf8.prefix { $0 != UInt8(ascii: "/") }).prefix(128))
            : manager
    }

    /// What is wrong with the name of a field manager.
    static func managerErrors(_ manager: String, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if manager.utf8.count > 128 { errors.append(.tooLong(path, limit: 128)) }
        var position = 0
        for scalar in manager.unicodeScalars {
            if !isPrintable(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
                errors.append(
                    .invalid(
                        path, .string(manager),
                        "invalid character U+\(padded) (at position \(position))"))
            }
            position += String(scalar).utf8.count
        }
        return errors
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
