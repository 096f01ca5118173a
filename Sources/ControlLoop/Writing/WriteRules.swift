public import KubernetesCore

/// How actions become requests, and what the answers mean: every decision of the only writer. The
/// shell around it sends and waits.
public struct WriteRules: Sendable {
    /// What to do about an answer.
    public enum Verdict: Sendable, Equatable {
        /// The action is over.
        case settled(ActionResult)
        /// The metadata of this object has to be read first; see `result(ofExisting:for:)`.
        case lookUp(ObjectRef)
    }

    /// How is written.
    public let options: ApplierOptions

    /// The rules under these options.
    public init(_ options: ApplierOptions = ApplierOptions()) { self.options = options }

    /// How long a request that is sent now may take, so that it ends well before anyone else can
    /// lead; nil where this process does not lead for long enough.
    public func limit(under leadership: Leadership?, at now: Instant) -> Duration? {
        guard let leadership else { return nil }
        let rest = leadership.validUntil - now - options.leadershipMargin
        guard rest >= options.requestTimeMin else { return nil }
        return min(options.requestTimeout, rest)
    }

    // MARK: - Requests

    /// The request for an action. Throws where the access list does not name it, or where it does
    /// not say which object it is meant for.
    public func request(
        for action: Action, access: Access
    ) throws(WriteFailure) -> APIRequest {
        let permission = action.permission
        guard access.allows(permission) else {
            throw refusal(
                action, "NotInAccessList",
                "\(permission.verb.rawValue) of \(permission.type.plural) is not in the access "
                    + "list; add it there, so that it gets into the role too")
        }
        guard let request = request(for: action) else {
            throw refusal(
                action, "NoUID", "the write has no UID to be sure which object it meets")
        }
        return request
    }

    private func request(for action: Action) -> APIRequest? {
        let plain = WriteOptions(
            fieldManager: options.fieldManager, dryRun: options.isDryRun, strict: true)
        switch action {
        case .create(let object, let type): return .create(object, of: type, options: plain)
        case .apply(let intent, let type):
            var forced = plain
            forced.force = true
            return .apply(intent, of: type, options: forced)
        case .patch(let target, let patch, let subresource, let resourceVersion):
            guard let uid = target.uid else { return nil }
            var body = patch
            body[path: ["metadata", "uid"]] = .string(uid.text)
            if let resourceVersion {
                body[path: ["metadata", "resourceVersion"]] = .string(resourceVersion.text)
            }
            return .mergePatch(target, body, subresource: subresource, options: plain)
        case .delete(let target, let grace):
            guard let uid = target.uid else { return nil }
            return .delete(
                target,
                DeleteOptions(
                    uid: uid, graceSeconds: grace, propagation: .background,
                    dryRun: options.isDryRun))
        }
    }

    // MARK: - Answers

    /// What became of an action that the server carried out.
    public func result(of action: Action, _ receipt: WriteReceipt) -> ActionResult {
        guard !options.isDryRun else { return .done(nil) }
        let target = action.target
        let uid = receipt.uid.text.isEmpty ? target.uid : receipt.uid
        let object = ObjectRef(
            type: target.type, namespace: target.namespace, name: target.name, uid: uid)
        if case .delete = action {
            return .done(Write(.deleted, object, at: receipt.resourceVersion))
        }
        return .done(Write(.stored, object, at: receipt.resourceVersion))
    }

    /// What an error means for an action.
    public func verdict(on error: APIError, of action: Action) -> Verdict {
        let target = action.target
        switch (action, error.code) {
        case (.create, .alreadyExists): return .lookUp(target)
        case (.delete, .notFound): return .settled(.done(Write(.deleted, target, at: .unknown)))
        case (.delete, .conflict), (.patch, .conflict), (.patch, .notFound):
            return .settled(.stale(target))
        case (.patch, .invalid) where error.isAboutIdentity: return .settled(.stale(target))
        case (.apply, .conflict) where target.uid != nil: return .settled(.stale(target))
        default: return .settled(.failed(failure(error, target)))
        }
    }

    /// What became of a create that met an object of its name: done where it is ours by the
    /// controller's UID, as after a lost answer, or where nobody else makes such names
    /// (`isNameOurs`); refused where it is anybody else's.
    public func result(
        ofExisting found: ObjectMeta, for action: Action, isNameOurs: Bool = false
    ) -> ActionResult {
        let target = action.target
        if case .create(let object, let type) = action {
            let wanted = object[path: ["metadata", "ownerReferences"]]?.array?
                .first { $0["controller"]?.bool == true }?["uid"]?.string
            if isNameOurs || wanted.map({ found.controller?.uid == UID($0) }) == true {
                let reference = ObjectRef(
                    type: type, namespace: target.namespace, name: target.name, uid: found.uid)
                return .done(Write(.stored, reference, at: found.resourceVersion))
            }
        }
        let owner = found.controller.map { "\($0.kind) \($0.name)" } ?? "nobody"
        return .failed(
            WriteFailure(
                .terminal, target: target, code: 409, reason: "AlreadyExists",
                message: "an object of this name exists and belongs to \(owner)"))
    }

    /// What became of a create whose namesake could not be read.
    public func result(ofFailedLookUp error: APIError, for action: Action) -> ActionResult {
        error.code == .notFound
            ? .stale(action.target) : .failed(failure(error, action.target))
    }

    // MARK: - Failures

    private func disposition(_ error: APIError) -> WriteFailure.Disposition {
        if error.status?.causes.contains(where: { $0.reason == "NamespaceTerminating" }) == true {
            return .terminal
        }
        return switch error.disposition {
        case .terminal: .terminal
        case .retry(let after): .retry(after: after)
        case .reread: .retry(after: error.status?.retryAfter)
        }
    }

    private func failure(_ error: APIError, _ target: ObjectRef) -> WriteFailure {
        var reason = error.status?.reason ?? ""
        if reason.isEmpty { reason = error.isTimeout ? "Timeout" : error.code.rawValue }
        return WriteFailure(
            disposition(error), target: target, code: error.status?.code ?? 0, reason: reason,
            message: error.description, causes: error.status?.causes ?? [])
    }

    private func refusal(_ action: Action, _ reason: String, _ message: String) -> WriteFailure {
        WriteFailure(.terminal, target: action.target, code: 0, reason: reason, message: message)
    }
}

extension APIError {
    /// Whether no answer came in time.
    fileprivate var isTimeout: Bool {
        switch cause?.code {
        case .timeout, .connectTimeout, .silent: true
        default: false
        }
    }

    /// Whether a write was refused because the object of this name is another one.
    fileprivate var isAboutIdentity: Bool {
        status?.causes.contains { $0.field == "metadata.uid" } == true
    }
}
