import ControlLoop
import KubernetesClient
import KubernetesCore
import Logging

/// One action at a time: its request, and what the answer means.
extension Applier {
    /// Carries out one action whoever leads: for the election itself and for events.
    func perform(
        _ action: Action, access: Access, within limit: Duration? = nil
    ) async -> ActionResult {
        let limit = limit ?? options.requestTimeout
        let permission = action.permission
        guard access.allows(permission) else {
            return .failed(
                refusal(
                    action, "NotInAccessList",
                    "\(permission.verb.rawValue) of \(permission.type.plural) is not in the access "
                        + "list; add it there, so that it gets into the role too"))
        }
        guard let request = request(action) else {
            return .failed(
                refusal(action, "NoUID", "the write has no UID to be sure which object it meets"))
        }
        let result: ActionResult
        do throws(APIError) {
            let receipt = try await client.write(request, within: limit)
            result = .done(options.isDryRun ? nil : write(action, receipt))
        } catch {
            result = await meaning(of: error, action, limit)
        }
        count(action, result)
        return result
    }

    // MARK: - Requests

    private func request(_ action: Action) -> APIRequest? {
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

    private func write(_ action: Action, _ receipt: WriteReceipt) -> Write {
        let target = action.target
        let uid = receipt.uid.text.isEmpty ? target.uid : receipt.uid
        let object = ObjectRef(
            type: target.type, namespace: target.namespace, name: target.name, uid: uid)
        if case .delete = action {
            return Write(.deleted, object, at: receipt.resourceVersion)
        }
        return Write(.stored, object, at: receipt.resourceVersion)
    }

    // MARK: - Errors

    private func meaning(
        of error: APIError, _ action: Action, _ limit: Duration
    ) async -> ActionResult {
        let target = action.target
        switch (action, error.code) {
        case (.create(let object, let type), .alreadyExists):
            return await existing(object, type, target, limit)
        case (.delete, .notFound): return .done(Write(.deleted, target, at: .unknown))
        case (.delete, .conflict), (.patch, .conflict), (.patch, .notFound):
            return .stale(target)
        case (.patch, .invalid) where error.isAboutIdentity: return .stale(target)
        case (.apply, .conflict) where target.uid != nil: return .stale(target)
        default: return .failed(failure(error, target, disposition(error)))
        }
    }

    /// A create that meets an object of its name: done where it is ours by the controller's UID, as
    /// after a lost answer; refused where it is anybody else's.
    private func existing(
        _ object: JSONValue, _ type: ResourceType, _ target: ObjectRef, _ limit: Duration
    ) async -> ActionResult {
        let found: ObjectMeta
        do throws(APIError) {
            found = try await client.metadata(of: target, within: limit)
        } catch {
            if error.code == .notFound { return .stale(target) }
            return .failed(failure(error, target, disposition(error)))
        }
        let wanted = object[path: ["metadata", "ownerReferences"]]?.array?
            .first { $0["controller"]?.bool == true }?["uid"]?.string
        if let wanted, found.controller?.uid == UID(wanted) {
            let reference = ObjectRef(
                type: type, namespace: target.namespace, name: target.name,
                uid: found.uid)
            return .done(Write(.stored, reference, at: found.resourceVersion))
        }
        let owner = found.controller.map { "\($0.kind) \($0.name)" } ?? "nobody"
        return .failed(
            WriteFailure(
                .terminal, target: target, code: 409, reason: "AlreadyExists",
                message: "an object of this name exists and belongs to \(owner)"))
    }

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

    private func failure(
        _ error: APIError, _ target: ObjectRef, _ disposition: WriteFailure.Disposition
    ) -> WriteFailure {
        let reason = error.status?.reason ?? ""
        return WriteFailure(
            disposition, target: target, code: error.status?.code ?? 0,
            reason: reason.isEmpty ? error.code.rawValue : reason, message: error.description,
            causes: error.status?.causes ?? [])
    }

    private func refusal(_ action: Action, _ reason: String, _ message: String) -> WriteFailure {
        WriteFailure(.terminal, target: action.target, code: 0, reason: reason, message: message)
    }

    private func count(_ action: Action, _ result: ActionResult) {
        let word: String
        switch result {
        case .done: word = options.isDryRun ? "dry_run" : "done"
        case .stale: word = "stale"
        case .deposed: word = "deposed"
        case .failed(let failure):
            word = "failed"
            logger.info("write failed: \(action.permission.verb.rawValue) \(failure)")
        }
        metrics?.writes.increment([action.permission.verb.rawValue, action.type.kind, word])
    }
}

extension APIError {
    /// Whether a write was refused because the object of this name is another one.
    fileprivate var isAboutIdentity: Bool {
        status?.causes.contains { $0.field == "metadata.uid" } == true
    }
}
